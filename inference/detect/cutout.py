"""Cuts people out of bright pictures, so that they can stand in other places.

Limbs drawn along the skeleton are surely the person, a wide band around them perhaps; GrabCut
(Rother et al., 2004) finds the outline in between from the colours.
"""

from __future__ import annotations

import cv2
import numpy as np

from inference.types import Floats, Pixels

_LIMBS = (
    (5, 7), (7, 9), (6, 8), (8, 10), (5, 6), (5, 11), (6, 12), (11, 12), (11, 13), (13, 15),
    (12, 14), (14, 16), (0, 5), (0, 6),
)  # fmt: skip
_TRUNK = (5, 6, 12, 11)
_SIDE = 128
_LEAST_SCORE = 0.3
_PLAUSIBLE = (0.12, 0.85)
"""Share of the box that a person fills."""


def cut_out(pixels: Pixels, box: Floats, joints: Floats) -> Pixels | None:
    """The person's outline.

    Args:
        pixels: uint8 [H, W, 3].
        box: float32 [4] px, around the person.
        joints: float32 [17, 3], COCO order: x px, y px, score.

    Returns:
        uint8 [H, W], 0 or 255; None where no plausible outline is found.
    """
    zoom = min(1.0, _SIDE / max(pixels.shape[:2]))
    small = np.asarray(
        cv2.resize(pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8
    )
    mask = _first_guess(small.shape[:2], box * zoom, joints * [zoom, zoom, 1.0])
    colours = np.zeros((1, 65)), np.zeros((1, 65))
    try:
        cv2.grabCut(small, mask, (0, 0, 0, 0), *colours, 3, cv2.GC_INIT_WITH_MASK)
    except cv2.error:  # all of the picture is of one kind
        return None
    person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD))
    area = max(1.0, float((box[2:] - box[:2]).prod()) * zoom * zoom)
    if not _PLAUSIBLE[0] < person.sum() / area < _PLAUSIBLE[1]:
        return None
    whole = cv2.resize(
        person.astype(np.uint8) * 255, (pixels.shape[1], pixels.shape[0]), interpolation=1
    )
    return np.asarray(whole, np.uint8)


def _first_guess(shape: tuple[int, ...], box: Floats, joints: Floats) -> Pixels:
    """GrabCut's four kinds of pixels, from box and skeleton."""
    mask = np.full(shape[:2], cv2.GC_BGD, np.uint8)
    left, top, right, bottom = np.clip(np.rint(box), 0, [*shape[1::-1]] * 2).astype(int)
    mask[top:bottom, left:right] = cv2.GC_PR_BGD
    size = float(max(box[2] - box[0], box[3] - box[1]))
    around, inside = (_drawn(shape, joints, size * share) for share in (0.16, 0.025))
    mask[around > 0] = cv2.GC_PR_FGD
    mask[inside > 0] = cv2.GC_FGD
    return mask


def _drawn(shape: tuple[int, ...], joints: Floats, width: float) -> Pixels:
    """Limbs, trunk and head as strokes of a width in px."""
    out = np.zeros(shape[:2], np.uint8)
    seen, stroke = joints[:, 2] > _LEAST_SCORE, max(1, round(width))
    points = np.rint(joints[:, :2]).astype(np.int32)
    for one, two in _LIMBS:
        if seen[one] and seen[two]:
            cv2.line(out, _pair(points[one]), _pair(points[two]), (1,), stroke)
    if seen[list(_TRUNK)].all():
        cv2.fillConvexPoly(out, points[list(_TRUNK)], (1,))
    if seen[:5].any():
        middle = np.rint(joints[:5, :2][seen[:5]].mean(axis=0)).astype(np.int32)
        cv2.circle(out, _pair(middle), max(2, round(0.75 * width)), (1,), -1)
    return out


def _pair(point: np.ndarray) -> tuple[int, int]:
    return int(point[0]), int(point[1])
