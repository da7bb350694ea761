"""Finds where two people were taken for each other as they met, and gives each their own way back.

While one hides the other, boxes and skeletons say little about who is who. Once they have parted,
what they look like is compared with what they looked like before they met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from inference.track.config import TrackConfig
from inference.track.geometry import Boxes
from inference.track.looks import unlikeness
from inference.track.tracklet import Stretch, Tracklet
from inference.types import Bools, Floats

_NEAR = 0.1
_APART = 3
_MEMORY = 45
_LEAST_LOOKS = 2


def untangled(tracklets: Sequence[Tracklet], config: TrackConfig) -> list[Tracklet]:
    """Exchange what follows a meeting where that makes both look more like themselves.

    Args:
        tracklets: in any order.
        config: by how much more (``swap_margin``, in spreads); 0 to leave all as it is.

    Returns:
        As many tracklets, without those that nothing is left of.
    """
    out = list(tracklets)
    if config.swap_margin <= 0 or not any(t.look is not None for t in out):
        return out
    for i, j in combinations(range(len(out)), 2):
        for begin, end in _meetings(out[i], out[j], config.patience):
            if _swapped_gain(out[i], out[j], begin, end) > config.swap_margin:
                out[i], out[j] = _exchanged(out[i], out[j], (begin + end) // 2)
    return [t for t in out if t.frames]


def _meetings(one: Tracklet, two: Tracklet, patience: int) -> Iterator[tuple[int, int]]:
    """First and last frames of the spells in which two people's boxes overlap."""
    if not one.frames or not two.frames:
        return
    low = max(one.first, two.first) - patience
    high = min(one.last, two.last) + patience
    if low > high:
        return
    span = np.arange(low, high + 1)
    near = np.flatnonzero(_paired_overlaps(_filled(one, span), _filled(two, span)) > _NEAR)
    if not len(near):
        return
    breaks = np.flatnonzero(np.diff(near) > _APART)
    for first, last in zip(
        np.r_[near[0], near[breaks + 1]], np.r_[near[breaks], near[-1]], strict=True
    ):
        yield int(span[first]), int(span[last])


def _filled(tracklet: Tracklet, span: npt.NDArray[np.int_]) -> Boxes:
    """Boxes [N, 4] in frames [N], straight between and still beyond those known."""
    low = max(0, int(np.searchsorted(tracklet.frames, span[0])) - 1)
    high = int(np.searchsorted(tracklet.frames, span[-1], side="right")) + 1
    frames, boxes = tracklet.frames[low:high], np.stack(tracklet.boxes[low:high] or [np.zeros(4)])
    frames = frames or [0]
    return np.stack([np.interp(span, frames, boxes[:, k]) for k in range(4)], axis=1)


def _paired_overlaps(a: Boxes, b: Boxes) -> npt.NDArray[np.float64]:
    """IoU of boxes [N, 4] with those of the same place [N, 4] → [N]."""
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    either = (a[:, 2:] - a[:, :2]).prod(axis=1) + (b[:, 2:] - b[:, :2]).prod(axis=1) - shared
    return np.asarray(shared / np.maximum(either, 1e-9))


def _swapped_gain(one: Tracklet, two: Tracklet, begin: int, end: int) -> float:
    """How much less unlike themselves both would be; 0 where too little is known."""
    before = [_look(t, begin - _MEMORY, begin) for t in (one, two)]
    after = [_look(t, end + 1, end + 1 + _MEMORY) for t in (one, two)]
    kept = _cost([(before[0], after[0]), (before[1], after[1])])
    swapped = _cost([(before[0], after[1]), (before[1], after[0])])
    return 0.0 if kept is None or swapped is None else kept - swapped


def _cost(pairs: Sequence[tuple[Floats | None, Floats | None]]) -> float | None:
    """Sum over the pairs of which both are known; None if there are none."""
    known = [unlikeness(a, b) for a, b in pairs if a is not None and b is not None]
    return sum(known) if known else None


def _look(tracklet: Tracklet, start: int, end: int) -> Floats | None:
    """Mean look in a half-open range of frames."""
    low, high = np.searchsorted(tracklet.frames, [start, end])
    known = [look for look in tracklet.looks[low:high] if look is not None]
    return np.mean(known, axis=0) if len(known) >= _LEAST_LOOKS else None


def _exchanged(one: Tracklet, two: Tracklet, frame: int) -> tuple[Tracklet, Tracklet]:
    """Both with the other's boxes from a frame on."""
    return _spliced(one, two, frame), _spliced(two, one, frame)


def _spliced(head: Tracklet, tail: Tracklet, frame: int) -> Tracklet:
    out = Tracklet()
    for source, late in ((head, False), (tail, True)):
        for t, box, score, carried, look in zip(
            source.frames, source.boxes, source.scores, source.carried, source.looks, strict=True
        ):
            if (t >= frame) == late:
                out.add(t, box, score, carried=carried, look=look)
        for stretch in source.posed:
            kept = _part(stretch, (stretch.frames >= frame) == late)
            if len(kept.frames):
                out.posed.append(kept)
    return out


def _part(stretch: Stretch, keep: Bools) -> Stretch:
    joints = None if stretch.keypoints is None else stretch.keypoints[keep]
    return replace(
        stretch,
        frames=stretch.frames[keep],
        boxes_xyxy=stretch.boxes_xyxy[keep],
        scores=stretch.scores[keep],
        interpolated=stretch.interpolated[keep],
        keypoints=joints,
    )
