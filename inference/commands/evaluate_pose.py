"""Measures the pose network against a teacher's keypoints on takes that it never saw."""

from __future__ import annotations

import argparse
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from inference.commands import evaluate_posetrack
from inference.commands.pose_sources import read_frames
from inference.config import PipelineConfig
from inference.enhance.adaptive import TREATMENTS, AdaptiveExposure, Eyes, Treatment
from inference.errors import BadInput
from inference.pipeline import Pipeline, pose_eyes
from inference.pose import dataset
from inference.pose.estimator import EstimatorConfig, PoseEstimator
from inference.pose.evaluate import (
    Agreement,
    Darken,
    Truth,
    darkened,
    judged,
    load_truth,
    single_frame,
    skeletons,
    steadied,
)
from inference.pose.load import load_network
from inference.pose.people_truth import SETS, load_people_truth
from inference.pose.smooth import SmoothConfig
from inference.skeleton import COCO17, convert, skeleton_named
from inference.track.geometry import overlaps
from inference.types import Clip, Floats, FrameTable, Pixels

HELP = """Percentage of keypoints within 0.2 torso lengths of the teacher's (score above 0.3), on
the teacher's boxes and frames as they are, for the clips of the held-out takes; for three frames
and for single frames, as the network gives them and steadied over time, and with the frames
darkened by the data folder's darken.py, then after each treatment of --enhance. --whole runs the
whole pipeline with its own boxes instead, --people takes pictures whose joints were marked by
hand."""

LEAST_OVERLAP = 0.5
"""Intersection over union from which a person of the pipeline is the teacher's."""

WEIGHTS = Path(__file__).parents[1] / "weights" / "pose.safetensors"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``evaluate-pose``."""
    add = parser.add_argument
    add("--data", type=Path, help="folder with clips and keypoints")
    add("--weights", type=Path, default=WEIGHTS)
    add("--split", type=int, default=0, help="which of class_complete_splits is held out")
    add("--clips", type=int, default=1, help="look at every n-th clip of each take")
    add("--stride", type=int, default=1, help="look at every n-th person of each clip")
    add("--darken", type=float, nargs="*", default=[], help="f-stops taken away, one figure each")
    add(
        "--enhance",
        nargs="*",
        choices=["auto", *sorted(TREATMENTS)],
        default=["auto"],
        help="treatments; auto: each clip's, as the pipeline decides",
    )
    add("--skip-single", action="store_true", help="three frames only")
    add("--whole", action="store_true", help="the whole pipeline, with its own boxes")
    add("--people", action="store_true", help="pictures with joints marked by hand (test part)")
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
    if args.people:
        report = Report({}, quiet=args.json)
        for name in SETS:
            _measure_people(args, name, report)
        return report.print()
    truths = _truths(args)
    people = sum(len(truth.frame) for truth in truths)
    report = Report({"clips": len(truths), "people": people, "stride": args.stride}, args.json)
    measure = _measure_whole if args.whole else _measure
    measure(args, truths, report)
    return report.print()


@dataclass
class Report:
    """Figures by name, printed as they come or as one JSON object at the end."""

    figures: dict[str, Any]
    quiet: bool

    def add(self, name: str, found: Agreement, *, full: bool = False) -> None:
        """Keep the figures of one measurement."""
        self.figures[name] = _figures(found, full=full)
        if not self.quiet:
            print(f"{name}: {json.dumps(self.figures[name])}", flush=True)

    def print(self) -> int:
        """Say everything, or what is left to say; returns the exit status."""
        counts = {key: value for key, value in self.figures.items() if isinstance(value, int)}
        print(json.dumps(self.figures if self.quiet else counts))
        return 0


def _measure(args: argparse.Namespace, truths: list[Truth], report: Report) -> None:
    """The network alone, on the teacher's boxes."""
    estimators = _estimators(args)
    for condition, seen in _seen(args, truths):
        for name, estimator in estimators.items():
            found = [skeletons(estimator, truth) for truth in seen]
            full = condition == "original"
            report.add(f"{name} {condition}", judged(found, seen), full=full)
            if args.stride == 1:
                steady = [
                    steadied(f, truth, SmoothConfig()) for f, truth in zip(found, seen, strict=True)
                ]
                report.add(f"{name} steadied {condition}", judged(steady, seen), full=full)


