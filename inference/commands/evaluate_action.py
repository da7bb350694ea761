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

from inference.classify.calibrate import select
from inference.classify.head import ActionHead
from inference.classify.metrics import compare
from inference.classify.ranking import rank_figures
from inference.classify.reliability import reliability
from inference.classify.train import HeadConfig, fit_head
from inference.commands import action_poses
from inference.commands.action_answers import Answers, Doubles, calibration, confidence_of
from inference.commands.action_examples import (
    ARID_LABELS,
    CopyConfig,
    LabelledClip,
    ReadPoses,
    examples,
    read_list,
    stored_vectors,
)
from inference.commands.common import add_pipeline_arguments, load_pipeline
from inference.errors import BadInput
from inference.pipeline import Pipeline
from inference.types import Poses

HELP = """Run the whole pipeline on labelled clips (lines 'id label path') and compare: accuracy,
top-5, macro F1, mAP, per class, confusion, calibration error, seconds. With --splits, train a head
on the takes that a split leaves in and measure it on those it holds out; the figure is macro
recall. Name the teacher's folder with --learn-from to train there as the shipped head does, and
still measure on our own skeletons."""


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

    def shares(self, poses: Poses, head: ActionHead) -> Doubles:
        """Probabilities [L] that the pipeline gives a clip, in the head's order; else zeros."""
        given = self.pipeline.classify(poses, head)[2]
        return np.array([given.get(label, 0.0) for label in head.labels])


def _answers(
    clips: list[LabelledClip], skeletons: list[Poses], head: ActionHead, sight: _Sight
) -> Answers:
    rows = [sight.shares(poses, head) for poses in skeletons]
    return Answers(clips, head.labels, np.array(rows).reshape(len(clips), len(head.labels)))


def _whole(clips: list[LabelledClip], sight: _Sight) -> dict[str, Any]:
    answers = _answers(clips, [sight.read(clip) for clip in clips], sight.pipeline.head, sight)
    wrong = {
        clip.name: f"{clip.label} as {answer}"
        for clip, answer in zip(clips, answers.said, strict=True)
        if clip.label != answer
    }
    sure = answers.given()
    confidence, right = confidence_of(sure, sure.shares)
    return {
        **compare(answers.truth, answers.said, answers.labels),
        **rank_figures(answers.truth, answers.shares, answers.labels),
        "reliability": reliability(confidence, right)["bins"],
        "unsure": select(confidence, right, sight.pipeline.head.unsure_below),
        "wrong": wrong,
    }


def _splits(args: argparse.Namespace, clips: list[LabelledClip], sight: _Sight) -> dict[str, Any]:
    """Macro recall [splits, seeds] of heads trained without a split's takes."""
    splits = _read_splits(args.splits)
    answers = [list(_held_out(args, clips, sight, set(takes))) for takes in splits]
    recalls = np.array(
        [[compare(a.truth, a.said, a.labels)["macro_recall"] for a in each] for each in answers]
    )
    means = recalls.mean(axis=1)
    ranks = [rank_figures(a.truth, a.shares, a.labels) for each in answers for a in each]
    pooled = [answer for each in answers for answer in each]
    return {
        "macro_recall": float(recalls.mean()),
        "spread_over_splits": float(means.std()),
        "spread_over_seeds": float(recalls.mean(axis=0).std()),
        "by_split": [round(float(mean), 4) for mean in means],
        "seeds": args.seeds,
        "map": float(np.mean([rank["map"] for rank in ranks])),
        "confusion": compare(
            [name for answer in pooled for name in answer.truth],
            [name for answer in pooled for name in answer.said],
            pooled[0].labels,
        )["confusion"],
        "calibration": _calibration([each[0] for each in answers]),
    }


def _calibration(folds: list[Answers]) -> dict[str, Any] | None:
    """None where there is no other fold with the same labels to calibrate on."""
    same = len(folds) > 1 and len({fold.labels for fold in folds}) == 1
    return calibration(folds) if same else None


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
) -> Iterator[Answers]:
    """What heads of all seeds say of the held-out takes."""
    known = [clip for clip in clips if clip.group not in takes]
    asked = [clip for clip in clips if clip.group in takes]
    if not known or not asked:
        raise BadInput("bad_splits", f"Expected clips in and outside of {sorted(takes)}.")
    data, _ = examples(
        known,
        action_poses.stored(args.learn_from) if args.learn_from else sight.read,
        split="train",
        config=CopyConfig(args.copies),
        cache=stored_vectors(args.work, args.learn_from) if args.learn_from else sight.cache,
    )
    config = replace(HeadConfig(), epochs=args.epochs)
    skeletons = [sight.read(clip) for clip in asked]
    for seed in range(args.seeds):
        head = fit_head(data, config, seed=seed).head
        answers = _answers(asked, skeletons, head, sight)
        recall = compare(answers.truth, answers.said, head.labels)["macro_recall"]
        print(f"seed {seed}: {recall:.4f}", file=sys.stderr, flush=True)
        yield answers


def _lines(report: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {json.dumps(value)}" for name, value in report.items())
