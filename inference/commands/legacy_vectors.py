"""Makes the 280 features of a clip, as the published program does or with its faults put right."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from inference.classify.legacy import AS_PUBLISHED, CORRECTED
from inference.commands.common import load_pipeline
from inference.config import PipelineConfig
from inference.detect.detector import PersonDetector
from inference.features.legacy import (
    SAMPLES,
    corrected_features,
    legacy_features,
    published_vector,
    sampled_frames,
)
from inference.pose.estimator import PoseEstimator
from inference.poses_file import load_poses
from inference.skeleton import POSETRACK15, skeleton_named
from inference.types import Floats, Poses
from inference.video.frames import read_clip
from inference.weights_file import load_card
from inference.whole_file import whole_file


@dataclass(frozen=True)
class Described:
    """A clip as the head sees it.

    Attributes:
        vector: float32 [280].
        skeletons: how many of the ten were found; those that were not are zeros.
    """

    vector: Floats
    skeletons: int


Describe = Callable[[Path], Described]
"""Describes the clip at a path; raises ``InferenceError`` where it cannot."""


def describer(args: argparse.Namespace, way: str) -> Describe:
    """What makes the features.

    Args:
        args: ``poses``, ``work``, and the pipeline's arguments.
        way: ``AS_PUBLISHED`` or ``CORRECTED``.

    Raises:
        ModelError: weights are missing or broken.
    """
    if args.poses:
        return _stored(args.poses, way)
    describe, key = _published(args) if way == AS_PUBLISHED else _corrected(args)
    return _kept(describe, args.work, f"{way} {key}") if args.work else describe


def of_poses(poses: Poses, way: str) -> Described:
    """The features of the person who is there longest; nothing but zeros where nobody is."""
    if not len(poses.tracks):
        return Described(published_vector(np.zeros((0, 15, 3), np.float32), POSETRACK15), 0)
    if way == AS_PUBLISHED:
        count = len(sampled_frames(poses.tracks.present[0]))
        return Described(legacy_features(poses), count)
    return Described(corrected_features(poses), SAMPLES)


def _stored(folder: Path, way: str) -> Describe:
    return lambda clip: of_poses(load_poses(folder / f"{clip.stem}.npz"), way)


def _corrected(args: argparse.Namespace) -> tuple[Describe, str]:
    """Whole tracks by the pipeline, and what tells its results from others'."""
    pipeline = load_pipeline(args)
    return lambda clip: of_poses(pipeline.poses(clip), CORRECTED), pipeline.fingerprint


def _published(args: argparse.Namespace) -> tuple[Describe, str]:
    """The surest box of each frame, no track; and what tells the results from others'."""
    if args.threads:
        torch.set_num_threads(args.threads)
    config = PipelineConfig()
    paths = (args.detector or config.detector, args.pose or config.pose)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    device = device if args.device == "auto" else args.device
    official = is_official(paths[1])
    how = replace(config.estimator, context=1.0) if official else config.estimator
    detector = PersonDetector.load(paths[0], decode=config.decode, device=device)
    estimator = PoseEstimator.load(paths[1], device, how)
    return lambda clip: describe_published(
        clip, detector, estimator, swap_colours=official, max_frames=config.max_frames
    ), " ".join(str(load_card(path).get("sha256")) for path in paths)


def describe_published(
    path: Path,
    detector: PersonDetector,
    estimator: PoseEstimator,
    *,
    swap_colours: bool,
    max_frames: int | None = None,
) -> Described:
    """The published program's sampling with the networks that are given.

    Args:
        path: of the clip.
        detector: of people.
        estimator: of skeletons.
        swap_colours: give the pose network blue for red, as the published program does.
        max_frames: refuse longer clips.

    Raises:
        BadInput: the clip cannot be read.
    """
    frames = read_clip(path, max_frames=max_frames).frames
    found = detector.detect(frames)
    used = sampled_frames(np.array([len(one.scores) > 0 for one in found], np.bool_))
    skeleton = skeleton_named(estimator.network_config.skeleton)
    if not len(used):
        return Described(published_vector(np.zeros((0, len(skeleton), 3), np.float32), skeleton), 0)
    boxes = np.stack([found[t].boxes_xyxy[found[t].scores.argmax()] for t in used])
    if swap_colours:
        frames = np.ascontiguousarray(frames[..., ::-1])
    return Described(
        published_vector(estimator.skeletons(frames, used, boxes), skeleton), len(used)
    )


def is_official(weights: Path) -> bool:
    """Whether a pose network takes crops as the published DCPose does."""
    settings = load_card(weights).get("config", {})
    return bool(settings.get("preprocessing", "imagenet") == "imagenet")


def _kept(describe: Describe, folder: Path, key: str) -> Describe:
    """Keep features in a folder by the clip's content and ``key``."""

    def read(clip: Path) -> Described:
        if not clip.is_file():
            return describe(clip)
        with clip.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        name = hashlib.sha256(f"{key}{content}".encode()).hexdigest()[:32]
        kept = folder / f"{name}.npy"
        if not kept.exists():
            _write(kept, describe(clip))
        row = np.load(kept, allow_pickle=False)
        return Described(row[1:].astype(np.float32), int(row[0]))

    return read


def _write(path: Path, described: Described) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part, part.open("wb") as file:
        np.save(file, np.concatenate(([np.float32(described.skeletons)], described.vector)))
