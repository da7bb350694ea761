"""Pairs predictions with the truth and takes out what does not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inference.errors import ModelError
from inference.pose.posetrack.types import Doubles, Person, PoseSet
from inference.skeleton import COCO17
from inference.types import Bools


@dataclass(frozen=True)
class FramePair:
    """One frame's people, as annotated and as found."""

    truth: tuple[Person, ...]
    found: tuple[Person, ...]


def pairs(truth: PoseSet, found: PoseSet) -> list[FramePair]:
    """The frames that count.

    As PoseTrack's evaluation does it: frames without annotated people are left out with all that
    was found there (they are not labelled), and joints within a region to ignore are taken out
    of the truth and of what was found, with the people of whom nothing is left. Of COCO's files
    every frame counts.

    Args:
        truth: the annotations.
        found: the predictions on the same frames in the same order.

    Raises:
        ModelError: the frames differ.
    """
    if [frame.id for frame in truth.frames] != [frame.id for frame in found.frames]:
        raise ModelError("bad_posetrack", "Truth and predictions must have the same frames.")
    every = truth.skeleton == COCO17
    return [
        FramePair(outside(wanted.people, wanted.ignored), outside(got.people, wanted.ignored))
        for wanted, got in zip(truth.frames, found.frames, strict=True)
        if wanted.people or every
    ]


def outside(people: Sequence[Person], regions: Sequence[Doubles]) -> tuple[Person, ...]:
    """People with their joints outside all regions; those without any are left out."""
    if not regions:
        return tuple(people)
    kept = []
    for person in people:
        ignored = np.any([within(person.points, region) for region in regions], axis=0)
        given = person.given & ~ignored
        if given.any():
            kept.append(replace(person, given=given))
    return tuple(kept)


def within(points: Doubles, polygon: Doubles) -> Bools:
    """Which points lie inside a polygon and not on its edge (even-odd rule).

    Args:
        points: float64 [N, 2] px.
        polygon: float64 [M, 2] px, closed by itself.

    Returns:
        bool [N].
    """
    x, y = points[:, :1], points[:, 1:]
    x0, y0 = polygon.T
    x1, y1 = np.roll(polygon, -1, axis=0).T
    side = (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
    spans = (y0 > y) != (y1 > y)
    crossed = spans & ((side > 0) == (y1 > y0))
    between = (np.minimum(x0, x1) <= x) & (x <= np.maximum(x0, x1))
    between &= (np.minimum(y0, y1) <= y) & (y <= np.maximum(y0, y1))
    on_edge = ((side == 0) & between).any(axis=1)
    return np.asarray((crossed.sum(axis=1) % 2 == 1) & ~on_edge, np.bool_)
