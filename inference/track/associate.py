"""Decides which detection is whom: boxes first, skeletons where boxes leave a choice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference.track.assign import assign
from inference.track.config import TrackConfig
from inference.track.geometry import Boxes, distances, overlaps, size_ratios
from inference.track.likeness import Joints, certainty, likeness, moved
from inference.track.looks import unlikeness
from inference.track.tracklet import Tracklet
from inference.types import Bools, Floats

NEVER = 1e6
"""Cost of a pair that is out of the question."""

_MOST_BEYOND = 2.0


def box_costs(predicted: Boxes, boxes: Boxes, config: TrackConfig) -> Boxes:
    """Low where boxes overlap; middles decide where they do not; never for unlike sizes.

    Args:
        predicted: [N, 4] px, of tracks.
        boxes: [M, 4] px, of detections.
        config: gates.

    Returns:
        [N, M]: 1 - IoU + half the distance in heights, or ``NEVER``.
    """
    overlap, distance = overlaps(predicted, boxes), distances(predicted, boxes)
    alike = size_ratios(predicted, boxes) <= config.size_ratio
    near = (overlap >= config.least_overlap) | ((distance <= config.reach) & alike)
    return np.where(near, 1.0 - overlap + 0.5 * distance, NEVER)


def doubtful(
    costs: Boxes, predicted: Boxes, boxes: Boxes, config: TrackConfig
) -> tuple[Bools, Bools]:
    """Which rows [N] and columns [M] skeletons should have a say in.

    All but pairs without a rival on either side whose boxes clearly overlap.
    """
    possible = costs < NEVER
    alone = (possible.sum(axis=1) == 1)[:, None] & (possible.sum(axis=0) == 1)[None]
    clear = alone & (overlaps(predicted, boxes) >= config.clear_overlap)
    asked = possible & ~clear
    return asked.any(axis=1), asked.any(axis=0)


def with_skeletons(
    costs: Boxes,
    tracklets: Sequence[Tracklet],
    skeletons: Sequence[Joints | None],
    frame: int,
    spreads: Joints,
    config: TrackConfig,
) -> Boxes:
    """Costs [N, M] in which likeness of skeletons takes part of the weight of overlap.

    The surer the skeletons the more they weigh; pairs of sure ones that contradict each other are
    out of the question.

    Args:
        costs: of ``box_costs``.
        tracklets: N, with their newest skeletons.
        skeletons: M, of the detections; None where it was not estimated.
        frame: where the detections are.
        spreads: of the joints.
        config: the weight.
    """
    out = costs.copy()
    for row, tracklet in enumerate(tracklets):
        if tracklet.joints is None:
            continue
        then, box, joints = tracklet.joints
        goal = tracklet.predict(frame)
        expected = moved(joints, box, goal)
        for column, found in enumerate(skeletons):
            if found is None or costs[row, column] >= NEVER:
                continue
            alike = likeness(expected, found, goal, frame - then, spreads)
            if alike is None:
                continue
            trust = min(certainty(expected), certainty(found))
            share = config.skeleton_weight * trust
            if alike < config.least_likeness and trust >= config.trusted:
                out[row, column] = NEVER
            else:
                out[row, column] = (1 - share) * costs[row, column] + share * (1 - alike)
    return out


def with_looks(
    costs: Boxes, tracklets: Sequence[Tracklet], looks: Sequence[Floats], config: TrackConfig
) -> Boxes:
    """Costs [N, M] in which detections that look unlike a track cost more.

    Args:
        costs: of the functions above.
        tracklets: N.
        looks: of M detections.
        config: from what unlikeness on, and how much.
    """
    out = costs.copy()
    for row, tracklet in enumerate(tracklets):
        if tracklet.look is None:
            continue
        for column, look in enumerate(looks):
            beyond = unlikeness(tracklet.look, look) - config.usual_unlikeness
            out[row, column] += config.look_weight * float(np.clip(beyond, 0.0, _MOST_BEYOND))
    return out


def pairs(costs: Boxes) -> list[tuple[int, int]]:
    """The cheapest pairing without impossible pairs."""
    return [(row, column) for row, column in assign(costs) if costs[row, column] < NEVER]
