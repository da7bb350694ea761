"""``train-action``: makes the base set of examples and the action head that ship with the product.

Retraining in a project does not come here: it joins the base set with the project's corrections.

The teacher's skeletons are the default: heads trained on them were better than those trained on
our own or on both, also on our own skeletons of takes never seen (figures in the head's card).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inference.classify.base import BASE_FILE, HEAD_FILE, load_base, save_base
from inference.classify.data import TrainingData
from inference.classify.train import FitResult, HeadConfig, fit_head
from inference.commands import action_poses
from inference.commands.action_examples import (
    ARID_LABELS,
    CopyConfig,
    ReadPoses,
    examples,
    read_list,
    stored_vectors,
)
from inference.commands.common import add_pipeline_arguments, load_pipeline
from inference.config import WEIGHTS, PipelineConfig
from inference.feature_version import FEATURE_VERSION
from inference.weights_file import load_card

HELP = """Describe labelled clips by their skeletons, write that as the base set of examples, and
train the action head on it. The data folder holds arid/train.txt with clips in arid/train, and
stored skeletons in teacher/train and teacher/dev; those of arid/dev.txt are only measured on.
Poses and vectors are kept in the working folder, so a stopped run goes on where it was."""

SOURCES = {"own": ("own",), "teacher": ("teacher",), "both": ("own", "teacher")}
DATA = [
    {
        "name": "ARID (Xu et al., 2020): 150 clips of 6 actions to train on, 45 to measure on",
        "licence": "CC BY 4.0",
    }
]
SKELETONS = {
    "own": "this product's detector, tracker and pose network",
    "teacher": "MoveNet MultiPose and Thunder (Apache-2.0)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with arid/ and teacher/")
    add("--poses", choices=sorted(SOURCES), default="teacher", help="skeletons to train on")
    add("--work", type=Path, default=Path("var/train-action"), help="keeps poses and vectors")
    add("--out", type=Path, default=WEIGHTS, help="folder for the base set and the head")
    add("--copies", type=int, default=CopyConfig().copies, help="varied copies of each clip")
    add("--seed", type=int, default=0)
    add("--epochs", type=int, default=HeadConfig().epochs, help="of the head's training")
    add_pipeline_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Make the base set, train the head, print its figures as one JSON object."""
    args.out.mkdir(parents=True, exist_ok=True)
    base = args.out / BASE_FILE.name
    data, left_out = collect(args)
    save_base(base, data, _base_card(args, left_out))
    result = fit_head(load_base(base), _config(args), seed=args.seed, on_epoch=_say)
    head = args.out / HEAD_FILE.name
    card = _head_card(args, result, hashlib.sha256(base.read_bytes()).hexdigest())
    result.head.save(head, card)
    complete = {**card, "sha256": hashlib.sha256(head.read_bytes()).hexdigest()}
    text = json.dumps(complete, indent=2, ensure_ascii=False) + "\n"
    head.with_suffix(".json").write_text(text)
    print(json.dumps(complete["figures"]))
    return 0


def collect(args: argparse.Namespace) -> tuple[TrainingData, dict[str, list[str]]]:
    """Describe all clips.

    Returns:
        (training examples and the fixed examination, names of the training clips in which each
        source of skeletons found nobody).
    """
    arid, teacher = args.data / "arid", args.data / "teacher"
    clips = read_list(arid / "train.txt", arid / "train", ARID_LABELS)
    readers: dict[str, ReadPoses] = {}
    sources = SOURCES[args.poses]
    folders = {"teacher": stored_vectors(args.work, teacher / "train")}
    if "own" in sources:
        pipeline = load_pipeline(args)
        readers["own"] = action_poses.own(pipeline, args.work)
        folders["own"] = args.work / "vectors" / pipeline.fingerprint[:16]
    readers["teacher"] = action_poses.stored(teacher / "train")
    data, _ = examples(
        read_list(arid / "dev.txt", teacher / "dev", ARID_LABELS),
        action_poses.stored(teacher / "dev"),
        split="eval",
        config=CopyConfig(copies=0),
        prefix="arid-dev/",
    )
    left_out = {}
    for source in sources:
        part, left_out[source] = examples(
            clips,
            readers[source],
            split="train",
            config=CopyConfig(copies=args.copies, seed=args.seed),
            cache=folders[source],
            prefix="arid/",
            weight=1 / len(sources),
        )
        data = data.join(part)
    return data, left_out


def _base_card(args: argparse.Namespace, left_out: dict[str, list[str]]) -> dict[str, Any]:
    skeletons = {source: SKELETONS[source] for source in SOURCES[args.poses]}
    models = {}
    if "own" in skeletons:
        config = PipelineConfig()
        paths = {"detector": args.detector or config.detector, "pose": args.pose or config.pose}
        models = {name: load_card(path)["sha256"] for name, path in paths.items()}
    return {
        "name": "nightjar-action-base",
        "task": "described spans that every action head starts from",
        "data": DATA,
        "skeletons": skeletons | {"evaluation": SKELETONS["teacher"]},
        "models": models,
        "recipe": {
            "command": f"python -m inference train-action --poses {args.poses}",
            "copies": asdict(CopyConfig(copies=args.copies, seed=args.seed)),
        },
        "clips_without_people": left_out,
        "seed": args.seed,
        "date": _today(),
    }


def _head_card(args: argparse.Namespace, result: FitResult, base_sha256: str) -> dict[str, Any]:
    metrics = result.metrics
    return {
        "name": "nightjar-action-head",
        "task": "action of a span of one person's skeletons",
        "labels": list(result.head.labels),
        "feature_version": FEATURE_VERSION,
        "data": DATA,
        "recipe": {
            "command": f"python -m inference train-action --poses {args.poses}",
            "base_features_sha256": base_sha256,
            "config": asdict(_config(args)),
        },
        "seed": args.seed,
        "temperature": round(result.head.temperature, 3),
        "unsure_below": round(result.head.unsure_below, 3),
        "figures": {
            "on": "45 other ARID clips in other places, the teacher's skeletons",
            "accuracy": round(metrics["accuracy"], 4),
            "macro_f1": round(metrics["macro_f1"], 4),
            "macro_recall": round(metrics["macro_recall"], 4),
            "confusion": metrics["confusion"],
        },
        "date": _today(),
    }


def _config(args: argparse.Namespace) -> HeadConfig:
    return replace(HeadConfig(), epochs=args.epochs)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _say(epoch: int, epochs: int, figures: Mapping[str, float]) -> None:
    numbers = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
    print(f"epoch {epoch}/{epochs}: {numbers}", file=sys.stderr, flush=True)
