"""Tells a person's pixels from the place behind, so that training can put people elsewhere.

The skeleton says where to look: thick limbs are surely the person, what lies far from them is
surely not, and GrabCut (Rother et al., 2004) decides between by colour.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from inference.outline import WORKING_SIDE, drawn_body, grabbed
from inference.pose.cuts import Cut, torso_px
from inference.types import Bools, Floats, Pixels

LIMBS = (
    *((5, 7), (7, 9), (6, 8), (8, 10), (11, 13), (13, 15), (12, 14), (14, 16)),
    *((5, 6), (11, 12), (5, 11), (6, 12), (5, 12), (6, 11)),
)
"""Pairs of COCO joints that have the body between them."""

LEAST_WEIGHT = 0.2
"""Joints below say nothing about where the body is."""

SURE, NEAR = 0.14, 0.55
"""Half width of a limb that is surely the person, and of what may be, in torso lengths."""


def matte(cut: Cut) -> Pixels | None:
    """How much of each pixel is the person's.

    Args:
        cut: one person with context, bright or dark.

    Returns:
        uint8 [h, w], 255 for the person, soft at the edge, the longer side at most
        ``WORKING_SIDE``; None where the skeleton says too little or the colours cannot be told
        apart.
    """
    height, width = cut.pixels.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    points = (cut.keypoints[:, :2] - cut.origin) * cut.scale * (np.array(size) / (width, height))
    joints = np.column_stack((points, cut.keypoints[:, 2])).astype(np.float32)
    torso = float(torso_px(joints))
    seen = joints[:, 2] > LEAST_WEIGHT
    if not seen[[5, 6, 11, 12]].all() or torso < 6:
        return None
    sure = _body(joints, seen, size, SURE * torso)
    near = _body(joints, seen, size, NEAR * torso)
    small = cv2.resize(_evenly_lit(cut.pixels), size, interpolation=cv2.INTER_AREA)
    found = _grab(cast(Pixels, small), sure, near)
    if found is None or not 0.9 * sure.sum() <= found.sum() <= 0.95 * near.sum():
        return None
    soft = cv2.GaussianBlur(found.astype(np.float32), (0, 0), 0.8)
    return (255 * soft).astype(np.uint8)


def _body(joints: Floats, seen: Bools, size: tuple[int, int], half_width: float) -> Bools:
    """bool [h, w]: thick limbs, the trunk and the head."""
    return drawn_body(size[::-1], joints, seen, LIMBS, 2 * half_width, 1.6 * half_width)


def _grab(picture: Pixels, sure: Bools, near: Bools) -> Bools | None:
    """bool [h, w]: what GrabCut gives to the person."""
    kinds = np.where(sure, cv2.GC_FGD, np.where(near, cv2.GC_PR_FGD, cv2.GC_BGD)).astype(np.uint8)
    return grabbed(picture, kinds, 2) if (kinds == cv2.GC_BGD).any() else sure


def _evenly_lit(picture: Pixels) -> Pixels:
    """A dark picture lifted so that its colours use the whole range."""
    top = max(8.0, float(np.percentile(picture, 98)))
    light = np.clip(picture / top, 0, 1) ** 0.6
    return (255 * light).astype(np.uint8)
