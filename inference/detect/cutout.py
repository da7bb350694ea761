"""Cuts people out of bright pictures, so that they can stand in other places.

Limbs drawn along the skeleton are surely the person, a wide band around them perhaps; GrabCut
(Rother et al., 2004) finds the outline in between from the colours.
"""

from __future__ import annotations

import cv2
import numpy as np

from inference.outline import WORKING_SIDE, drawn_body, grabbed
from inference.types import Bools, Floats, Pixels

_LIMBS = (
    (5, 7), (7, 9), (6, 8), (8, 10), (5, 6), (5, 11), (6, 12), (11, 12), (11, 13), (13, 15),
    (12, 14), (14, 16), (0, 5), (0, 6),
)  # fmt: skip
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
    zoom = min(1.0, WORKING_SIDE / max(pixels.shape[:2]))
    small = np.asarray(
        cv2.resize(pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8
    )
    person = grabbed(
        small, _first_guess(small.shape[:2], box * zoom, joints * [zoom, zoom, 1.0]), 3
    )
    if person is None:
        return None
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
    around, inside = (_body(shape, joints, size * share) for share in (0.16, 0.025))
    mask[around] = cv2.GC_PR_FGD
    mask[inside] = cv2.GC_FGD
    return mask


def _body(shape: tuple[int, ...], joints: Floats, width: float) -> Bools:
    """Limbs, trunk and head as strokes of a width in px."""
    return drawn_body(
        shape, joints, joints[:, 2] > _LEAST_SCORE, _LIMBS, width, max(2, 0.75 * width)
    )
