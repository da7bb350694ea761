"""``evaluate-detector``: measures person detection against reference boxes, take by take."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from inference.config import WEIGHTS
from inference.detect import dataset
from inference.detect.detector import PersonDetector
from inference.detect.evaluate import Score, compare
from inference.track.link import boxes_by_frame, track
from inference.types import Floats
from inference.video.frames import read_clip

HELP = "Measure recall and precision at IoU 0.5 against a teacher's boxes: of single frames with"
HELP += " scores from --least-score, and after tracking. Clips without reference are left out."

LEAST_SCORE = 0.35
"""Least score of single frames' boxes where none is asked for."""

Figures = dict[str, dict[str, dict[str, float]]]
"""``frames`` and ``tracked``, each with a line for every take and one for ``all``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with clips and boxes")
    add("--weights", type=Path, default=WEIGHTS / "detector.safetensors")
    add("--hold-out", type=split_number, default=0, help="split to measure, or 'none': all clips")
    add("--least-score", type=float, default=LEAST_SCORE, help="of single frames")
    add("--threads", type=int, default=1)
    add("--device", default="cpu")


def run(args: argparse.Namespace) -> int:
    """Measure and print JSON."""
    torch.set_num_threads(args.threads)
    detector = PersonDetector.load(args.weights, device=args.device)
    takes = dataset.held_out_takes(args.data, args.hold_out)
    print(json.dumps(measure(detector, args.data, takes, args.least_score), indent=1))
    return 0


def measure(
    detector: PersonDetector, data: Path, takes: frozenset[str], least_score: float
) -> Figures:
    """Recall and precision at IoU 0.5 against the teacher's boxes, per take and in all.

    Args:
        detector: with its own, lower threshold, which the tracker sees.
        data: folder with clips and boxes.
        takes: what to measure; all clips if empty.
        least_score: of single frames' boxes.
    """
    frames: dict[str, Score] = {}
    tracked: dict[str, Score] = {}
    for clip, teacher in dataset.clips_of(data, takes, only=bool(takes)):
        take = dataset.take_of(clip.stem)
        alone, followed = _measure(detector, clip, teacher, least_score)
        frames[take] = frames.get(take, Score()) + alone
        tracked[take] = tracked.get(take, Score()) + followed
    return {"frames": _table(frames), "tracked": _table(tracked)}


def split_number(text: str) -> int | None:
    """``"none"`` → None, ``"0"`` → 0.

    Raises:
        argparse.ArgumentTypeError: the text is neither.
    """
    if text == "none":
        return None
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"expected a number or 'none', got {text!r}")
    return int(text)


def _measure(
    detector: PersonDetector, clip_path: Path, teacher: Path, least_score: float
) -> tuple[Score, Score]:
    """Scores of one clip: single frames, and after tracking."""
    clip, wanted = read_clip(clip_path), dataset.teacher_boxes(teacher)
    found = detector.detect(clip.frames)
    sure = [f.boxes_xyxy[f.scores >= least_score] for f in found]
    followed = boxes_by_frame(track(found, clip.size))
    return _compare(sure, wanted), _compare(followed, wanted)


def _compare(found: list[Floats], wanted: list[Floats]) -> Score:
    count = min(len(found), len(wanted))
    return compare(found[:count], wanted[:count])


def _table(scores: dict[str, Score]) -> dict[str, dict[str, float]]:
    total = sum(scores.values(), Score())
    return {name: score.as_dict() for name, score in (*sorted(scores.items()), ("all", total))}
