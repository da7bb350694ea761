"""Brightens frames by local contrast, or by a curve learnt from well lit pictures."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from inference.enhance.denoise import Fine, rounded
from inference.tone_curve import curve_of, fine_table
from inference.types import Floats, Pixels, expect

_CLIP_LIMIT = 3.0
_TILES = (8, 8)


def local_contrast(frames: Pixels) -> Pixels:
    """Contrast-limited adaptive histogram equalisation (Zuiderveld, 1994) of the lightness.

    Args:
        frames: uint8 [N, H, W, 3] RGB.

    Returns:
        uint8 [N, H, W, 3].

    Raises:
        ModelError: frames of another shape or dtype.
    """
    expect(frames, (None, None, None, 3), np.uint8, "frames")
    equalise = cv2.createCLAHE(clipLimit=_CLIP_LIMIT, tileGridSize=_TILES)
    out = np.empty_like(frames)
    for index, frame in enumerate(frames):
        lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB)
        lab[..., 0] = equalise.apply(lab[..., 0])
        out[index] = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return out


def learnt_curve(frames: Pixels) -> Pixels:
    """Give the frames the spread of luma that well lit pictures of people have.

    One curve for all frames, through the luma's quantiles, nowhere steeper than the noise of
    8 bits allows.

    Args:
        frames: uint8 [N, H, W, 3] RGB.

    Returns:
        uint8 [N, H, W, 3].

    Raises:
        ModelError: frames of another shape or dtype.
    """
    expect(frames, (None, None, None, 3), np.uint8, "frames")
    if not len(frames):
        return frames.copy()
    curve = np.rint(_curve(frames)).astype(np.uint8)
    return np.stack([cast(Pixels, cv2.LUT(frame, curve)) for frame in frames])


def learnt_curve_fine(fine: Fine) -> Pixels:
    """The same for averaged frames, whose finer steps the curve stretches as well.

    Args:
        fine: uint16 [N, H, W, 3], as ``averaged`` gives them.

    Returns:
        uint8 [N, H, W, 3].
    """
    if not len(fine):
        return np.zeros(fine.shape, np.uint8)
    curve = _curve(rounded(fine[:: _every(len(fine))]))
    return np.asarray(fine_table(curve).take(fine))


def _curve(frames: Pixels) -> Floats:
    """The curve for frames, by a few of them."""
    lumas = [
        cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[::2, ::2].ravel()
        for frame in frames[:: _every(len(frames))]
    ]
    return curve_of(np.concatenate(lumas))


def _every(count: int) -> int:
    """Of so many frames, every which one is measured."""
    return max(1, count // 6)
