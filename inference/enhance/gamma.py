"""Brightens frames by the power that brings their mean luma to a wanted level."""

from __future__ import annotations

import numpy as np

from inference.types import Pixels, expect

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_STEEPEST = 6.0


def adaptive_gamma(frames: Pixels, target_luma: float = 0.45) -> Pixels:
    """Apply to each frame the gamma that lifts its mean luma to ``target_luma``.

    The gamma is ``log(mean) / log(target)``, exact for an even frame, at most 6; frames that are
    brighter already are left alone.

    Args:
        frames: uint8 [N, H, W, 3] RGB.
        target_luma: wanted mean, 0..1.

    Returns:
        uint8 [N, H, W, 3].

    Raises:
        ModelError: frames of another shape or dtype.
    """
    expect(frames, (None, None, None, 3), np.uint8, "frames")
    out = np.empty_like(frames)
    levels = np.arange(256, dtype=np.float64) / 255.0
    for index, frame in enumerate(frames):
        mean = float(np.clip((frame.mean(axis=(0, 1)) @ _LUMA) / 255.0, 1e-3, 0.999))
        gamma = float(np.clip(np.log(mean) / np.log(target_luma), 1.0, _STEEPEST))
        out[index] = np.rint(255.0 * levels ** (1.0 / gamma)).astype(np.uint8)[frame]
    return out
