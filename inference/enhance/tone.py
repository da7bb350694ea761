"""Brightens frames by local contrast, or by a curve learnt from well lit pictures."""

from __future__ import annotations

import cv2
import numpy as np

from inference.tone_curve import curve_of
from inference.types import Pixels, expect

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
    picked = frames[:: max(1, len(frames) // 6)]
    lumas = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[::2, ::2].ravel() for frame in picked]
    curve = np.rint(curve_of(np.concatenate(lumas))).astype(np.uint8)
    return np.asarray(curve[frames])
