"""What each step from the published features to the shipped action head is worth, in one table.

``python -m tests.bench.action_ablation --data ../shared/data``. Every row trains on stored
skeletons (the teacher's unless ``--skeletons`` names others) and is measured twice: trained on all
150 clips, accuracy on the 45 ``dev`` tracks; trained without a split's takes, macro recall on them,
mean over the splits. Mean and standard deviation are over seeds (the members of one ensemble, each
by itself; for the last row over ensembles).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inference.classify.data import TrainingData
from inference.classify.head import ActionHead
from inference.classify.metrics import compare
from inference.classify.train import HeadConfig, fit_head
from inference.commands import action_poses
from inference.commands.action_examples import (
    ARID_LABELS,
    CopyConfig,
    LabelledClip,
    describe_copies,
    main_spans,
    read_list,
)
from inference.features.legacy import legacy_features
from inference.features.vector import describe
from inference.features.windows import normalise
from inference.types import Floats, Poses

MEMBERS = 5
FRAMES = 10

Describe = Callable[[LabelledClip, Poses], Floats]
"""Vectors [N, F] of a clip, its own first."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    describe: Describe
    averaged: bool = False  # the vectors of the row before, several networks averaged


def main() -> int:
    args = _arguments()
    data = args.data
    known = read_list(data / "arid/train.txt", data / "arid/train", ARID_LABELS)
    asked = read_list(data / "arid/dev.txt", data / "teacher/dev", ARID_LABELS)
    train = action_poses.stored(args.skeletons or data / "teacher/train")
    dev = action_poses.stored(data / "teacher/dev")
    splits = json.loads((data / "arid/train_folds.json").read_text())["class_complete_splits"]
    config = replace(HeadConfig(), epochs=args.epochs)
    print(f"{'':42}{'dev (45)':>16}{f'{args.splits} splits':>16}  cpu-s", flush=True)
    own: dict[str, Floats] = {}
    for row in _rows(args.copies):
        began = time.process_time()
        if not row.averaged:
            own = {clip.name: row.describe(clip, train(clip)) for clip in known}
        examined = {clip.name: row.describe(clip, dev(clip))[:1] for clip in asked}
        on_dev = _measure(known, own, asked, examined, row, config, args.seeds, "accuracy")
        held_out = np.mean([_held_out(known, own, row, config, args.seeds, set(takes))
                            for takes in splits[: args.splits]], axis=0)  # fmt: skip
        print(f"{row.name:42}{_said(on_dev):>16}{_said(held_out):>16}"
              f"{time.process_time() - began:7.0f}", flush=True)  # fmt: skip
    print("+ embedding of the pose backbone: not done", flush=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with arid/ and teacher/")
    add("--skeletons", type=Path, help="take the 150 clips' skeletons from DIR/NAME.npz instead")
    add("--splits", type=int, default=4, help="how many of the four splits")
    add("--seeds", type=int, default=5, help="ensembles of the last row")
    add("--copies", type=int, default=CopyConfig().copies, help="varied copies of each clip")
    add("--epochs", type=int, default=HeadConfig().epochs)
    return parser.parse_args(sys.argv[1:])


def _rows(copies: int) -> list[Row]:
    raw = CopyConfig(copies, smooth=None)
    return [
        Row("published 280 features", lambda clip, poses: legacy_features(poses)[None]),
        Row("+ scale and trajectory", lambda clip, poses: _frames(poses)[None]),
        Row("+ velocities", lambda clip, poses: _moving(poses)[None]),
        Row("+ statistics and cadence", lambda clip, poses: _everything(poses)[None]),
        Row(
            "without single frames and legs: shipped", lambda clip, poses: _statistics(poses)[None]
        ),
        Row("+ augmentation", lambda clip, poses: describe_copies(clip, poses, raw)),
        Row("+ copies as the pipeline steadies them", _copied(CopyConfig(copies))),
        Row("+ seeds (5 averaged)", _copied(CopyConfig(copies)), averaged=True),
    ]


def _copied(config: CopyConfig) -> Describe:
    return lambda clip, poses: describe_copies(clip, poses, config)


def _frames(poses: Poses) -> Floats:
    """Ten moments, even in time: joints by the body's measure and the box's place and size."""
    return _moments(poses).reshape(-1)


def _moments(poses: Poses) -> Floats:
    """float32 [10, 38]."""
    window = normalise(poses, main_spans(poses)[0])
    at = np.linspace(0, len(window.joints) - 1, FRAMES).round().astype(int)
    joints = window.joints[at].reshape(FRAMES, -1)
    moments: Floats = np.concatenate([joints, window.boxes[at]], axis=1).astype(np.float32)
    return moments


def _moving(poses: Poses) -> Floats:
    """The same with its change from moment to moment."""
    moments = _moments(poses)
    change = np.diff(moments, axis=0)
    moving: Floats = np.concatenate([moments.reshape(-1), change.reshape(-1)])
    return moving


def _statistics(poses: Poses) -> Floats:
    row: Floats = describe(poses, main_spans(poses)[:1])[0]
    return row


def _everything(poses: Poses) -> Floats:
    everything: Floats = np.concatenate([_moving(poses), _statistics(poses)])
    return everything


def _held_out(
    clips: list[LabelledClip],
    vectors: dict[str, Floats],
    row: Row,
    config: HeadConfig,
    seeds: int,
    takes: set[str],
) -> list[float]:
    known = [clip for clip in clips if clip.group not in takes]
    asked = [clip for clip in clips if clip.group in takes]
    examined = {clip.name: vectors[clip.name][:1] for clip in asked}
    return _measure(known, vectors, asked, examined, row, config, seeds, "macro_recall")


def _measure(
    known: list[LabelledClip],
    vectors: dict[str, Floats],
    asked: list[LabelledClip],
    examined: dict[str, Floats],
    row: Row,
    config: HeadConfig,
    seeds: int,
    figure: str,
) -> list[float]:
    """The figure of every seed: single networks, or averages of ``MEMBERS``."""
    members = MEMBERS * seeds if row.averaged else MEMBERS
    data = _data(known, vectors)
    head = fit_head(data, replace(config, members=members), labels=ARID_LABELS).head
    size = MEMBERS if row.averaged else 1
    features = np.concatenate([examined[clip.name] for clip in asked])
    truth = [clip.label for clip in asked]
    figures = []
    for first in range(0, members, size):
        part = _members(head, first, first + size)
        said = [part.labels[i] for i in part.probabilities(features).argmax(axis=1)]
        figures.append(float(compare(truth, said)[figure]))  # type: ignore[literal-required]
    return figures


def _data(clips: Sequence[LabelledClip], vectors: dict[str, Floats]) -> TrainingData:
    counts = [len(vectors[clip.name]) for clip in clips]
    weights = np.concatenate([np.full(n, 1 / n) for n in counts]).astype(np.float32)
    return TrainingData(
        np.concatenate([vectors[clip.name] for clip in clips]),
        [clip.label for clip, n in zip(clips, counts, strict=True) for _ in range(n)],
        [clip.group for clip, n in zip(clips, counts, strict=True) for _ in range(n)],
        ["train"] * sum(counts),
        weights,
    )


def _members(head: ActionHead, first: int, last: int) -> ActionHead:
    return replace(
        head,
        weights=tuple(weight[first:last] for weight in head.weights),
        biases=tuple(bias[first:last] for bias in head.biases),
    )


def _said(values: Sequence[float]) -> str:
    return f"{100 * np.mean(values):.1f} ± {100 * np.std(values):.1f}"


if __name__ == "__main__":
    raise SystemExit(main())
