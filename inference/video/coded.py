"""Clips whose frames carry their own number in black and white blocks, for exactness checks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from inference.types import Clip, FrameTable, Pixels

_ROWS, _COLUMNS = 2, 8
_DARK, _LIGHT = 32, 224


def coded_clip(
    frames: int,
    *,
    size: tuple[int, int] = (64, 48),
    fps: Fraction = Fraction(30),
    pts: list[int] | None = None,
    time_base: Fraction | None = None,
) -> Clip:
    """Make a clip that ``read_code`` can read frame numbers off, also after compression.

    Args:
        frames: how many, up to 65,536.
        size: (width, height) px, at least 16 x 4.
        fps: frame rate.
        pts: stamps in units of ``time_base``, evenly spaced from 0 if not given.
        time_base: seconds a unit, ``1 / fps`` if not given.

    Returns:
        The clip; frame ``i`` carries the number ``i``.
    """
    base = time_base or 1 / fps
    stamps = np.asarray(pts if pts is not None else range(frames), np.int64)
    step = int(stamps[-1] - stamps[-2]) if frames > 1 else 1
    pixels = np.stack([code_frame(i, size) for i in range(frames)])
    return Clip("coded", pixels, FrameTable(stamps, int(stamps[-1]) + step, base, fps))


def code_frame(number: int, size: tuple[int, int]) -> Pixels:
    """uint8 [H, W, 3]: sixteen blocks, two rows of eight, highest bit first, light for one."""
    width, height = size
    bits = np.array([number >> i & 1 for i in reversed(range(_ROWS * _COLUMNS))])
    grid = np.where(bits.reshape(_ROWS, _COLUMNS), _LIGHT, _DARK).astype(np.uint8)
    rows = np.arange(height) * _ROWS // height
    columns = np.arange(width) * _COLUMNS // width
    return np.repeat(grid[rows][:, columns, None], 3, axis=2)


def read_code(frame: Pixels) -> int:
    """The number that a frame of ``coded_clip`` carries, from uint8 [H, W, 3] of any size."""
    height, width = frame.shape[:2]
    luma = frame.mean(axis=2)
    number = 0
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            y = (np.array([0.3, 0.7]) + row) * height / _ROWS
            x = (np.array([0.3, 0.7]) + column) * width / _COLUMNS
            block = luma[int(y[0]) : int(y[1]) + 1, int(x[0]) : int(x[1]) + 1]
            number = number * 2 + int(block.mean() > (_DARK + _LIGHT) / 2)
    return number
