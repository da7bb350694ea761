"""Measures how a clip is exposed: how bright, how much contrast, how noisy."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.types import Floats, Pixels, expect

_LOOKED_AT = 6
"""Frames of a clip that are measured, spread evenly."""

_LAPLACE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_SPREAD_OF_LAPLACE = 6.0
_MEDIAN_TO_SPREAD = 1.4826


@dataclass(frozen=True)
class Exposure:
    """What was measured, in stored values of luma 0..1.

    Attributes:
        mean: mean luma.
        low, middle, high: percentiles 1, 50 and 99.
        noise: spread of the noise from pixel to pixel.
    """

    mean: float
    low: float
    middle: float
    high: float
    noise: float

    @property
    def contrast(self) -> float:
        """Spread of the percentiles over the noise: how far shapes stand out."""
        return (self.high - self.low) / max(self.noise, 1e-4)

    def as_dict(self) -> dict[str, float]:
        """The figures, rounded, with the contrast."""
        figures = {name: getattr(self, name) for name in ("mean", "low", "middle", "high", "noise")}
        return {name: round(value, 4) for name, value in figures.items()} | {
            "contrast": round(self.contrast, 2)
        }


def measure(frames: Pixels) -> Exposure:
    """Measure a clip, or a part of it.

    The noise is read off the second differences across and down, which shapes hardly touch
    (Immerkaer, "Fast noise variance estimation", 1996), by their median instead of their mean.

    Args:
        frames: uint8 [N, H, W, 3] RGB, N at least 1.

    Raises:
        ModelError: frames of another shape or dtype.
    """
    expect(frames, (None, None, None, 3), np.uint8, "frames")
    picked = np.unique(np.linspace(0, len(frames) - 1, _LOOKED_AT).astype(int))
    lumas = [_luma(frames[index]) for index in picked]
    together = np.concatenate([luma.ravel() for luma in lumas])
    low, middle, high = np.percentile(together, (1, 50, 99))
    noise = float(np.median([_noise_of(luma) for luma in lumas]))
    return Exposure(float(together.mean()), float(low), float(middle), float(high), noise)


def _luma(frame: Pixels) -> Floats:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.float32) / 255.0


def _noise_of(luma: Floats) -> float:
    rough = np.abs(cv2.filter2D(luma, -1, _LAPLACE))
    return float(np.median(rough)) * _MEDIAN_TO_SPREAD / _SPREAD_OF_LAPLACE
