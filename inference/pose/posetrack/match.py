"""Says which predicted pose is which person, and which of its joints are near enough.

Distances are measured in head sizes, 0.6 times the diagonal of the head's box (Andriluka et al.,
2D Human Pose Estimation: New Benchmark and State of the Art Analysis, CVPR 2014: PCKh).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.pose.posetrack.prepare import FramePair
from inference.pose.posetrack.types import Doubles, Person
from inference.skeleton import POSETRACK15, POSETRACK17
from inference.types import Bools, Ints

NEAR = 0.5
"""Head sizes within which a joint is right."""

HEAD_SHARE = 0.6
"""Of the diagonal of the head's box."""

_MEASURED = [POSETRACK17.index(joint) for joint in POSETRACK15.joints]


@dataclass(frozen=True)
class Matched:
    """One frame, joints in PoseTrack-15's order.

    Attributes:
        wanted: bool [G, 15], the annotated joints of the people with a head's box.
        found: bool [D, 15], the predicted joints.
        scores: float64 [D, 15], their scores, NaN where the file has none.
        right: bool [D, 15], predicted joints that are near those of the pose's own person.
        person: int64 [D], that person, -1 where the pose has none.
    """

    wanted: Bools
    found: Bools
    scores: Doubles
    right: Bools
    person: Ints


def match(pair: FramePair, near: float = NEAR) -> Matched:
    """Give predicted poses to people.

    Each pose goes for the person of whose annotated joints it has the largest share near; of the
    poses that go for one person the one with the largest share gets it. The first one wins a
    draw. So PoseTrack's evaluation does it.

    People without a head's box cannot be measured: they do not count, nor do poses with more
    than half of their joints in the box of such a person that nobody else is matched with.

    Args:
        pair: a frame; joints in PoseTrack-17's order.
        near: head sizes.
    """
    truth = [person for person in pair.truth if person.head]
    wanted, found = _given(truth), _given(pair.found)
    close = _close(truth, pair.found, near) & wanted[None] & found[:, None]
    person = _assign(close.sum(axis=2) / np.maximum(wanted.sum(axis=1), 1))
    right = np.zeros_like(found)
    has = np.flatnonzero(person >= 0)
    right[has] = close[has, person[has]]
    counts = (person >= 0) | ~_on_unmeasured(pair)
    scores = np.array([p.scores[_MEASURED] for p in pair.found]).reshape(-1, len(_MEASURED))
    return Matched(wanted, found[counts], scores[counts], right[counts], person[counts])


def head_size(person: Person) -> float:
    """Size of the head in px.

    Raises:
        ValueError: the person has no head's box.
    """
    if person.head is None:
        raise ValueError("Expected a person with a head's box.")
    return HEAD_SHARE * float(np.hypot(*person.head[2:]))


def without_head(pair: FramePair) -> int:
    """How many annotated people cannot be measured."""
    return sum(person.head is None for person in pair.truth)


def _given(people: Sequence[Person]) -> Bools:
    rows = [person.given[_MEASURED] for person in people]
    return np.array(rows, np.bool_).reshape(-1, len(_MEASURED))


def _close(truth: Sequence[Person], found: Sequence[Person], near: float) -> Bools:
    """bool [D, G, 15]: joints within ``near`` head sizes."""
    shape = (-1, len(_MEASURED), 2)
    wanted = np.array([person.points[_MEASURED] for person in truth]).reshape(shape)
    got = np.array([person.points[_MEASURED] for person in found]).reshape(shape)
    apart = np.linalg.norm(got[:, None] - wanted[None], axis=-1)
    heads = np.array([head_size(person) for person in truth])
    return np.asarray(apart / heads[None, :, None] <= near, np.bool_)


def _assign(share: Doubles) -> Ints:
    """int64 [D]: the person of each pose by the shares [D, G] of joints that are near."""
    person = np.full(len(share), -1, np.int64)
    if not share.size:
        return person
    best = share.argmax(axis=1)
    own = np.where(np.arange(share.shape[1])[None] == best[:, None], share, 0.0)
    for index, pose in enumerate(own.argmax(axis=0)):
        if own[pose, index] > 0:
            person[pose] = index
    return person


def _on_unmeasured(pair: FramePair) -> Bools:
    """bool [D]: most of the pose lies in the box of somebody without a head's box."""
    boxes = [_extent(person) for person in pair.truth if not person.head]
    on = np.zeros(len(pair.found), np.bool_)
    for index, pose in enumerate(pair.found):
        points = pose.points[pose.given]
        for low, high in boxes:
            inside = ((points >= low) & (points <= high)).all(axis=1)
            on[index] |= bool(2 * inside.sum() > len(points))
    return on


def _extent(person: Person) -> tuple[Doubles, Doubles]:
    """Corners of a person's box, of the joints' where the file has no box."""
    if person.box:
        x, y, width, height = person.box
        return np.array([x, y]), np.array([x + width, y + height])
    points = person.points[person.given]
    if not len(points):
        return np.full(2, np.inf), np.full(2, -np.inf)
    return points.min(axis=0), points.max(axis=0)
