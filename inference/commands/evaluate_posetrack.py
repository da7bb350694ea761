"""The part of ``evaluate-pose`` that measures on PoseTrack18 and COCO keypoint files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from inference.errors import BadInput
from inference.pose.estimator import PoseEstimator
from inference.pose.posetrack.boxes import annotated_boxes, detected_boxes
from inference.pose.posetrack.estimate import ReadImage, estimate_set
from inference.pose.posetrack.read import read_predictions, read_sets
from inference.pose.posetrack.report import as_lines, evaluate_sets
from inference.pose.posetrack.types import PoseSet
from inference.pose.posetrack.write import write_set
from inference.types import Pixels

Sets = Mapping[str, PoseSet]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``evaluate-pose --posetrack``, beside its weights, device and JSON."""
    group = parser.add_argument_group("on PoseTrack18 or COCO keypoint files")
    add = group.add_argument
    add("--posetrack", type=Path, metavar="GT", help="annotations: a file or a folder of files")
    add(
        "--predictions", type=Path, metavar="PRED", help="poses to measure, files of the same names"
    )
    add("--images", type=Path, metavar="DIR", help="folder that the images' names start from")
    add("--boxes", type=Path, metavar="FILE", help="a detector's boxes (default: the annotated)")
    add("--least-box-score", type=float, default=0.2, help="boxes less sure are left out")
    add("--every-frame", action="store_true", help="also frames in which nobody is annotated")
    add("--write", type=Path, metavar="PRED", help="write our poses: a file, for a folder a folder")


def run(args: argparse.Namespace) -> int:
    """Measure the predictions that are given, else those of the network."""
    truths = read_sets(args.posetrack)
    orders = {truth.skeleton.name for truth in truths.values()}
    if len(orders) > 1:
        raise BadInput("bad_posetrack", f"Expected one order of joints, got {sorted(orders)}.")
    found = _given(args, truths) if args.predictions else _estimated(args, truths)
    if args.write:
        _write(args.write, args.posetrack, found)
    report = evaluate_sets(truths, found)
    print(json.dumps(report) if args.json else as_lines(report), flush=True)
    return 0


def _given(args: argparse.Namespace, truths: Sets) -> dict[str, PoseSet]:
    if args.posetrack.is_dir() != args.predictions.is_dir():
        raise BadInput("no_poses", "Expected annotations and predictions both as file or folder.")
    if not args.predictions.is_dir():
        return {name: read_predictions(args.predictions, one) for name, one in truths.items()}
    missing = [name for name in truths if not (args.predictions / name).exists()]
    if missing:
        raise BadInput(
            "no_poses",
            f"{args.predictions}: lacks {len(missing)} of {len(truths)} files, first {missing[0]}.",
        )
    return {name: read_predictions(args.predictions / name, one) for name, one in truths.items()}


def _estimated(args: argparse.Namespace, truths: Sets) -> dict[str, PoseSet]:
    if args.images is None:
        raise BadInput("no_images", "Expected --images DIR, or --predictions to measure.")
    if args.boxes:
        boxes = detected_boxes(args.boxes, truths, args.least_box_score)
    else:
        boxes = {name: annotated_boxes(truth) for name, truth in truths.items()}
    cv2.setNumThreads(1)
    estimator = PoseEstimator.load(args.weights, args.device)
    read = _reader(args.images, 2 * estimator.reach + 2)
    found = {}
    for number, (name, truth) in enumerate(truths.items(), 1):
        print(f"{number}/{len(truths)} {name}", file=sys.stderr, flush=True)
        every = args.every_frame
        found[name] = estimate_set(truth, boxes[name], estimator, read, every_frame=every)
    return found


def _reader(folder: Path, kept: int) -> ReadImage:
    """Reads images and keeps the last ones: an image is its neighbours' neighbour."""

    @lru_cache(maxsize=kept)
    def read(name: str) -> Pixels | None:
        path = folder / name
        if not path.is_file():
            return None
        image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        if image is None:
            raise BadInput("bad_image", f"{path}: expected an image, cannot be decoded.")
        return np.asarray(image, np.uint8)

    return read


def _write(target: Path, source: Path, found: Sets) -> None:
    try:
        for name, poses in found.items():
            write_set(target / name if source.is_dir() else target, poses)
    except OSError as error:
        raise BadInput("not_written", f"{target} cannot be written: {error.strerror}.") from error
