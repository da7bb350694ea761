"""The published 280 features of Dark_DCPose, kept so that old heads can be compared with ours.

Ten skeletons of the first fifty, every fifth; PoseTrack-15 joints relative to the head's top,
in raw pixels. Source: the program Dark_DCPose.
"""

from __future__ import annotations

import numpy as np

from inference.skeleton import POSETRACK15, Skeleton, convert, skeleton_named
from inference.types import Floats, Poses

FIRST = 50
"""Skeletons looked at, counted over the frames in which the person was found."""

EVERY = 5
"""One of so many is used."""

SAMPLES = FIRST // EVERY
FEATURES = SAMPLES * (len(POSETRACK15) - 1) * 2


def offsets_from_head(keypoints: Floats, skeleton: Skeleton) -> Floats:
    """Joints relative to the head's top.

    Args:
        keypoints: float32 [..., K, 3]: x px, y px, score.
        skeleton: their order.

    Returns:
        float32 [..., 14, 2] px in PoseTrack-15's order without ``head_top``.
    """
    joints = convert(keypoints, skeleton, POSETRACK15)[..., :2]
    top = POSETRACK15.index("head_top")
    offsets = joints - joints[..., top : top + 1, :]
    return np.delete(offsets, top, axis=-2)


def legacy_features(poses: Poses, person: int = 0) -> Floats:
    """The vector of one person; frames that are missing at the end are zeros.

    Args:
        poses: of a clip; the published program took the first person alone.
        person: index of the track.

    Returns:
        float32 [280]. Coordinates are cut to whole pixels, as the published program does.
    """
    there = np.flatnonzero(poses.tracks.present[person])[:FIRST:EVERY]
    keypoints = poses.keypoints[person, there].copy()
    keypoints[..., :2] = np.trunc(keypoints[..., :2])
    vector = np.zeros((SAMPLES, len(POSETRACK15) - 1, 2), dtype=np.float32)
    vector[: len(there)] = offsets_from_head(keypoints, skeleton_named(poses.skeleton))
    return vector.reshape(-1)
