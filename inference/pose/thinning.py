"""Spares work on tracks: boxes that stand still for a while, and frames that are filled in."""

from __future__ import annotations

import numpy as np

from inference.types import Bools, Floats, Ints

FILLED_TRUST = 0.9
"""A keypoint between two estimated ones has the lower score of both times this."""


def held(boxes_xyxy: Floats, frames: int) -> Floats:
    """Boxes that stand still for so many frames at a time, each time at their mean.

    Args:
        boxes_xyxy: float32 [P, T, 4] px, NaN where absent; stays NaN there.
        frames: length of a time, counted from the clip's first frame.
    """
    if frames <= 1:
        return boxes_xyxy
    length = boxes_xyxy.shape[1]
    starts = np.arange(0, length, frames)
    there = ~np.isnan(boxes_xyxy[..., :1])
    total = np.add.reduceat(np.where(there, boxes_xyxy, 0), starts, axis=1)
    count = np.add.reduceat(there, starts, axis=1, dtype=np.float32)
    mean = np.repeat(total / np.maximum(count, 1), frames, axis=1)[:, :length]
    return np.where(there, mean, np.nan).astype(np.float32)


def chosen(frames: Ints, every: int) -> Bools:
    """Which frames of one person the network looks at.

    Args:
        frames: int64 [N], rising.
        every: n; 1 for all.

    Returns:
        bool [N]: true for every n-th frame of the clip, and for the first and the last of each
        unbroken stretch.
    """
    if every <= 1:
        return np.ones(len(frames), bool)
    breaks = np.diff(frames) > 1
    starts, ends = np.append(True, breaks), np.append(breaks, True)
    return np.asarray((frames % every == 0) | (starts | ends)[: len(frames)])


def filled(frames: Ints, keypoints: Floats, picked: Bools) -> Floats:
    """Keypoints of all frames, on straight lines between those of the picked ones.

    Args:
        frames: int64 [N], rising.
        keypoints: float32 [M, K, 3] of the M picked frames.
        picked: bool [N], from ``chosen``.

    Returns:
        float32 [N, K, 3]. Scores of filled-in keypoints are lowered by ``FILLED_TRUST``.
    """
    if picked.all():
        return keypoints
    known = frames[picked]
    after = np.searchsorted(known, frames).clip(1, len(known) - 1)
    before = after - 1
    share = ((frames - known[before]) / (known[after] - known[before]))[:, None, None]
    whole = np.empty((len(frames), *keypoints.shape[1:]), np.float32)
    start, end = keypoints[before], keypoints[after]
    whole[..., :2] = (1 - share) * start[..., :2] + share * end[..., :2]
    whole[..., 2] = FILLED_TRUST * np.minimum(start[..., 2], end[..., 2])
    whole[picked] = keypoints
    return whole
