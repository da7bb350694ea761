"""Puts the pieces of one person together once the whole clip is known."""

from __future__ import annotations

import numpy as np

from inference.track.config import TrackConfig
from inference.track.geometry import Boxes, at_one_edge, distances, overlaps, size_ratios
from inference.track.looks import unlikeness
from inference.track.tracklet import Tracklet

_NEVER = 1e6
_RECENT, _LEAST_LOOKS = 8, 3


def stitched(
    tracklets: list[Tracklet], size: tuple[int, int], config: TrackConfig
) -> list[Tracklet]:
    """Join tracklets that follow one another in time and place, the best pair first.

    Args:
        tracklets: in any order.
        size: (width, height) px of the frames.
        config: gaps and reaches.
    """
    pool = sorted(tracklets, key=lambda t: t.first)
    while True:
        costs = [
            (cost, i, j)
            for i, one in enumerate(pool)
            for j, two in enumerate(pool)
            if 0 < two.first - one.last <= max(config.return_gap, config.stitch_gap)
            and (cost := _cost(one, two, size, config)) < _NEVER
        ]
        if not costs:
            return pool
        _, i, j = min(costs)
        joined = pool[i].joined(pool[j])
        pool = [t for k, t in enumerate(pool) if k not in (i, j)] + [joined]


def chosen(tracklets: list[Tracklet], frames: int, config: TrackConfig) -> list[Tracklet]:
    """The longest sure tracklets that are not shadows of better ones.

    Args:
        tracklets: with their stretches.
        frames: length of the clip; half of a short one is long enough.
        config: what is asked of a person.
    """
    least = max(1, min(config.least_length, (frames + 1) // 2))
    long = [t for t in tracklets if len(t) >= least and _joint_score(t) >= config.least_joint_score]
    surest = max((t.certainty for t in long), default=0.0)
    bar = max(config.least_mean_score, config.least_relative_score * surest)
    ranked = sorted(
        (t for t in long if t.certainty >= bar),
        key=lambda t: (-_filled(t), -sum(t.scores), t.first),
    )
    kept: list[Tracklet] = []
    for tracklet in ranked:
        if all(_shared(tracklet, better) <= config.most_overlap for better in kept):
            kept.append(tracklet)
    return kept[: config.max_people]


def _cost(one: Tracklet, two: Tracklet, size: tuple[int, int], config: TrackConfig) -> float:
    """Distance in heights and a little for the gap, ``_NEVER`` where they cannot be one person."""
    if _unlike(one, two, config):
        return _NEVER
    gap = two.first - one.last
    end, begin = one.boxes[-1][None], two.boxes[0][None]
    ratio = float(size_ratios(end, begin)[0, 0])
    expected = one.predict(two.first)[None]
    distance = float(min(distances(end, begin)[0, 0], distances(expected, begin)[0, 0]))
    near = gap <= config.stitch_gap and ratio <= config.size_ratio
    if near and distance <= config.stitch_reach:
        return distance + 0.01 * gap
    back = gap <= config.return_gap and ratio <= config.return_ratio
    if back and at_one_edge(end[0], begin[0], size[0]):
        return 1.0 + distance + 0.01 * gap
    return _NEVER


def _unlike(one: Tracklet, two: Tracklet, config: TrackConfig) -> bool:
    """Whether the end of one and the begin of two do not look like the same person."""
    before = [look for look in one.looks[-_RECENT:] if look is not None]
    after = [look for look in two.looks[:_RECENT] if look is not None]
    if min(len(before), len(after)) < _LEAST_LOOKS:
        return False
    return unlikeness(np.mean(before, axis=0), np.mean(after, axis=0)) > config.most_unlike


def _filled(tracklet: Tracklet) -> int:
    return sum(len(stretch.frames) for stretch in tracklet.posed)


def _joint_score(tracklet: Tracklet) -> float:
    """Mean score of the surer half of the joints over all frames; 1 without skeletons."""
    found = [s.keypoints[..., 2] for s in tracklet.posed if s.keypoints is not None]
    if not found:
        return 1.0
    scores = np.sort(np.concatenate(found), axis=1)
    return float(scores[:, scores.shape[1] // 2 :].mean())


def _shared(one: Tracklet, two: Tracklet) -> float:
    """Mean IoU over the frames in which both are there, weighted by the share of such frames."""
    total, count = 0.0, 0
    for a in one.posed:
        for b in two.posed:
            _, of_a, of_b = np.intersect1d(a.frames, b.frames, return_indices=True)
            if len(of_a):
                pairs = _paired_overlaps(a.boxes_xyxy[of_a], b.boxes_xyxy[of_b])
                total, count = total + float(pairs.sum()), count + len(of_a)
    return total / max(_filled(one), 1) if count else 0.0


def _paired_overlaps(a: Boxes, b: Boxes) -> Boxes:
    """IoU of boxes [N, 4] with those of the same place [N, 4] → [N]."""
    return np.array([overlaps(x[None], y[None])[0, 0] for x, y in zip(a, b, strict=True)])
