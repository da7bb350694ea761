"""Lays chosen people out over the frames of the clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from inference.track.config import TrackConfig
from inference.track.geometry import at_one_edge
from inference.track.tracklet import Stretch, Tracklet
from inference.types import Floats, Tracks

_DOUBT = 0.5


def laid_out(
    people: Sequence[Tracklet],
    frames: int,
    joints: int,
    width: int,
    config: TrackConfig,
    pick: Callable[[Floats], Floats] | None = None,
) -> tuple[Tracks, Floats]:
    """Boxes and skeletons over time.

    Args:
        people: P, with their stretches.
        frames: T of the clip.
        joints: K of the skeletons.
        width: px of the frames.
        config: gaps up to ``stitch_gap`` are filled by straight lines, with half the joints'
            scores; longer ones stay empty, and so do those of people who left over an edge.
        pick: one person's skeletons [T, K, 3] from [T, K, C], where stretches carry further
            peaks (of which gaps have none); the first three columns if not given.

    Returns:
        Tracks over T frames, and keypoints float32 [P, T, K, 3], NaN where absent or unknown.
    """
    boxes = np.full((len(people), frames, 4), np.nan, np.float32)
    scores = np.full((len(people), frames), np.nan, np.float32)
    interpolated = np.zeros((len(people), frames), np.bool_)
    known = [s.keypoints for person in people for s in person.posed if s.keypoints is not None]
    columns = known[0].shape[-1] if known else 3
    keypoints = np.full((len(people), frames, joints, 3), np.nan, np.float32)
    for person, tracklet in enumerate(people):
        # One person at a time: all peaks of everybody would take four times the memory.
        wide = np.full((frames, joints, columns), np.nan, np.float32)
        for stretch in tracklet.posed:
            _put(stretch, boxes[person], scores[person], interpolated[person], wide)
        arrays = boxes[person], scores[person], wide
        for gap in _gaps(boxes[person], width, config):
            _fill(gap, arrays)
            interpolated[person, slice(*gap)] = True
        keypoints[person] = pick(wide) if pick else wide[..., :3]
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


def _gaps(boxes: Floats, width: int, config: TrackConfig) -> Iterator[tuple[int, int]]:
    """Half-open ranges of frames to be filled."""
    there = np.flatnonzero(~np.isnan(boxes[:, 0]))
    for before, after in pairwise(there.tolist()):
        ends = boxes[before].astype(np.float64), boxes[after].astype(np.float64)
        if 1 < after - before <= config.stitch_gap and not at_one_edge(*ends, width):
            yield before + 1, after


def _fill(gap: tuple[int, int], arrays: tuple[Floats, Floats, Floats]) -> None:
    """Straight lines over a gap in boxes, scores and keypoints, in place."""
    before, after = gap[0] - 1, gap[1]
    span = np.arange(*gap)
    share = ((span - before) / (after - before)).astype(np.float32)
    for values in arrays:
        part = share.reshape(-1, *[1] * (values.ndim - 1))
        values[span] = (1 - part) * values[before] + part * values[after]
    arrays[2][span, :, 2] *= _DOUBT
    arrays[2][span, :, 5::3] = 0.0
