"""Brightens frames by local contrast, or by a curve learnt from well lit pictures."""

from __future__ import annotations

import cv2
import numpy as np

from inference.types import Floats, Pixels, expect

_CLIP_LIMIT = 3.0
_TILES = (8, 8)

_AT = np.linspace(0.0, 1.0, 17)
_WELL_LIT = np.array(
    [
        0.0067, 0.1327, 0.2061, 0.266, 0.3196, 0.3688, 0.4133, 0.4538, 0.4917, 0.5295, 0.5682,
        0.6071, 0.6462, 0.6889, 0.7392, 0.8066, 0.9757,
    ]
)  # fmt: skip
"""Luma at the quantiles ``_AT``, mean over the permissive training pictures of people."""

_STEEPEST = 12.0
"""Most that the curve may stretch a difference: beyond that it only shows noise."""


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
    return np.asarray(curve_of(np.concatenate(lumas))[frames], np.uint8)


def curve_of(luma: Pixels) -> Pixels:
    """The curve, uint8 [256], never falling, for luma uint8 [N]."""
    levels = np.arange(256) / 255.0
    rank = np.searchsorted(np.sort(luma), np.arange(256), side="right") / max(1, len(luma))
    wanted: Floats = np.interp(rank, _AT, _WELL_LIT).astype(np.float32)
    rise = np.clip(np.diff(wanted, prepend=0.0), 0.0, _STEEPEST / 255.0)
    curve = np.maximum(np.cumsum(rise), levels)
    return np.asarray(np.rint(255.0 * np.clip(curve, 0.0, 1.0)), np.uint8)
