"""From frames to what the network takes: fitted into its input, exposure taken out.

The logarithm turns exposure into an offset, and standardising each frame takes the offset and the
contrast away, so that a frame and its darker copy look alike. An earlier and a later frame show
what moves, and their average has less noise than one frame; its contrast against the surroundings
shows people in the dark part of a frame that has a lamp in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.errors import ModelError
from inference.types import Floats, Pixels

_FLOOR = 3.0
_LOG = np.log(np.arange(256, dtype=np.float32) + _FLOOR)
_LEAST_SPREAD = 0.08
_AROUND = 0.25
"""Width of the surroundings for local contrast, as a share of the frame's width."""
_LEAST_CONTRAST = 0.12
_STEEPEST = 6.0


@dataclass(frozen=True)
class Fit:
    """Where a frame lies in the network's input: ``input px = scale * frame px + shift``."""

    scale: float
    shift: tuple[float, float]
    inner: tuple[int, int]  # (width, height) of the frame inside the input, px


@dataclass(frozen=True)
class Moment:
    """A frame uint8 [H, W, 3] RGB with the luma uint8 [H, W] of an earlier and a later one."""

    colour: Pixels
    before: Pixels
    after: Pixels


def fit_into(size: tuple[int, int], target: tuple[int, int]) -> Fit:
    """Largest centred placement of a frame (w, h) in an input (w, h) without distortion."""
    scale = min(target[0] / size[0], target[1] / size[1])
    inner = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    corner = ((target[0] - inner[0]) // 2, (target[1] - inner[1]) // 2)
    # The origin is the middle of the first pixel, so scaling moves it by half a pixel's change.
    shift = 0.5 * scale - 0.5
    return Fit(scale, (corner[0] + shift, corner[1] + shift), inner)


def shrink(frame: Pixels, inner: tuple[int, int]) -> Pixels:
    """A frame uint8 [H, W(, 3)] resized to (w, h)."""
    if (frame.shape[1], frame.shape[0]) == inner:
        return frame
    shrinking = inner[0] < frame.shape[1] or inner[1] < frame.shape[0]
    method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(frame, inner, interpolation=method), np.uint8)


def lifted(frame: Pixels, target: float | None) -> Pixels:
    """A frame uint8 [H, W(, 3)] with the gamma (1 to 6) that brings its mean luma to the target.

    The mean is taken over every second pixel. None leaves the frame as it is.
    """
    if target is None:
        return frame
    some = np.ascontiguousarray(frame[::2, ::2])
    luma = luma_of(some) if some.ndim == 3 else some
    mean = float(np.clip(luma.mean() / 255, 1e-3, 0.999))
    gamma = float(np.clip(np.log(mean) / np.log(target), 1.0, _STEEPEST))
    table = np.rint(255.0 * (np.arange(256) / 255.0) ** (1.0 / gamma)).astype(np.uint8)
    return np.asarray(cv2.LUT(frame, table), np.uint8)


def luma_of(frame: Pixels) -> Pixels:
    """uint8 [H, W, 3] RGB → uint8 [H, W]."""
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)


def to_input(moment: Moment, fit: Fit, target: tuple[int, int], planes: int) -> Floats:
    """A moment already of the size ``fit.inner`` → float32 [planes, h, w], 0 outside the frame."""
    out = np.zeros((planes, target[1], target[0]), np.float32)
    left = (target[0] - fit.inner[0]) // 2
    top = (target[1] - fit.inner[1]) // 2
    inside = out[:, top : top + fit.inner[1], left : left + fit.inner[0]]
    inside[:] = planes_of(moment, planes)
    return out


def planes_of(moment: Moment, planes: int) -> Floats:
    """What the network sees of a moment: float32 [planes, H, W].

    Args:
        moment: of the network's size.
        planes: 3 (colours alone) or 6 (colours, before, after, local contrast of all three).

    Raises:
        ModelError: another number of planes.
    """
    colours = standardise(moment.colour)
    if planes == 3:
        return colours
    if planes != 6:
        raise ModelError("bad_config", f"Expected 3 or 6 planes of input, got {planes}.")
    lumas = np.stack([moment.before, luma_of(moment.colour), moment.after])
    levels = _LOG[lumas]
    middle, spread = float(levels.mean()), max(float(levels.std()), _LEAST_SPREAD)
    aside = (levels[[0, 2]] - middle) / spread
    contrast = _local_contrast(np.log(lumas.mean(axis=0, dtype=np.float32) + _FLOOR))
    return np.concatenate([colours, aside, contrast[None]])


def standardise(pixels: Pixels) -> Floats:
    """uint8 [H, W, 3] → float32 [3, H, W]: logarithm, then mean 0 and spread 1 over the frame."""
    level = _LOG[pixels.transpose(2, 0, 1)]
    spread = max(float(level.std()), _LEAST_SPREAD)
    return np.asarray((level - level.mean()) / spread, np.float32)


def _local_contrast(level: Floats) -> Floats:
    """How far each pixel lies above its surroundings, in units of their spread."""
    side = max(3, int(_AROUND * level.shape[1]) | 1)
    mean = cv2.blur(level, (side, side), borderType=cv2.BORDER_REFLECT)
    square = cv2.blur(level * level, (side, side), borderType=cv2.BORDER_REFLECT)
    variance = np.maximum(square - mean * mean, 0.0)
    return np.asarray((level - mean) / np.sqrt(variance + _LEAST_CONTRAST**2), np.float32)


def to_frame(boxes: Floats, fit: Fit, size: tuple[int, int]) -> Floats:
    """Boxes [N, 4] of the input → px of the frame (w, h), clipped to it."""
    shift = np.array([*fit.shift, *fit.shift], np.float32)
    limit = np.array([*size, *size], np.float32) - 0.5
    return np.asarray(np.clip((boxes - shift) / fit.scale, -0.5, limit), np.float32)
