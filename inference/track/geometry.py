"""Measures on boxes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.boxes import areas, overlaps

__all__ = [
    "Boxes",
    "at_one_edge",
    "covered",
    "distances",
    "middles",
    "overlaps",
    "size_ratios",
]

Boxes = npt.NDArray[np.float64]


def distances(a: Boxes, b: Boxes) -> Boxes:
    """Distance of middles over the mean height of both boxes, [N, M]."""
    gap = middles(a)[:, None] - middles(b)[None]
    height = (a[:, None, 3] - a[:, None, 1] + b[None, :, 3] - b[None, :, 1]) / 2
    return np.asarray(np.hypot(gap[..., 0], gap[..., 1]) / np.maximum(height, 1e-9))


def size_ratios(a: Boxes, b: Boxes) -> Boxes:
    """How many times as high is the higher of two boxes, [N, M], at least 1."""
    one = np.maximum(a[:, None, 3] - a[:, None, 1], 1e-9)
    two = np.maximum(b[None, :, 3] - b[None, :, 1], 1e-9)
    return np.asarray(np.maximum(one / two, two / one))


def covered(a: Boxes, b: Boxes) -> Boxes:
    """Share of each box [N, 4] that lies within each of [M, 4] → [N, M]."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    return np.asarray(shared / np.maximum(areas(a)[:, None], 1e-9))


def at_one_edge(one: Boxes, other: Boxes, width: int) -> bool:
    """Whether both boxes [4] touch the same side of a picture, left or right."""
    near = 0.03 * width
    left = one[0] <= near and other[0] <= near
    right = one[2] >= width - 1 - near and other[2] >= width - 1 - near
    return bool(left or right)


def middles(boxes: Boxes) -> Boxes:
    """[..., 4] → [..., 2]."""
    return (boxes[..., :2] + boxes[..., 2:]) / 2
