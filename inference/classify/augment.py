"""Varies labelled skeletons so that few clips teach more than themselves.

Works on whole ``Poses`` before they become vectors: what a mirror, another distance, a slower
person, a shorter look or a worse estimator would have given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from inference.skeleton import COCO17, flip
from inference.types import Floats, Poses, Tracks


@dataclass(frozen=True)
class AugmentConfig:
    """How far copies may stray from the clip; all draws are uniform or normal."""

    mirror: float = 0.5  # probability of left and right exchanged
    stretch: float = 0.12  # standard deviation of the logarithm of the width's scale
    tempo: float = 0.15  # standard deviation of the logarithm of the tempo
    crop: float = 0.2  # at most this share of the frames is cut from either end
    jitter: float = 0.012  # standard deviation of joints, box heights
    drift: float = 0.02  # the same for an error that stays for the whole clip
    box_jitter: float = 0.02  # standard deviation of the box's edges, box heights
    joint_loss: float = 0.05  # probability that a joint is lost for the whole clip
    frame_loss: float = 0.2  # probability that a stretch of frames is lost
    score_gain: float = 0.2  # standard deviation of the logarithm of the scores' gain


def vary(poses: Poses, rng: np.random.Generator, config: AugmentConfig | None = None) -> Poses:
    """A varied copy of a clip's skeletons; the original is not touched.

    Args:
        poses: COCO-17 skeletons of P people.
        rng: where all draws come from.
        config: how far to go.

    Returns:
        Poses of the same people, with as many frames or fewer.
    """
    config = config or AugmentConfig()
    poses = _crop(poses, rng, config)
    boxes, keypoints = poses.tracks.boxes_xyxy.copy(), poses.keypoints.copy()
    if rng.random() < config.mirror:
        boxes, keypoints = _mirror(boxes, keypoints, poses.size[0])
    stretch = float(np.exp(rng.normal(0, config.stretch)))
    boxes[..., 0::2] *= stretch
    keypoints[..., 0] *= stretch
    boxes, keypoints = _shake(boxes, keypoints, rng, config)
    boxes, keypoints = _lose(boxes, keypoints, rng, config)
    tempo = float(np.exp(rng.normal(0, config.tempo)))
    scores = np.where(np.isnan(boxes[..., 0]), np.nan, poses.tracks.scores).astype(np.float32)
    return replace(
        poses,
        tracks=Tracks(boxes, scores, poses.tracks.interpolated),
        keypoints=keypoints,
        times_s=poses.times_s * tempo,
    )


def _crop(poses: Poses, rng: np.random.Generator, config: AugmentConfig) -> Poses:
    """Cut frames from both ends of the time in which anybody is there."""
    there = np.flatnonzero(poses.tracks.present.any(0))
    if len(there) < 4:
        return poses
    first, last = int(there[0]), int(there[-1]) + 1
    start = first + int(rng.uniform(0, config.crop) * (last - first))
    end = last - int(rng.uniform(0, config.crop) * (last - first))
    cut = slice(start, max(end, start + 2))
    tracks = Tracks(
        poses.tracks.boxes_xyxy[:, cut],
        poses.tracks.scores[:, cut],
        poses.tracks.interpolated[:, cut],
    )
    return replace(
        poses, tracks=tracks, keypoints=poses.keypoints[:, cut], times_s=poses.times_s[cut]
    )


def _mirror(boxes: Floats, keypoints: Floats, width: int) -> tuple[Floats, Floats]:
    keypoints = flip(keypoints, COCO17, width)
    boxes = boxes[..., (2, 1, 0, 3)].copy()
    boxes[..., 0::2] = width - 1 - boxes[..., 0::2]
    return boxes, keypoints


def _shake(
    boxes: Floats, keypoints: Floats, rng: np.random.Generator, config: AugmentConfig
) -> tuple[Floats, Floats]:
    """Errors of the estimator: some change with every frame, some stay."""
    height = (boxes[..., 3] - boxes[..., 1])[..., None]
    people, frames, joints = keypoints.shape[:3]
    noise = rng.normal(0, config.jitter, (people, frames, joints, 2))
    noise += rng.normal(0, config.drift, (people, 1, joints, 2))
    edges = rng.normal(0, config.box_jitter, boxes.shape)
    gain = np.exp(rng.normal(0, config.score_gain))
    shaken = keypoints.copy()
    shaken[..., :2] += noise * height[..., None]
    shaken[..., 2] = np.clip(shaken[..., 2] * gain, 0, 1)
    return (boxes + edges * height).astype(np.float32), shaken.astype(np.float32)


def _lose(
    boxes: Floats, keypoints: Floats, rng: np.random.Generator, config: AugmentConfig
) -> tuple[Floats, Floats]:
    """Lose some joints for good and, at times, everything for a while."""
    boxes, keypoints = boxes.copy(), keypoints.copy()
    people, frames, joints = keypoints.shape[:3]
    lost = rng.random((people, joints)) < config.joint_loss
    keypoints[..., 2] = np.where(lost[:, None], 0.1 * keypoints[..., 2], keypoints[..., 2])
    if rng.random() < config.frame_loss and frames > 8:
        length = int(rng.uniform(0.1, 0.35) * frames)
        start = int(rng.integers(0, frames - length))
        kept = boxes.copy()
        boxes[:, start : start + length] = np.nan
        if np.isnan(boxes[..., 0]).all(1).any():
            return kept, keypoints
        keypoints[:, start : start + length] = np.nan
    return boxes, keypoints
