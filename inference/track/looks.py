"""What people look like in a box, in few numbers that hold on in noise: to tell them apart later.

Means over broad fields of the body average the noise of dark frames away; logarithms turn another
light into another level, which counts little. A plain relative of the colour histograms that
trackers used before learnt embeddings.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from inference.track.geometry import Boxes
from inference.types import Floats, Pixels

Looks = Callable[[int, Boxes], Floats]
"""Looks [N, C] of people in one frame with boxes [N, 4] px."""

ROWS = 6
"""Fields from head to feet; each gives a level of light, a red and a blue."""

SPREAD = np.repeat([0.15, 0.05, 0.055], ROWS).astype(np.float32)
"""How far each number strays for one person (composed scenes of learnt takes)."""
SPREAD[0] = 0.8

_WIDTH = 0.5
_DARK = 6.0


def looks_of(frame: Pixels, boxes_xyxy: Boxes) -> Floats:
    """Describe the people of one frame.

    Args:
        frame: uint8 [H, W, 3] RGB.
        boxes_xyxy: [N, 4] px; the middle half of their width is looked at.

    Returns:
        float32 [N, 3 * ROWS]: log levels of the rows less their mean, log ratios of red and of
        blue to green, and in the place of the first row's level the mean level.
    """
    if not len(boxes_xyxy):
        return np.zeros((0, 3 * ROWS), np.float32)
    return np.stack([_one(frame, box) for box in boxes_xyxy])


def unlikeness(one: Floats, other: Floats) -> float:
    """Root mean square of the differences in spreads: about 1 for one person, 2 for two."""
    return float(np.sqrt(np.mean(((one - other) / SPREAD) ** 2)))


def _one(frame: Pixels, box: Boxes) -> Floats:
    height, width = frame.shape[:2]
    middle, half = (box[0] + box[2]) / 2, _WIDTH * (box[2] - box[0]) / 2
    left = int(np.clip(middle - half, 0, width - 2))
    right = int(np.clip(middle + half + 1, left + 1, width))
    top = int(np.clip(box[1], 0, height - ROWS))
    bottom = int(np.clip(box[3] + 1, top + ROWS, height))
    part = frame[top:bottom, left:right].astype(np.float32)
    fields = cv2.resize(part, (1, ROWS), interpolation=cv2.INTER_AREA)[:, 0]
    logs = np.log(fields + _DARK)
    level = logs.mean(axis=1)
    mean = level.mean()
    level = level - mean
    level[0] = mean
    return np.concatenate([level, logs[:, 0] - logs[:, 1], logs[:, 2] - logs[:, 1]])
