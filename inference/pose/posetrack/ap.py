"""Average precision of joints as PoseTrack's evaluation defines it, and its table.

Each predicted joint is a detection with a score: right where it is near the joint of the person
that its pose was given, else wrong; so are all joints of a pose that was given nobody. The area
under the precision-recall curve is taken with precision made falling, as in Pascal VOC from 2010.
Pishchulin et al., DeepCut, CVPR 2016; Andriluka et al., PoseTrack, CVPR 2018.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from inference.pose.posetrack.match import Matched
from inference.pose.posetrack.types import Doubles
from inference.skeleton import POSETRACK15
from inference.types import Bools

NO_SCORE = -9999.0
"""Stands for the score of a joint that came without one: below all others."""

PARTS = {
    "Head": ("head_top", "head_bottom", "nose"),
    "Shou": ("right_shoulder", "left_shoulder"),
    "Elb": ("right_elbow", "left_elbow"),
    "Wri": ("right_wrist", "left_wrist"),
    "Hip": ("right_hip", "left_hip"),
    "Knee": ("right_knee", "left_knee"),
    "Ankl": ("right_ankle", "left_ankle"),
}
"""Columns of the table and the joints whose mean they show."""

TOTAL = "Total"


@dataclass(frozen=True)
class JointFigures:
    """Percentages by joint, float64 [15] in PoseTrack-15's order; NaN: never annotated."""

    ap: Doubles
    precision: Doubles
    recall: Doubles


def joint_figures(frames: Iterable[Matched]) -> JointFigures:
    """Average precision of every joint over all frames; precision and recall of all it found.

    A joint that was annotated and never predicted has 0 of each.
    """
    figures = np.full((3, len(POSETRACK15)), np.nan)
    matched = list(frames)
    for joint in range(len(POSETRACK15)):
        wanted = sum(int(frame.wanted[:, joint].sum()) for frame in matched)
        if wanted:
            scores, right = _detections(matched, joint)
            figures[:, joint] = _figures(scores, right, wanted)
    return JointFigures(*figures)


def table(by_joint: Doubles) -> dict[str, float]:
    """The columns of PoseTrack's table.

    Args:
        by_joint: float64 [15] in PoseTrack-15's order, NaN where a joint does not count.

    Returns:
        Means by part, left and right together, and the mean over all 15 joints as ``Total``;
        NaN where there is nothing to average.
    """
    columns = {part: _mean(by_joint[_indices(joints)]) for part, joints in PARTS.items()}
    return {**columns, TOTAL: _mean(by_joint)}


def as_text(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Rows of figures under the columns' names, for people to read."""
    width = max(len(name) for name in rows)
    head = " ".join(f"{name:>5}" for name in (*PARTS, TOTAL))
    lines = [f"{'':{width}} {head}"]
    for name, row in rows.items():
        values = " ".join(f"{row[column]:5.1f}" for column in (*PARTS, TOTAL))
        lines.append(f"{name:{width}} {values}")
    return "\n".join(lines)


def _detections(frames: list[Matched], joint: int) -> tuple[Doubles, Bools]:
    """Scores and rightness of all predictions of one joint."""
    scores, right = [np.zeros(0)], [np.zeros(0, np.bool_)]
    for frame in frames:
        there = frame.found[:, joint]
        scores.append(frame.scores[there, joint])
        right.append(frame.right[there, joint])
    return np.nan_to_num(np.concatenate(scores), nan=NO_SCORE), np.concatenate(right)


def _figures(scores: Doubles, right: Bools, wanted: int) -> tuple[float, float, float]:
    """AP, precision and recall in percent. Of equal scores the later one comes first."""
    if not len(scores):
        return 0.0, 0.0, 0.0
    hits = np.cumsum(right[np.argsort(scores, kind="stable")[::-1]])
    precision, recall = hits / np.arange(1, len(hits) + 1), hits / wanted
    ap = _area(precision, recall)
    return 100 * ap, 100 * float(precision[-1]), 100 * float(recall[-1])


def _area(precision: Doubles, recall: Doubles) -> float:
    """Area below the curve when precision is replaced by the highest at any larger recall."""
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(recall, prepend=0.0)
    return float((steps * falling).sum())


def _indices(joints: tuple[str, ...]) -> list[int]:
    return [POSETRACK15.index(joint) for joint in joints]


def _mean(values: Doubles) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
