"""The curve that gives dark frames the spread of light of well lit pictures, learnt from them."""

from __future__ import annotations

import numpy as np

from inference.types import Floats, Pixels

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


FINE = 16
"""Steps of an averaged value for one of a stored value."""


def curve_of(luma: Pixels) -> Floats:
    """The curve through the quantiles of a clip's luma, nowhere steeper than the noise allows.

    Args:
        luma: uint8 [N], of any pixels that stand for the clip.

    Returns:
        float32 [256], 0..255, never falling and never below the level itself.
    """
    levels = np.arange(256) / 255.0
    rank = np.cumsum(np.bincount(luma, minlength=256)) / max(1, len(luma))
    wanted = np.interp(rank, _AT, _WELL_LIT)
    rise = np.clip(np.diff(wanted, prepend=0.0), 0.0, _STEEPEST / 255.0)
    curve = np.maximum(np.cumsum(rise), levels)
    return np.asarray(255.0 * np.clip(curve, 0.0, 1.0), np.float32)


def fine_table(curve: Floats) -> Pixels:
    """A curve for values in steps of 1 / ``FINE``.

    Args:
        curve: float32 [256], as ``curve_of`` gives it.

    Returns:
        uint8 [255 * FINE + 1]: what a value times ``FINE`` becomes.
    """
    steps = np.interp(np.arange(255 * FINE + 1) / FINE, np.arange(256), curve)
    return np.asarray(np.rint(steps), np.uint8)
