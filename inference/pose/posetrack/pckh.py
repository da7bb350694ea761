"""PCKh: the share of annotated joints that the pose given to the person has near."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from inference.pose.posetrack.ap import PARTS, TOTAL
from inference.pose.posetrack.match import Matched
from inference.skeleton import POSETRACK15


def pckh(frames: Iterable[Matched]) -> dict[str, float]:
    """Percentage of annotated joints that were found, whatever the scores.

    Andriluka et al., CVPR 2014. People whom no pose was given count with all their joints.

    Args:
        frames: matched with the wanted threshold, usually half a head.

    Returns:
        By part (left and right counted together) and for all joints as ``Total``; NaN where
        nothing is annotated.
    """
    wanted = np.zeros(len(POSETRACK15))
    right = np.zeros(len(POSETRACK15))
    for frame in frames:
        wanted += frame.wanted.sum(axis=0)
        right += frame.right.sum(axis=0)
    groups = {part: [POSETRACK15.index(j) for j in joints] for part, joints in PARTS.items()}
    groups[TOTAL] = list(range(len(POSETRACK15)))
    return {part: _share(right[which].sum(), wanted[which].sum()) for part, which in groups.items()}


def _share(right: float, wanted: float) -> float:
    return float(100 * right / wanted) if wanted else float("nan")
