"""The published 280 features of Dark_DCPose, and the same ten skeletons taken with more care.

Ten skeletons of the first fifty, every fifth; PoseTrack-15 joints relative to the head's top,
in raw pixels. Source: the program Dark_DCPose. ``corrected_features`` keeps the number and order
of the features, so that the same small network learns from either.
"""

from __future__ import annotations

import numpy as np

from inference.skeleton import POSETRACK15, Skeleton, convert, skeleton_named
from inference.types import Bools, Floats, Ints, Poses

FIRST = 50
"""Skeletons looked at, counted over the frames in which the person was found."""

EVERY = 5
"""One of so many is used."""

SAMPLES = FIRST // EVERY
FEATURES = SAMPLES * (len(POSETRACK15) - 1) * 2

_TOP = POSETRACK15.index("head_top")
_HIPS = [POSETRACK15.index(f"{side}_hip") for side in ("left", "right")]


def offsets_from_head(keypoints: Floats, skeleton: Skeleton) -> Floats:
    """Joints relative to the head's top.

    Args:
        keypoints: float32 [..., K, 3]: x px, y px, score.
        skeleton: their order.

    Returns:
        float32 [..., 14, 2] px in PoseTrack-15's order without ``head_top``.
    """
    joints = convert(keypoints, skeleton, POSETRACK15)[..., :2]
    offsets = joints - joints[..., _TOP : _TOP + 1, :]
    return np.delete(offsets, _TOP, axis=-2)


def sampled_frames(present: Bools) -> Ints:
    """The at most 10 frames whose skeletons are used.

    Args:
        present: bool [T], where the person was found.

    Returns:
        int64: every fifth of the first fifty of them.
    """
    return np.flatnonzero(present)[:FIRST:EVERY].astype(np.int64)


def published_vector(keypoints: Floats, skeleton: Skeleton) -> Floats:
    """The vector of up to ten skeletons; those that are missing at the end are zeros.

    Args:
        keypoints: float32 [N, K, 3] with N at most 10.
        skeleton: their order.

    Returns:
        float32 [280]. Coordinates are cut to whole pixels, as the published program does.
    """
    whole = keypoints.copy()
    whole[..., :2] = np.trunc(whole[..., :2])
    vector = np.zeros((SAMPLES, len(POSETRACK15) - 1, 2), dtype=np.float32)
    if len(whole):
        vector[: len(whole)] = offsets_from_head(whole, skeleton)
    return vector.reshape(-1)


def legacy_features(poses: Poses, person: int = 0) -> Floats:
    """The vector of one person; frames that are missing at the end are zeros.

    Args:
        poses: of a clip; the published program took the first person alone.
        person: index of the track.

    Returns:
        float32 [280]. Coordinates are cut to whole pixels, as the published program does.
    """
    there = sampled_frames(poses.tracks.present[person])
    return published_vector(poses.keypoints[person, there], skeleton_named(poses.skeleton))


def corrected_features(poses: Poses, person: int = 0) -> Floats:
    """Ten skeletons over the whole track, in the body's own measure.

    The track is read at ten even moments from its first to its last frame, joints in between by
    straight lines, so that neither short nor long clips lose anything. Coordinates are relative
    to the middle of the hips, in lengths of the torso (middle of the hips to the head's bottom,
    the median over the track), so that neither place nor distance to the camera matters.

    Args:
        poses: of a clip; tracks are ordered by length, the longest first.
        person: index of the track.

    Returns:
        float32 [280].
    """
    there = np.flatnonzero(poses.tracks.present[person])
    found = convert(poses.keypoints[person, there], skeleton_named(poses.skeleton), POSETRACK15)
    moments = np.linspace(there[0], there[-1], SAMPLES)
    joints = _read_at(found[..., :2], there, moments)
    hips = joints[:, _HIPS].mean(axis=1, keepdims=True)
    relative = np.delete(joints - hips, _TOP, axis=1) / torso_px(found)
    return np.asarray(relative, np.float32).reshape(-1)


def torso_px(keypoints: Floats) -> float:
    """Median length px of the torso over frames [T, 15, 2 or more], at least 1."""
    hips = keypoints[:, _HIPS, :2].mean(axis=1)
    neck = keypoints[:, POSETRACK15.index("head_bottom"), :2]
    lengths = np.linalg.norm(neck - hips, axis=1)
    known = lengths[np.isfinite(lengths)]
    return max(1.0, float(np.median(known))) if len(known) else 1.0


def _read_at(joints: Floats, frames: Ints, moments: np.ndarray) -> np.ndarray:
    """Positions [10, 15, 2] at moments between frames; 0 for a joint never known."""
    flat = joints.reshape(len(frames), -1)
    columns = []
    for column in flat.T:
        known = np.isfinite(column)
        values = column[known] if known.any() else np.zeros(1)
        at = frames[known] if known.any() else np.zeros(1)
        columns.append(np.interp(moments, at, values))
    return np.stack(columns, axis=1).reshape(len(moments), -1, 2)
