"""Finds where one action ends and the next begins, from what a head says of many windows.

Windows of several lengths lie over a course. The best chain of touching windows is found exactly,
by dynamic programming over time and label (a segment model; Ostendorf et al., "From HMM's to
segment models", 1996). A chain keeps whole actions whole: a window across a boundary shows parts
of two actions, and heads are seldom sure of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.errors import ModelError
from inference.types import Floats, Ints, expect

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ChainConfig:
    """What a chain of windows costs; log probabilities count by the second."""

    change_s: float = 0.4  # cost of another label, in seconds times nats
    window_s: float = 0.2  # cost of each window
    least_probability: float = 0.01  # a head is never surer than this that a label is wrong


DEFAULT = ChainConfig()


@dataclass(frozen=True)
class Stretch:
    """Cells ``[start, end)`` of a course that show the label of this number."""

    start: int
    end: int
    label: int


def best_stretches(
    windows: Ints, seconds: Floats, probabilities: Floats, config: ChainConfig = DEFAULT
) -> list[Stretch]:
    """Cut a course into stretches of one label each.

    Args:
        windows: int64 [N, 2] half-open ranges of cells; the course begins at cell 0 and ends with
            the last window.
        seconds: float32 [N] how long each window is.
        probabilities: float32 [N, L] of every label in each window.
        config: costs.

    Returns:
        Touching stretches from first to last cell, neighbours of different labels.

    Raises:
        ModelError: the arrays do not fit each other, or no chain of windows covers the course.
    """
    expect(windows, (None, 2), np.int64, "windows")
    expect(seconds, (len(windows),), np.float32, "seconds")
    expect(probabilities, (len(windows), None), np.float32, "probabilities")
    if not len(windows) or not probabilities.shape[1] or (windows[:, 0] >= windows[:, 1]).any():
        raise ModelError("bad_windows", "Expected windows of at least one cell and a label.")
    return _merged(_Chain(windows, _gains(seconds, probabilities, config), config).best())


def _gains(seconds: Floats, probabilities: Floats, config: ChainConfig) -> Array:
    """float64 [N, L]: what a window adds to a chain under each label."""
    sure = np.log(np.maximum(probabilities.astype(np.float64), config.least_probability))
    return np.asarray(sure * seconds[:, None] - config.window_s, dtype=np.float64)


class _Chain:
    """The best chain up to each cell, for every label of its last window."""

    def __init__(self, windows: Ints, gains: Array, config: ChainConfig) -> None:
        self._windows, self._change = windows, config.change_s
        cells, labels = int(windows[:, 1].max()), gains.shape[1]
        self._score = np.full((cells + 1, labels), -np.inf)
        self._score[0] = 0.0
        self._window = np.full((cells + 1, labels), -1, np.int64)
        self._before = np.full((cells + 1, labels), -1, np.int64)
        for window in np.argsort(windows[:, 1], kind="stable"):
            self._extend(int(window), gains[window])
        if not np.isfinite(self._score[cells]).any():
            raise ModelError("bad_windows", "Expected a chain of windows that covers the course.")

    def _extend(self, window: int, gain: Array) -> None:
        start, end = self._windows[window]
        earlier, labels = self._score[start], np.arange(len(gain))
        top = int(earlier.argmax())
        other = float(earlier[top]) - (self._change if start else 0.0)
        stays = earlier >= other
        score = np.where(stays, earlier, other) + gain
        better = score > self._score[end]
        self._score[end][better] = score[better]
        self._window[end][better] = window
        self._before[end][better] = np.where(stays, labels, top)[better]

    def best(self) -> list[Stretch]:
        """Windows of the best chain with their labels, first to last."""
        end = len(self._score) - 1
        label = int(self._score[end].argmax())
        found: list[Stretch] = []
        while end > 0:
            start = int(self._windows[self._window[end, label], 0])
            found.append(Stretch(start, end, label))
            label = int(self._before[end, label])
            end = start
        return found[::-1]


def _merged(chain: list[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for part in chain:
        if merged and merged[-1].label == part.label:
            part = Stretch(merged.pop().start, part.end, part.label)
        merged.append(part)
    return merged
