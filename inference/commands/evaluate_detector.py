"""``evaluate-detector``: measures person detection against reference boxes, take by take."""

from __future__ import annotations

import argparse
import importlib.util
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch

from inference.config import WEIGHTS, PipelineConfig
from inference.detect import dataset
from inference.detect.detector import PersonDetector
from inference.detect.evaluate import Score, compare
from inference.enhance.adaptive import TREATMENTS, AdaptiveExposure, Treatment
from inference.errors import BadInput
from inference.track.link import boxes_by_frame, track
from inference.types import Pixels
from inference.video.frames import read_clip

HELP = """Measure recall and precision at IoU 0.5 against a teacher's boxes: of single frames with
scores from --least-score, and after tracking; on frames as they are, then darkened by the data
folder's darken.py, then after each treatment of --enhance. Clips without reference are left out."""

LEAST_SCORE = 0.3
"""Least score of single frames' boxes where none is asked for: the lowest multiple of 0.05 at which
precision on held-out takes is at least 72 %."""

Change = Callable[[Pixels, str], Pixels]
"""Frames uint8 [T, H, W, 3] and their clip's name → frames."""

Figures = dict[str, dict[str, dict[str, float]]]
"""``frames`` and ``tracked``, each with a line for every take and one for ``all``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with clips and boxes")
    add("--weights", type=Path, default=WEIGHTS / "detector.safetensors")
    add("--hold-out", type=split_number, default=0, help="split to measure, or 'none': all clips")
    add("--least-score", type=float, default=LEAST_SCORE, help="of single frames")
    add("--darken", type=float, nargs="*", default=[], help="f-stops taken away, one figure each")
    add(
        "--enhance",
        nargs="*",
        choices=["auto", *sorted(TREATMENTS)],
        default=["auto"],
        help="treatments; auto: each clip's, as the pipeline decides",
    )
    add("--every", type=int, default=1, help="look at every n-th frame only, with its neighbours")
    add("--clips", type=int, default=1, help="measure every n-th clip only")
    add("--briefly", action="store_true", help="no lines for single takes")
    add("--threads", type=int, default=1)
    add("--device", default="cpu")


def run(args: argparse.Namespace) -> int:
    """Measure and print JSON, one line for each condition."""
    cv2.setNumThreads(1)
    torch.set_num_threads(args.threads)
    detector = PersonDetector.load(args.weights, device=args.device)
    takes = dataset.held_out_takes(args.data, args.hold_out)
    for name, change in conditions(args.data, args.darken, args.enhance):
        part = (args.every, args.clips)
        figures = measure(detector, args.data, takes, args.least_score, change, part)
        if args.briefly:
            figures = {kind: {"all": lines["all"]} for kind, lines in figures.items()}
        print(json.dumps({name: figures}), flush=True)
    return 0


def conditions(
    data: Path, darken: Sequence[float], enhance: Sequence[Treatment | Literal["auto"]]
) -> Iterator[tuple[str, Change]]:
    """What is done to the frames of each measurement, with its name.

    Raises:
        BadInput: the data folder has no ``darken.py`` and it is asked for.
    """
    for stops in (None, *darken):
        dark = None if stops is None else _darkening(data / "darken.py", stops)
        for treatment in enhance:
            name = "original" if stops is None else f"darken({stops:g})"
            yield name if treatment == "auto" else f"{name} {treatment}", _Change(dark, treatment)


def measure(
    detector: PersonDetector,
    data: Path,
    takes: frozenset[str],
    least_score: float,
    change: Change | None = None,
    part: tuple[int, int] = (1, 1),
) -> Figures:
    """Recall and precision at IoU 0.5 against the teacher's boxes, per take and in all.

    Args:
        detector: with its own, lower threshold, which the tracker sees.
        data: folder with clips and boxes.
        takes: what to measure; all clips if empty.
        least_score: of single frames' boxes.
        change: done to each clip's frames first; told the clip's name.
        part: every so many frames and clips are looked at. The tracker wants every frame, and is
            left out otherwise.
    """
    every = part[0]
    frames: dict[str, Score] = {}
    tracked: dict[str, Score] = {}
    for path, teacher in dataset.clips_of(data, takes, only=bool(takes))[:: part[1]]:
        take, clip = dataset.take_of(path.stem), read_clip(path)
        wanted = dataset.teacher_boxes(teacher)
        count = min(len(clip.frames), len(wanted))
        at = range(0, count, every)
        pixels = clip.frames
        if change is not None:
            pixels = change(pixels, path.stem)
        found = detector.detect(pixels, at=at)
        sure = [f.boxes_xyxy[f.scores >= least_score] for f in found]
        frames[take] = frames.get(take, Score()) + compare(sure, [wanted[t] for t in at])
        if every == 1:
            followed = boxes_by_frame(track(found, clip.size))
            tracked[take] = tracked.get(take, Score()) + compare(followed, wanted[:count])
    tables = {"frames": _table(frames), "tracked": _table(tracked)}
    return {kind: table for kind, table in tables.items() if kind == "frames" or every == 1}


@dataclass(frozen=True)
class _Change:
    """Darkens frames, then treats them."""

    darken: Callable[[Pixels, str], Pixels] | None
    treatment: Treatment | Literal["auto"]

    def __call__(self, frames: Pixels, clip: str) -> Pixels:
        dark = frames if self.darken is None else self.darken(frames, clip)
        if self.treatment == "auto":
            return AdaptiveExposure(PipelineConfig().detector_eyes)(dark)
        return TREATMENTS[self.treatment](dark)


def _darkening(path: Path, stops: float) -> Callable[[Pixels, str], Pixels]:
    """The data folder's own definition of darker; its noise follows from the clip's name."""
    spec = importlib.util.spec_from_file_location("darken", path)
    if spec is None or spec.loader is None or not path.exists():
        raise BadInput("no_darken", f"Expected darken(frame, stops, rng) in {path}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def darkened(frames: Pixels, clip: str) -> Pixels:
        rng = np.random.default_rng(zlib.crc32(clip.encode()))
        return np.stack([module.darken(frame, stops, rng) for frame in frames])

    return darkened


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


def _table(scores: dict[str, Score]) -> dict[str, dict[str, float]]:
    total = sum(scores.values(), Score())
    return {name: score.as_dict() for name, score in (*sorted(scores.items()), ("all", total))}
