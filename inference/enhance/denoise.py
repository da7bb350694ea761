"""Averages each frame with its neighbours wherever nothing moved, to see through sensor noise.

In the dark a pixel holds a few electrons, and their chance is most of what a frame shows. What
stands still shows in many frames; their mean is what the sensor would have seen in a longer
exposure. What moves is left alone, so that nobody gets a ghost. Means are taken of light, not of
stored values: a stored value is cut off and bent where noise is largest, in black.

Two rounds: each frame with the ones beside it, then with what lies three frames away, which gives
nine frames with four blends (the "à trous" scheme: Holschneider et al., 1989). The second round
tells movement from noise on pictures that are calmer already.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from inference.tone_curve import FINE
from inference.types import Floats, Pixels, expect

_STEPS = (1, 3)
REACH = sum(_STEPS)
"""Frames on each side that have a part in a frame."""

_LIGHT = ((np.arange(256, dtype=np.float32) / 255.0) ** 2)[None]
"""Light of a stored value; photon noise is even in the root of light."""

_BLUR = 1.5
_TOLERANCE = 3.0
_MEDIAN_TO_SPREAD = 1.4826
_LEAST_SPREAD = 0.05 / 255.0

Fine = npt.NDArray[np.uint16]
"""Averaged values, 0..255 * FINE."""


def averaged(frames: Pixels) -> Fine:
    """Average what stands still over up to nine frames.

    Args:
        frames: uint8 [N, H, W, 3] RGB, one after the other.

    Returns:
        uint16 [N, H, W, 3], stored values times ``FINE``: means have finer steps than frames.

    Raises:
        ModelError: frames of another shape or dtype.
    """
    expect(frames, (None, None, None, 3), np.uint8, "frames")
    stream: Iterator[Floats] = (cast(Floats, cv2.LUT(frame, _LIGHT)) for frame in frames)
    for step in _STEPS:
        stream = _round(stream, step)
    out = np.empty(frames.shape, np.uint16)
    for index, light in enumerate(stream):
        out[index] = cv2.sqrt(light) * np.float32(255 * FINE) + np.float32(0.5)
    return out


def rounded(fine: Fine) -> Pixels:
    """Averaged values as frames, uint8 [N, H, W, 3]."""
    return np.asarray((fine + FINE // 2) // FINE, np.uint8)


def _round(stream: Iterable[Floats], step: int) -> Iterator[Floats]:
    """Each frame's mean with those ``step`` before and after, where they agree.

    Holds at most ``2 * step + 1`` frames.
    """
    held: deque[_Frame] = deque()
    done = 0
    for number, light in enumerate(stream):
        frame = _Frame(light, _calm(light))
        if number >= step:
            frame.like_before = _likeness(frame.calm, held[-step].calm)
        held.append(frame)
        if number >= step:
            yield _mean(held, number - step - done, step)
            if number - done == 2 * step:
                held.popleft()
                done += 1
    ends = len(held) - step if len(held) > step else 0
    for place in range(ends, len(held)):
        yield _mean(held, place, step)


@dataclass
class _Frame:
    """A frame's light, its blurred luma, and its likeness to the one ``step`` before."""

    light: Floats
    calm: Floats
    like_before: Floats | None = None


def _mean(held: Sequence[_Frame], place: int, step: int) -> Floats:
    frame = held[place]
    mean, weight = frame.light, np.ones(frame.light.shape[:2], np.float32)
    for other, like in (
        (place - step, frame.like_before),
        (place + step, held[place + step].like_before if place + step < len(held) else None),
    ):
        if like is not None:
            mean = cast(Floats, cv2.blendLinear(mean, held[other].light, weight, like))
            weight = weight + like
    return mean


def _calm(light: Floats) -> Floats:
    """Blurred luma, as the root of light."""
    luma = cv2.sqrt(cv2.cvtColor(light, cv2.COLOR_RGB2GRAY))
    return cast(Floats, cv2.GaussianBlur(luma, (0, 0), _BLUR))


def _likeness(one: Floats, other: Floats) -> Floats:
    """float32 [H, W], 1 where two frames differ by noise alone, towards 0 where more changed."""
    change = cv2.absdiff(one, other)
    spread = max(float(np.median(change[::3, ::3])) * _MEDIAN_TO_SPREAD, _LEAST_SPREAD)
    excess = np.maximum(change * change * np.float32(spread**-2) - 1, 0)
    return cast(Floats, cv2.exp(excess * np.float32(-1 / _TOLERANCE)))
