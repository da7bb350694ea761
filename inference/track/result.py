"""Lays chosen people out over the frames of the clip."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from inference.track.config import TrackConfig
from inference.track.tracklet import Stretch, Tracklet
from inference.types import Floats, Tracks

_DOUBT = 0.5


def laid_out(
    people: Sequence[Tracklet], frames: int, joints: int, config: TrackConfig
) -> tuple[Tracks, Floats]:
    """Boxes and skeletons over time.

    Args:
        people: P, with their stretches.
        frames: T of the clip.
        joints: K of the skeletons.
        config: gaps up to ``stitch_gap`` are filled by straight lines, with half the score;
            longer ones stay empty.

    Returns:
        Tracks over T frames, and keypoints float32 [P, T, K, 3], NaN where absent or unknown.
    """
    boxes = np.full((len(people), frames, 4), np.nan, np.float32)
    scores = np.full((len(people), frames), np.nan, np.float32)
    interpolated = np.zeros((len(people), frames), np.bool_)
    keypoints = np.full((len(people), frames, joints, 3), np.nan, np.float32)
    for person, tracklet in enumerate(people):
        for stretch in tracklet.posed:
            _put(stretch, boxes[person], scores[person], interpolated[person], keypoints[person])
        _fill(boxes[person], scores[person], interpolated[person], keypoints[person], config)
    return Tracks(boxes, scores, interpolated), keypoints


def _put(
    stretch: Stretch,
    boxes: Floats,
    scores: Floats,
    interpolated: np.ndarray,
    keypoints: Floats,
) -> None:
    boxes[stretch.frames] = stretch.boxes_xyxy
    scores[stretch.frames] = stretch.scores
    interpolated[stretch.frames] = stretch.interpolated
    if stretch.keypoints is not None:
        keypoints[stretch.frames] = stretch.keypoints


def _fill(
    boxes: Floats, scores: Floats, interpolated: np.ndarray, keypoints: Floats, config: TrackConfig
) -> None:
    """Straight lines over the gaps between stitched pieces, in place."""
    there = np.flatnonzero(~np.isnan(boxes[:, 0]))
    for before, after in pairwise(there):
        if not 1 < after - before <= config.stitch_gap:
            continue
        gap = np.arange(before + 1, after)
        share = ((gap - before) / (after - before)).astype(np.float32)
        for values in (boxes, scores, keypoints):
            part = share.reshape(-1, *[1] * (values.ndim - 1))
            values[gap] = (1 - part) * values[before] + part * values[after]
        keypoints[gap, :, 2] *= _DOUBT
        interpolated[gap] = True
