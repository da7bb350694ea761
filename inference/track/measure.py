"""Counts what a tracker did right: people found, lost, split and swapped."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from inference.track.assign import assign
from inference.track.geometry import overlaps
from inference.types import Bools, Floats

Ints = npt.NDArray[np.int64]

_FAR = 2.0


@dataclass(frozen=True)
class Counts:
    """Counts of boxes over some clips, to be added up.

    Attributes:
        truths: true boxes.
        found: boxes that the tracker gave.
        misses: true boxes without a partner.
        switches: a person's partner is another track than the one before.
        fragmentations: a person is found again after having been lost.
        same: boxes on which the best one-to-one pairing of people and tracks agrees (IDTP).
        people: true people.
        tracks: tracks given.
    """

    truths: int = 0
    found: int = 0
    misses: int = 0
    switches: int = 0
    fragmentations: int = 0
    same: int = 0
    people: int = 0
    tracks: int = 0

    def __add__(self, other: Counts) -> Counts:
        both = [getattr(self, f.name) + getattr(other, f.name) for f in fields(self)]
        return Counts(*both)

    @property
    def false_alarms(self) -> int:
        """Boxes that are nobody's."""
        return self.found - (self.truths - self.misses)

    @property
    def idf1(self) -> float:
        """Share of boxes with the right identity (Ristani et al., 2016), 0..1."""
        return 2 * self.same / max(self.truths + self.found, 1)

    @property
    def mota(self) -> float:
        """1 less the errors per true box (Bernardin and Stiefelhagen, 2008), at most 1."""
        wrong = self.misses + self.false_alarms + self.switches
        return 1.0 - wrong / max(self.truths, 1)

    def as_dict(self) -> dict[str, float]:
        """Figures in percent, and counts."""
        return {
            "idf1": round(100 * self.idf1, 2),
            "mota": round(100 * self.mota, 2),
            "switches": self.switches,
            "fragmentations": self.fragmentations,
            "recall": round(100 * (1 - self.misses / max(self.truths, 1)), 2),
            "precision": round(100 * (self.truths - self.misses) / max(self.found, 1), 2),
            "people": self.people,
            "tracks": self.tracks,
            "boxes": self.truths,
        }


def count(truth: Floats, found: Floats, least_overlap: float = 0.5) -> Counts:
    """Compare tracks with the truth.

    A pair that held in the frame before holds on while its boxes overlap; the rest is paired anew
    at the greatest total overlap.

    Args:
        truth: [P, T, 4] px, NaN where absent.
        found: [Q, T, 4] px, NaN where absent.
        least_overlap: IoU from which boxes are of the same person.
    """
    shared = _shared(truth, found)
    possible = shared >= least_overlap
    partners = _partners(np.where(possible, shared, -1.0))
    here = ~np.isnan(truth[..., 0])
    return Counts(
        truths=int(here.sum()),
        found=int((~np.isnan(found[..., 0])).sum()),
        misses=int((here & (partners < 0)).sum()),
        switches=sum(_switches(row) for row in partners),
        fragmentations=sum(
            _resumptions(row[there] >= 0) for row, there in zip(partners, here, strict=True)
        ),
        same=_agreement(possible),
        people=int(here.any(axis=1).sum()),
        tracks=len(found),
    )


def _shared(truth: Floats, found: Floats) -> Floats:
    """IoU [P, Q, T], -1 where one of the two is absent."""
    frames = truth.shape[1]
    shared = np.full((len(truth), len(found), frames), -1.0, np.float32)
    for t in range(frames):
        rows = np.flatnonzero(~np.isnan(truth[:, t, 0]))
        columns = np.flatnonzero(~np.isnan(found[:, t, 0]))
        if len(rows) and len(columns):
            given = truth[rows, t].astype(np.float64), found[columns, t].astype(np.float64)
            shared[rows[:, None], columns[None], t] = overlaps(*given)
    return shared


def _partners(shared: Floats) -> Ints:
    """The track [P, T] of each person in each frame, -1 for none."""
    people, _, frames = shared.shape
    partners = np.full((people, frames), -1, np.int64)
    for t in range(frames):
        now = shared[..., t].copy()
        before = partners[:, t - 1] if t else partners[:, 0]
        for person in np.flatnonzero(before >= 0):
            held = int(before[person])
            if now[person, held] >= 0:
                partners[person, t] = held
                now[person], now[:, held] = -1.0, -1.0
        for row, column in assign(np.where(now >= 0, 1.0 - now, _FAR).astype(np.float64)):
            if now[row, column] >= 0:
                partners[row, t] = column
    return partners


def _switches(row: Ints) -> int:
    """How often a person's track is another one than the last that was known."""
    known = row[row >= 0]
    return int((known[1:] != known[:-1]).sum())


def _resumptions(found: Bools) -> int:
    """How often somebody is found again, in the frames in which they are there."""
    begins = int((found[1:] & ~found[:-1]).sum())
    return max(0, begins - int(not found[0])) if found.any() else 0


def _agreement(possible: Bools) -> int:
    """Most boxes that a one-to-one pairing of people and tracks can explain."""
    common = possible.sum(axis=2).astype(np.float64)
    return int(sum(common[pair] for pair in assign(-common)))
