"""Finds a person's outline: the body drawn along the skeleton, then GrabCut by colour.

Two stages cut people out of pictures, each with its own idea of what is surely the person; what
they share is here, for stages do not import each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from inference.types import Bools, Floats, Pixels

WORKING_SIDE = 128
"""Pictures are looked at in this size, px of the longer side."""

TRUNK = (5, 6, 12, 11)
"""COCO's shoulders and hips, in order around."""


def drawn_body(
    shape: tuple[int, ...],
    joints: Floats,
    seen: Bools,
    limbs: Sequence[tuple[int, int]],
    width: float,
    head_radius: float,
) -> Bools:
    """Limbs, trunk and head as thick strokes.

    Args:
        shape: (height, width, ...) px.
        joints: float32 [17, 2 or more], COCO order: x px, y px.
        seen: bool [17], the joints that count.
        limbs: pairs of joints to join.
        width: of a stroke, px.
        head_radius: of the disc in the middle of the joints of the head, px.

    Returns:
        bool [height, width]; the trunk is filled where all its four joints are seen.
    """
    canvas = np.zeros(shape[:2], np.uint8)
    places = np.rint(joints[:, :2]).astype(np.int32)
    for a, b in limbs:
        if seen[a] and seen[b]:
            cv2.line(canvas, places[a].tolist(), places[b].tolist(), 1, max(1, round(width)))
    if seen[list(TRUNK)].all():
        cv2.fillConvexPoly(canvas, cv2.convexHull(places[list(TRUNK)]), 1)
    if seen[:5].any():
        middle = np.rint(joints[:5, :2][seen[:5]].mean(axis=0)).astype(int)
        cv2.circle(canvas, middle.tolist(), round(head_radius), 1, -1)
    return np.asarray(canvas > 0, np.bool_)


def grabbed(picture: Pixels, kinds: Pixels, rounds: int) -> Bools | None:
    """What GrabCut (Rother et al., 2004) gives to the person.

    Args:
        picture: uint8 [h, w, 3].
        kinds: uint8 [h, w], OpenCV's four kinds of pixels: surely or perhaps person or place.
        rounds: of its iteration.

    Returns:
        bool [h, w], the same at every call; None where all of the picture is of one kind.
    """
    found, colours = kinds.copy(), (np.zeros((1, 65)), np.zeros((1, 65)))
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(picture, found, (0, 0, 0, 0), *colours, rounds, cv2.GC_INIT_WITH_MASK)
    except cv2.error:
        return None
    return np.isin(found, (cv2.GC_FGD, cv2.GC_PR_FGD))
