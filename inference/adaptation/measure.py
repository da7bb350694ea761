"""How well a network agrees with the teacher on clips that it never saw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.adaptation.cleaning import frames_kept
from inference.adaptation.clips import LabelledClip
from inference.errors import Cancelled
from inference.pose.estimator import PoseEstimator
from inference.pose.evaluate import Truth, agreement
from inference.types import IsCancelled, Progress
from inference.video.frames import read_clip

STAGE = "measure"

_DRAWS = 2000
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class Hits:
    """Joints of each clip.

    Attributes:
        right: int64 [N], within 0.2 torso lengths of the teacher's.
        count: int64 [N], all that the teacher is sure of.
    """

    right: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]


def hits_on(
    estimators: Sequence[PoseEstimator],
    clips: Sequence[LabelledClip],
    most: int,
    progress: Progress,
    is_cancelled: IsCancelled,
) -> list[Hits]:
    """Measure some networks side by side; one clip is in memory at a time.

    Args:
        estimators: networks at work.
        clips: held-out ones.
        most: people times frames that are looked at, evenly spread.
        progress: told of the stage "measure".
        is_cancelled: asked before each clip.

    Returns:
        One ``Hits`` for each network.

    Raises:
        Cancelled: ``is_cancelled`` said so.
    """
    stride = math.ceil(sum(frames_kept(clip.labels) for clip in clips) / most)
    found = np.zeros((len(estimators), 2, len(clips)), np.int64)
    for number, clip in enumerate(clips):
        if is_cancelled():
            raise Cancelled
        progress(STAGE, number / len(clips))
        truth = _truth(clip, stride)
        for row, estimator in enumerate(estimators):
            right = agreement(estimator, [truth]).right
            found[row, :, number] = right.sum(), len(right)
    progress(STAGE, 1.0)
    return [Hits(right, count) for right, count in found]


def figures(hits: Hits) -> dict[str, float]:
    """Percentage of right joints with its 95 % interval; see ``AdaptReport.before``."""
    given = {
        "pck": _percent(hits.right.sum(), hits.count.sum()),
        "keypoints": float(hits.count.sum()),
        "clips": float(len(hits.count)),
    }
    return given | _interval("pck", [_percent(h.right.sum(), h.count.sum()) for h in _drawn(hits)])


def gain(before: Hits, after: Hits) -> dict[str, float]:
    """Points won, and the interval of the difference on the same clips."""
    won = _percent(after.right.sum() - before.right.sum(), before.count.sum())
    draws = zip(_drawn(before), _drawn(after), strict=True)
    differences = [_percent(b.right.sum() - a.right.sum(), a.count.sum()) for a, b in draws]
    return {"gain": won} | _interval("gain", differences)


def _truth(clip: LabelledClip, stride: int) -> Truth:
    """Every ``stride``-th of a clip's people."""
    boxes, keypoints = clip.labels.boxes_xyxy, np.nan_to_num(clip.labels.keypoints)
    person, frame = (x[::stride] for x in np.nonzero(~np.isnan(boxes[..., 0])))
    return Truth(
        name=clip.path.stem,
        frames=read_clip(clip.path).frames,
        frame=frame,
        boxes_xyxy=boxes[person, frame],
        keypoints=keypoints[person, frame],
    )


def _drawn(hits: Hits) -> list[Hits]:
    """Clips drawn with replacement, the same draws for every network."""
    clips = len(hits.count)
    if clips < 2:
        return []
    rng = np.random.default_rng(0)
    which = rng.integers(clips, size=(_DRAWS, clips))
    return [Hits(hits.right[row], hits.count[row]) for row in which]


def _interval(name: str, values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    low, high = np.nanpercentile(values, _INTERVAL)
    return {f"{name}_low": round(float(low), 2), f"{name}_high": round(float(high), 2)}


def _percent(part: int, whole: int) -> float:
    return round(100.0 * float(part) / float(whole), 2) if whole else 0.0