def _seen(args: argparse.Namespace, truths: list[Truth]) -> Iterator[tuple[str, list[Truth]]]:
    """The clips as the network gets to see them; all treatments meet the same darkness."""
    eyes = pose_eyes(load_network(args.weights)[0].config)
    for condition, darken in _conditions(args):
        dark = truths if darken is None else [darkened(truth, darken) for truth in truths]
        for treatment in args.enhance:
            name = condition if treatment == "auto" else f"{condition} {treatment}"
            yield name, [_treated(truth, treatment, eyes) for truth in dark]


def _treated(truth: Truth, treatment: Treatment | Literal["auto"], eyes: Eyes) -> Truth:
    """A clip whose frames are brightened as the exposure stage would."""
    given = (None, None) if treatment == "auto" else (treatment, False)
    stage = AdaptiveExposure(eyes, *given)
    return replace(truth, frames=stage(truth.frames))


def _measure_whole(args: argparse.Namespace, truths: list[Truth], report: Report) -> None:
    """The pipeline as it is, with its own boxes; people that it misses count as wrong."""
    config = replace(PipelineConfig(), pose=args.weights)
    pipeline = Pipeline.load(config, device=args.device)
    for condition, darken in _conditions(args):
        found = [_whole(pipeline, truth, darken) for truth in truths]
        report.add(f"whole {condition}", judged(found, truths), full=condition == "original")


def _whole(pipeline: Pipeline, truth: Truth, darken: Darken | None) -> Floats:
    """The pipeline's skeletons of the teacher's people, NaN where it has nobody."""
    frames = truth.frames if darken is None else np.stack([darken(f) for f in truth.frames])
    poses = pipeline.poses(_clip(truth.name, frames, truth.fps))
    keypoints = convert(poses.keypoints, skeleton_named(poses.skeleton), COCO17)
    found = np.full_like(truth.keypoints, np.nan)
    for row, (frame, box) in enumerate(zip(truth.frame, truth.boxes_xyxy, strict=True)):
        boxes = poses.tracks.boxes_xyxy[:, frame]
        there = np.flatnonzero(~np.isnan(boxes[:, 0]))
        shared = overlaps(boxes[there].astype(np.float64), box[None].astype(np.float64))[:, 0]
        if len(there) and shared.max() >= LEAST_OVERLAP:
            found[row] = keypoints[there[shared.argmax()], frame]
    return found


def _clip(name: str, frames: Pixels, fps: float) -> Clip:
    """Frames at even times."""
    rate = Fraction(fps).limit_denominator(1001)
    table = FrameTable(np.arange(len(frames)), len(frames), 1 / rate, rate)
    return Clip(name, frames, table)


def _measure_people(args: argparse.Namespace, name: str, report: Report) -> None:
    """Pictures marked by hand, the teacher's figure beside ours."""
    truths, teacher = load_people_truth(args.data, name)
    report.add(f"{name} teacher original", judged(teacher, truths))
    for condition, darken in _conditions(args):
        seen = truths if darken is None else [darkened(truth, darken) for truth in truths]
        for which, estimator in _estimators(args).items():
            found = [skeletons(estimator, truth) for truth in seen]
            report.add(f"{name} {which} {condition}", judged(found, seen))


def _estimators(args: argparse.Namespace) -> dict[str, PoseEstimator]:
    networks = {"three_frames": load_network(args.weights)[0]}
    if not args.skip_single:
        networks["single_frame"] = single_frame(load_network(args.weights)[0])
    config = EstimatorConfig(rivals=PipelineConfig().estimator.rivals)
    return {name: PoseEstimator(net, args.device, config) for name, net in networks.items()}


def _truths(args: argparse.Namespace) -> list[Truth]:
    held = dataset.held_out_takes(args.data, args.split)
    loaded = (
        load_truth(clip, dataset.teacher_file(args.data, clip), read_frames, stride=args.stride)
        for clip in dataset.clip_paths(args.data, without=held, only=True)[:: args.clips]
    )
    truths = [truth for truth in loaded if truth]
    if not truths:
        raise BadInput("no_data", f"Expected clips of {sorted(held)} in {args.data}, found none.")
    return truths


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
        "pck_either_side": round(found.pck_either_side, 2),
        "clip_mean": round(float(np.mean(by_clip)), 2),
        "clip_standard_error": round(float(np.std(by_clip) / len(by_clip) ** 0.5), 2),
        "score_auc": round(found.score_auc, 3),
    }
    if full:
        figures["keypoints"] = len(found.right)
        figures["by_joint"] = {k: round(v, 1) for k, v in found.pck_by_joint.items()}
    return figures
