"""From frames to what the network takes: fitted into its input, exposure taken out.

The logarithm turns exposure into an offset, and standardising each frame takes the offset and the
contrast away, so that a frame and its darker copy look alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.types import Floats, Pixels

_FLOOR = 3.0
_LOG = np.log(np.arange(256, dtype=np.float32) + _FLOOR)
_LEAST_SPREAD = 0.08


@dataclass(frozen=True)
class Fit:
    """Where a frame lies in the network's input: ``input px = scale * frame px + shift``."""

    scale: float
    shift: tuple[float, float]
    inner: tuple[int, int]  # (width, height) of the frame inside the input, px


def fit_into(size: tuple[int, int], target: tuple[int, int]) -> Fit:
    """Largest centred placement of a frame (w, h) in an input (w, h) without distortion."""
    scale = min(target[0] / size[0], target[1] / size[1])
    inner = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    corner = ((target[0] - inner[0]) // 2, (target[1] - inner[1]) // 2)
    # The origin is the middle of the first pixel, so scaling moves it by half a pixel's change.
    shift = 0.5 * scale - 0.5
    return Fit(scale, (corner[0] + shift, corner[1] + shift), inner)


def to_input(frame: Pixels, target: tuple[int, int]) -> tuple[Floats, Fit]:
    """One frame uint8 [H, W, 3] RGB → float32 [3, h, w] standardised, 0 outside the frame."""
    fit = fit_into((frame.shape[1], frame.shape[0]), target)
    shrinking = fit.scale < 1.0
    method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(frame, fit.inner, interpolation=method), np.uint8)
    out = np.zeros((3, target[1], target[0]), np.float32)
    left = (target[0] - fit.inner[0]) // 2
    top = (target[1] - fit.inner[1]) // 2
    out[:, top : top + fit.inner[1], left : left + fit.inner[0]] = standardise(small)
    return out, fit


def standardise(pixels: Pixels) -> Floats:
    """uint8 [H, W, 3] → float32 [3, H, W]: logarithm, then mean 0 and spread 1 over the frame."""
    level = _LOG[pixels.transpose(2, 0, 1)]
    spread = max(float(level.std()), _LEAST_SPREAD)
    return np.asarray((level - level.mean()) / spread, np.float32)


def to_frame(boxes: Floats, fit: Fit, size: tuple[int, int]) -> Floats:
    """Boxes [N, 4] of the input → px of the frame (w, h), clipped to it."""
    shift = np.array([*fit.shift, *fit.shift], np.float32)
    limit = np.array([*size, *size], np.float32) - 0.5
    return np.asarray(np.clip((boxes - shift) / fit.scale, -0.5, limit), np.float32)
