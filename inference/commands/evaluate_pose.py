"""Measures the pose network against a teacher's keypoints on takes that it never saw."""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from inference.commands import evaluate_posetrack
from inference.commands.pose_sources import read_frames
from inference.errors import BadInput
from inference.pose import dataset
from inference.pose.config import DCPoseConfig
from inference.pose.dcpose import DCPose
from inference.pose.estimator import PoseEstimator
from inference.pose.evaluate import (
    Agreement,
    Darken,
    Truth,
    agreement,
    darkened,
    load_truth,
    single_frame,
)
from inference.weights_file import load_weights

HELP = """Percentage of keypoints within 0.2 torso lengths of the teacher's (score above 0.3), on
the teacher's boxes and frames as they are, for the clips of the held-out takes; for three frames
and for single frames, and with the frames darkened by the data folder's darken.py."""

WEIGHTS = Path(__file__).parents[1] / "weights" / "pose.safetensors"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``evaluate-pose``."""
    add = parser.add_argument
    add("--data", type=Path, help="folder with clips and keypoints")
    add("--weights", type=Path, default=WEIGHTS)
    add("--split", type=int, default=0, help="which of class_complete_splits is held out")
    add("--stride", type=int, default=1, help="look at every n-th person of each clip")
    add("--darken", type=float, nargs="*", default=[], help="f-stops taken away, one figure each")
    add("--skip-single", action="store_true", help="three frames only")
    add("--device", default="auto")
    add("--json", action="store_true", help="one JSON object instead of lines")
    evaluate_posetrack.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run ``evaluate-pose``."""
    if args.posetrack:
        return evaluate_posetrack.run(args)
    if not args.data:
        raise BadInput("no_data", "Expected --data DIR or --posetrack GT.")
    cv2.setNumThreads(1)
    truths = _truths(args)
    networks = {"three_frames": _network(args.weights)}
    if not args.skip_single:
        networks["single_frame"] = single_frame(_network(args.weights))
    estimators = {name: PoseEstimator(net, args.device) for name, net in networks.items()}
    report: dict[str, Any] = {
        "clips": len(truths),
        "people": sum(len(truth.frame) for truth in truths),
        "stride": args.stride,
    }
    for condition, darken in _conditions(args):
        seen = truths if darken is None else [darkened(truth, darken) for truth in truths]
        for name, estimator in estimators.items():
            started = time.monotonic()
            found = agreement(estimator, seen)
            figures = _figures(found, full=condition == "original") | {
                "seconds": round(time.monotonic() - started, 1)
            }
            report[f"{name} {condition}"] = figures
            if not args.json:
                print(f"{name} {condition}: {json.dumps(figures)}", flush=True)
    print(
        json.dumps(report) if args.json else f"{report['clips']} clips, {report['people']} people"
    )
    return 0


def _truths(args: argparse.Namespace) -> list[Truth]:
    held = dataset.held_out_takes(args.data, args.split)
    loaded = (
        load_truth(clip, dataset.teacher_file(args.data, clip), read_frames, stride=args.stride)
        for clip in dataset.clip_paths(args.data, without=held, only=True)
    )
    truths = [truth for truth in loaded if truth]
    if not truths:
        raise BadInput("no_data", f"Expected clips of {sorted(held)} in {args.data}, found none.")
    return truths


def _network(weights: Path) -> DCPose:
    state, card = load_weights(weights)
    network = DCPose(DCPoseConfig.from_dict(card["config"]))
    network.load_state_dict(state)
    return network.eval()


def _conditions(args: argparse.Namespace) -> Iterator[tuple[str, Darken | None]]:
    yield "original", None
    for stops in args.darken:
        yield f"darken({stops:g})", _darken(args.data / "darken.py", stops)


def _darken(path: Path, stops: float) -> Darken:
    """The data folder's own definition of darker, with a fixed seed."""
    spec = importlib.util.spec_from_file_location("darken", path)
    if spec is None or spec.loader is None or not path.exists():
        raise BadInput("no_darken", f"Expected darken(frame, stops, rng) in {path}.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rng = np.random.default_rng(0)
    return lambda frame: np.asarray(module.darken(frame, stops, rng), np.uint8)


def _figures(found: Agreement, *, full: bool) -> dict[str, Any]:
    by_clip = found.pck_by_clip
    figures: dict[str, Any] = {
        "pck": round(found.pck, 2),
        "clip_mean": round(float(np.mean(by_clip)), 2),
        "clip_standard_error": round(float(np.std(by_clip) / len(by_clip) ** 0.5), 2),
        "score_auc": round(found.score_auc, 3),
    }
    if full:
        figures["keypoints"] = len(found.right)
        figures["by_joint"] = {k: round(v, 1) for k, v in found.pck_by_joint.items()}
    return figures
