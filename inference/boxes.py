"""How far boxes cover each other, for detector and tracker, which do not know each other."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", np.float32, np.float64)


def overlaps(a: npt.NDArray[Number], b: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Intersection over union.

    Args:
        a, b: boxes [N, 4] and [M, 4]: left, top, right, bottom, any unit.

    Returns:
        [N, M] of the same dtype; 0 where both are empty.
    """
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    either = areas(a)[:, None] + areas(b)[None] - shared
    return np.asarray(shared / np.maximum(either, 1e-9), a.dtype)


def areas(boxes: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """[N, 4] → [N]; 0 where a side is negative."""
    return np.asarray(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1), boxes.dtype)
