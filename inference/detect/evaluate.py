"""Measures detections against reference boxes: recall and precision at an overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.boxes import overlaps
from inference.types import Floats


@dataclass(frozen=True)
class Score:
    """Counts of boxes.

    Attributes:
        hits: reference boxes that were found.
        wanted: reference boxes.
        found: boxes that were found.
        first_hits, first_wanted: the same for the largest reference box of each frame, the person
            whom the clip is about.
        found_beside: boxes found in frames that have a reference box: the teacher misses people in
            the dark, too, so what is found in its empty frames may be right.
        frames: frames looked at.
    """

    hits: int = 0
    wanted: int = 0
    found: int = 0
    first_hits: int = 0
    first_wanted: int = 0
    found_beside: int = 0
    frames: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.hits + other.hits,
            self.wanted + other.wanted,
            self.found + other.found,
            self.first_hits + other.first_hits,
            self.first_wanted + other.first_wanted,
            self.found_beside + other.found_beside,
            self.frames + other.frames,
        )

    def as_dict(self) -> dict[str, float]:
        """Shares in percent: recall, precision (in all frames, and in those in which the reference
        has somebody), recall of the main person; counts."""
        return {
            "recall": _percent(self.hits, self.wanted),
            "precision": _percent(self.hits, self.found),
            "precision_beside": _percent(self.hits, self.found_beside),
            "main_recall": _percent(self.first_hits, self.first_wanted),
            "boxes": self.wanted,
            "frames": self.frames,
        }


def compare(found: Sequence[Floats], wanted: Sequence[Floats], least_overlap: float = 0.5) -> Score:
    """Match boxes frame by frame, one to one, the best overlaps first.

    Args:
        found: boxes [N, 4] of each frame.
        wanted: reference boxes [M, 4] of each frame.
        least_overlap: IoU from which a box counts as found.
    """
    total = Score()
    for got, want in zip(found, wanted, strict=True):
        matched = _matched(got, want, least_overlap)
        sides = want[:, 2:] - want[:, :2]
        first = int(sides.prod(axis=1).argmax()) if len(want) else -1
        total += Score(
            hits=len(matched),
            wanted=len(want),
            found=len(got),
            first_hits=int(first in matched),
            first_wanted=int(len(want) > 0),
            found_beside=len(got) if len(want) else 0,
            frames=1,
        )
    return total


def _matched(got: Floats, want: Floats, least_overlap: float) -> set[int]:
    """Reference boxes that have a partner."""
    shared = overlaps(got, want)
    matched: set[int] = set()
    while shared.size and shared.max() >= least_overlap:
        row, column = np.unravel_index(int(shared.argmax()), shared.shape)
        matched.add(int(column))
        shared[row], shared[:, column] = -1.0, -1.0
    return matched


def _percent(part: int, whole: int) -> float:
    return round(100.0 * part / whole, 2) if whole else 0.0
