"""``evaluate-action``: how often the whole pipeline names the action of labelled clips rightly."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from inference.classify.head import ActionHead
from inference.classify.metrics import compare
from inference.classify.train import HeadConfig, fit_head
from inference.commands import action_poses
from inference.commands.action_examples import (
    ARID_LABELS,
    CopyConfig,
    LabelledClip,
    ReadPoses,
    examples,
    read_list,
)
from inference.commands.common import add_pipeline_arguments, load_pipeline
from inference.errors import BadInput
from inference.pipeline import Pipeline
from inference.types import Poses

HELP = """Run the whole pipeline on labelled clips (lines 'id label path') and compare. With
--splits, train a head on the takes that a split leaves in and measure it on those it holds out;
the figure is macro recall. Name the teacher's folder with --learn-from to train there as the
shipped head does, and still measure on our own skeletons."""

NOBODY = "(nobody found)"
"""Stands for the answer where no person was found; always wrong."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("--root", type=Path, required=True, help="folder that the list's paths are below")
    add("--list", type=Path, required=True, metavar="FILE", help="lines 'id label path'")
    add("--labels", default=",".join(ARID_LABELS), help="what numbers as labels stand for")
    add("--head", type=Path, metavar="F", help="action head to measure")
    add("--stored", type=Path, metavar="DIR", help="take skeletons from DIR/NAME.npz instead")
    add("--work", type=Path, default=Path("var/train-action"), help="keeps poses and vectors")
    add(
        "--splits",
        type=Path,
        metavar="FILE",
        help="JSON with class_complete_splits: lists of takes",
    )
    add("--learn-from", type=Path, metavar="DIR", help="train the splits on DIR/NAME.npz instead")
    add("--seeds", type=int, default=5, help="trainings of each split")
    add("--copies", type=int, default=CopyConfig().copies, help="varied copies of each clip")
    add("--json", action="store_true", help="one JSON object instead of lines")
    add("--epochs", type=int, default=HeadConfig().epochs, help="of the head's training")
    add_pipeline_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Measure, then print."""
    started = time.monotonic()
    clips = read_list(args.list, args.root, args.labels.split(","))
    if not clips:
        raise BadInput("bad_list", f"Expected at least one clip in {args.list}.")
    pipeline = load_pipeline(args, action=args.head)
    read = action_poses.own(pipeline, args.work)
    cache = args.work / "vectors" / pipeline.fingerprint[:16]
    if args.stored:
        read, cache = action_poses.stored(args.stored), None
    sight = _Sight(pipeline, read, cache)
    report = _splits(args, clips, sight) if args.splits else _whole(clips, sight)
    report["clips"] = len(clips)
    report["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(report) if args.json else _lines(report))
    return 0


@dataclass(frozen=True)
class _Sight:
    """How clips are looked at."""

    pipeline: Pipeline
    read: ReadPoses
    cache: Path | None

    def label(self, poses: Poses, head: ActionHead) -> str:
        """What the pipeline says of a clip."""
        return self.pipeline.classify(poses, head)[1] or NOBODY


def _whole(clips: list[LabelledClip], sight: _Sight) -> dict[str, Any]:
    head = sight.pipeline.head
    said = [sight.label(sight.read(clip), head) for clip in clips]
    wrong = {
        clip.name: f"{clip.label} as {answer}"
        for clip, answer in zip(clips, said, strict=True)
        if clip.label != answer
    }
    return {**compare([clip.label for clip in clips], said, head.labels), "wrong": wrong}


def _splits(args: argparse.Namespace, clips: list[LabelledClip], sight: _Sight) -> dict[str, Any]:
    """Macro recall [splits, seeds] of heads trained without a split's takes."""
    recalls = np.array(
        [list(_held_out(args, clips, sight, set(takes))) for takes in _read_splits(args.splits)]
    )
    means = recalls.mean(axis=1)
    return {
        "macro_recall": float(recalls.mean()),
        "spread_over_splits": float(means.std()),
        "spread_over_seeds": float(recalls.mean(axis=0).std()),
        "by_split": [round(float(mean), 4) for mean in means],
        "seeds": args.seeds,
    }


def _read_splits(path: Path) -> list[list[str]]:
    try:
        splits = json.loads(path.read_text())["class_complete_splits"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            "bad_splits", f"Expected JSON with class_complete_splits in {path}: {error}."
        ) from error
    return [[str(take) for take in takes] for takes in splits]


def _held_out(
    args: argparse.Namespace, clips: list[LabelledClip], sight: _Sight, takes: set[str]
) -> Iterator[float]:
    """Macro recall on the held-out takes, one for each seed."""
    known = [clip for clip in clips if clip.group not in takes]
    asked = [clip for clip in clips if clip.group in takes]
    if not known or not asked:
        raise BadInput("bad_splits", f"Expected clips in and outside of {sorted(takes)}.")
    data, _ = examples(
        known,
        action_poses.stored(args.learn_from) if args.learn_from else sight.read,
        split="train",
        config=CopyConfig(args.copies),
        cache=None if args.learn_from else sight.cache,
    )
    config = replace(HeadConfig(), epochs=args.epochs)
    skeletons = [sight.read(clip) for clip in asked]
    for seed in range(args.seeds):
        head = fit_head(data, config, seed=seed).head
        said = [sight.label(poses, head) for poses in skeletons]
        metrics = compare([clip.label for clip in asked], said, head.labels)
        print(f"seed {seed}: {metrics['macro_recall']:.4f}", file=sys.stderr, flush=True)
        yield metrics["macro_recall"]


def _lines(report: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {json.dumps(value)}" for name, value in report.items())
