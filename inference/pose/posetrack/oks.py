"""OKS-AP: average precision of whole poses by object keypoint similarity, as COCO defines it.

A pose is right where its similarity to a person reaches a threshold; the similarity of a joint
falls with its distance over the person's size and the spread with which people annotate that
joint. Lin et al., Microsoft COCO: Common Objects in Context, ECCV 2014, and COCO's keypoint
evaluation: thresholds 0.50 to 0.95, precision read at 101 recalls, at most 20 poses a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.errors import ModelError
from inference.pose.posetrack.prepare import FramePair
from inference.pose.posetrack.types import Box, Doubles, Person
from inference.skeleton import COCO17, POSETRACK17, Skeleton
from inference.types import Bools

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)
MOST_POSES = 20

RANGES = {"": (0.0, 1e10), " medium": (32.0**2, 96.0**2), " large": (96.0**2, 1e10)}
"""Sizes of people in px² by the ending of the figure's name."""

_LIMBS = [0.079, 0.072, 0.062, 0.107, 0.087, 0.089]
_SIDES = np.repeat(_LIMBS, 2).tolist()
SIGMAS = {
    COCO17.name: np.array([0.026, 0.025, 0.025, 0.035, 0.035, *_SIDES]),
    # COCO has no ends of the head; the usual choice is the eyes' spread, whose place they take.
    POSETRACK17.name: np.array([0.026, 0.025, 0.025, 0.035, 0.035, *_SIDES]),
}
"""Spread of each joint by the name of the skeleton."""


@dataclass(frozen=True)
class _Judged:
    """The poses of one frame at all thresholds.

    Attributes:
        scores: float64 [D], falling.
        right: bool [10, D], matched with somebody who counts.
        ignored: bool [10, D], neither right nor wrong.
        wanted: how many people count.
    """

    scores: Doubles
    right: Bools
    ignored: Bools
    wanted: int


def oks_figures(frames: Sequence[FramePair], skeleton: Skeleton) -> dict[str, float]:
    """COCO's keypoint figures in percent.

    Args:
        frames: truth and predictions. A person's size is the annotated area, else that of the
            box, else that of the joints' extent. A pose's score is its own, else the mean of its
            joints' scores.
        skeleton: order of the joints.

    Returns:
        ``AP, AP50, AP75, AR, AR50, AR75`` for all people, ``AP`` and ``AR`` for ``medium`` and
        ``large`` ones; NaN where no such people are annotated.

    Raises:
        ModelError: no spreads are known for the skeleton.
    """
    if skeleton.name not in SIGMAS:
        raise ModelError("bad_skeleton", f"OKS: expected one of {sorted(SIGMAS)}.")
    sigmas = SIGMAS[skeleton.name]
    similar = [similarities(_best(frame.found), frame.truth, sigmas) for frame in frames]
    figures: dict[str, float] = {}
    for name, limits in RANGES.items():
        judged = [_judge(f, s, limits) for f, s in zip(frames, similar, strict=True)]
        precision, recall = _curves(judged)
        figures[f"AP{name}"], figures[f"AR{name}"] = float(precision.mean()), float(recall.mean())
        if not name:
            figures |= {"AP50": float(precision[0]), "AP75": float(precision[5])}
            figures |= {"AR50": float(recall[0]), "AR75": float(recall[5])}
    return {name: 100 * value for name, value in figures.items()}


def similarities(found: Sequence[Person], truth: Sequence[Person], sigmas: Doubles) -> Doubles:
    """Object keypoint similarity float64 [D, G] in 0..1.

    For people without annotated joints the distance to their box, doubled about itself in each
    direction, is taken instead.
    """
    result = np.zeros((len(found), len(truth)))
    if not result.size:
        return result
    points = np.array([person.points for person in found])
    variances = (2 * sigmas) ** 2
    for column, person in enumerate(truth):
        if person.given.any():
            apart = ((points - person.points) ** 2).sum(axis=2)
        else:
            apart = _beyond(points, person.box)
        error = apart / variances / (area(person) + np.spacing(1)) / 2
        near = np.exp(-error)
        given = person.given if person.given.any() else np.ones_like(person.given)
        result[:, column] = near[:, given].mean(axis=1)
    return result


def area(person: Person) -> float:
    """Size of an annotated person in px²."""
    if person.area is not None:
        return person.area
    if person.box is not None:
        return person.box[2] * person.box[3]
    return _extent_area(person.points[person.given])


