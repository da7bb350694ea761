"""How alike two skeletons are, and how a skeleton moves with its box."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.skeleton import COCO17
from inference.track.geometry import Boxes

Joints = npt.NDArray[np.float64]

SPREADS = dict(
    zip(
        COCO17.joints,
        np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000,
        strict=True,
    )
)
"""COCO's spread of what people mark, in roots of the person's area, by name of joint."""

_OTHER_SPREAD = 0.05
_STRIDE = 0.02
_LEAST_SCORE = 0.05


def spreads_of(joints: tuple[str, ...]) -> Joints:
    """[K] spreads of a joint order; joints that COCO does not know get a middling one."""
    return np.array([SPREADS.get(name, _OTHER_SPREAD) for name in joints])


def likeness(
    one: Joints, other: Joints, box_xyxy: Boxes, frames: int, spreads: Joints
) -> float | None:
    """Object keypoint similarity of two skeletons that lie some frames apart.

    ``exp(-d² / (2 area (2 spread)²))`` averaged over the joints, as COCO's evaluation has it, with
    two changes: joints weigh as much as the less sure of both sees them, and the spread grows with
    the time between (limbs swing).

    Args:
        one, other: [K, 3] x px, y px, score.
        box_xyxy: box [4] px of the person; its area sets the scale.
        frames: time between the two.
        spreads: [K], see ``spreads_of``.

    Returns:
        0..1; None where the two share no joint that either sees.
    """
    weight = np.minimum(np.nan_to_num(one[:, 2]), np.nan_to_num(other[:, 2]))
    weight = np.where(weight >= _LEAST_SCORE, weight, 0.0)
    if weight.sum() <= 0:
        return None
    area = max(float(np.prod(box_xyxy[2:] - box_xyxy[:2])), 1.0)
    gap = ((np.nan_to_num(one[:, :2]) - np.nan_to_num(other[:, :2])) ** 2).sum(axis=1)
    wide = (2 * spreads) ** 2 + (_STRIDE * frames) ** 2
    return float((np.exp(-gap / (2 * area * wide)) * weight).sum() / weight.sum())


def moved(joints: Joints, before: Boxes, after: Boxes) -> Joints:
    """Joints [K, 3] carried along as their box [4] moves and grows."""
    scale = (after[2:] - after[:2]) / np.maximum(before[2:] - before[:2], 1.0)
    out = joints.astype(np.float64).copy()
    out[:, :2] = (out[:, :2] - before[:2]) * scale + after[:2]
    return out


def certainty(joints: Joints) -> float:
    """Mean score of the surer half of the joints: cut-off people hide the other half."""
    scores = np.sort(np.nan_to_num(joints[:, 2]))
    return float(scores[len(scores) // 2 :].mean())


def corrected(box_xyxy: Boxes, joints: Joints, least_score: float) -> Boxes:
    """A box moved so that it lies about the sure joints as boxes lie about people.

    Only its middle moves, by what the joints' extent sticks out or falls short on opposite sides;
    size stays, because joints do not tell hair, hands and feet.
    """
    sure = joints[joints[:, 2] >= least_score, :2]
    if len(sure) < len(joints) // 2:
        return box_xyxy
    low, high = sure.min(axis=0), sure.max(axis=0)
    size = box_xyxy[2:] - box_xyxy[:2]
    shift = (low + high) / 2 - (box_xyxy[:2] + box_xyxy[2:]) / 2
    whole = np.clip((high - low) / np.maximum(size, 1.0), 0.0, 1.0)
    return np.asarray(box_xyxy + np.tile(shift * whole, 2))