def pose_score(person: Person) -> float:
    """Score of a predicted pose; 0 where the file has none at all."""
    if person.score is not None:
        return person.score
    known = person.scores[person.given & ~np.isnan(person.scores)]
    return float(known.mean()) if len(known) else 0.0


def _best(found: Sequence[Person]) -> list[Person]:
    """The surest poses first, at most 20; the first ones of equal score."""
    return sorted(found, key=lambda person: -pose_score(person))[:MOST_POSES]


def _beyond(points: Doubles, box: Box | None) -> Doubles:
    """Squared distance [D, K] of points from a box that is grown by itself on each side."""
    x, y, width, height = box or (0.0, 0.0, 0.0, 0.0)
    low = np.array([x - width, y - height])
    high = np.array([x + 2 * width, y + 2 * height])
    gap = np.maximum(low - points, 0) + np.maximum(points - high, 0)
    return np.asarray((gap**2).sum(axis=2))


def _extent_area(points: Doubles) -> float:
    return float(np.ptp(points, axis=0).prod()) if len(points) else 0.0


def _judge(frame: FramePair, similar: Doubles, limits: tuple[float, float]) -> _Judged:
    found = _best(frame.found)
    out = np.array([not _counts(person, limits) for person in frame.truth], np.bool_)
    order = np.argsort(out, kind="stable")
    crowd = np.array([person.crowd for person in frame.truth], np.bool_)[order]
    right = np.zeros((len(THRESHOLDS), len(found)), np.bool_)
    ignored = np.zeros_like(right)
    for row, threshold in enumerate(THRESHOLDS):
        matched = _match(similar[:, order], out[order], crowd, min(threshold, 1 - 1e-10))
        has = matched >= 0
        ignored[row, has] = out[order][matched[has]]
        right[row] = has & ~ignored[row]
        for column in np.flatnonzero(~has):
            size = _extent_area(found[column].points)
            ignored[row, column] = not limits[0] <= size <= limits[1]
    scores = np.array([pose_score(person) for person in found])
    return _Judged(scores, right, ignored, int((~out).sum()))


def _counts(person: Person, limits: tuple[float, float]) -> bool:
    sized = limits[0] <= area(person) <= limits[1]
    return sized and not person.crowd and bool(person.given.any())


def _match(
    similar: Doubles, out: Bools, crowd: Bools, threshold: float
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Person of each pose at one threshold, -1 for none.

    The surest pose chooses first, the most similar person that is left; people who do not count
    only if none that counts is similar enough. A crowd takes any number of poses.

    Args:
        similar: float64 [D, G], poses by falling score, people who do not count last.
        out, crowd: bool [G].
    """
    person = np.full(len(similar), -1, np.int64)
    taken = np.zeros(similar.shape[1], np.bool_)
    for pose, row in enumerate(similar):
        for group in (~out, out):
            free = group & (~taken | crowd) & (row >= threshold)
            if free.any():
                best = np.flatnonzero(free & (row == row[free].max()))[-1]
                person[pose], taken[best] = best, True
                break
    return person


def _curves(frames: Sequence[_Judged]) -> tuple[Doubles, Doubles]:
    """Average precision [10] and highest recall [10]; NaN where nobody counts."""
    wanted = sum(frame.wanted for frame in frames)
    if not wanted:
        return np.full(len(THRESHOLDS), np.nan), np.full(len(THRESHOLDS), np.nan)
    scores = np.concatenate([frame.scores for frame in frames])
    order = np.argsort(-scores, kind="stable")
    right = np.concatenate([frame.right for frame in frames], axis=1)[:, order]
    ignored = np.concatenate([frame.ignored for frame in frames], axis=1)[:, order]
    curves = [_curve(r[~i], wanted) for r, i in zip(right, ignored, strict=True)]
    precision, recall = np.array(curves).T
    return precision, recall


def _curve(right: Bools, wanted: int) -> tuple[float, float]:
    """Mean precision at the 101 recalls and the highest recall."""
    if not len(right):
        return 0.0, 0.0
    hits = np.cumsum(right)
    recall = hits / wanted
    falling = np.maximum.accumulate((hits / np.arange(1, len(hits) + 1))[::-1])[::-1]
    places = np.searchsorted(recall, RECALLS, side="left")
    reached = places < len(falling)
    return float(falling[places[reached]].sum() / len(RECALLS)), float(recall[-1])
