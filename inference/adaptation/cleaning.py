"""Keeps of a teacher's labels what time and mirror image agree on, and smooths it.

A wrong label costs more than a missing one: what is in doubt gets score 0 and is not learnt.
"""

from __future__ import annotations

import numpy as np

from inference.adaptation.config import CleanConfig
from inference.adaptation.labels import Labels
from inference.pose.cuts import torso_px
from inference.types import Bools, Floats


def cleaned(labels: Labels, config: CleanConfig) -> Labels:
    """Labels of which only what can be believed has a score above 0.

    Args:
        labels: as the teacher gave them.
        config: thresholds.

    Returns:
        New labels, smoothed over time. People are absent in frames where too few joints are
        left, and left out where they are so in all frames.
    """
    keypoints = labels.keypoints.copy()
    score = np.nan_to_num(keypoints[..., 2])
    score[score < config.least_score] = 0.0
    score[strays(keypoints, score, config)] = 0.0
    keypoints[..., 2] = np.where(np.isnan(keypoints[..., 2]), np.nan, score)
    if config.smoothing_reach > 0:
        keypoints = smoothed(keypoints, config.smoothing_reach)
    gone = (score > 0).sum(axis=2) < config.least_joints
    boxes = labels.boxes_xyxy.copy()
    boxes[gone], keypoints[gone] = np.nan, np.nan
    people = ~gone.all(axis=1)
    return Labels(boxes[people], keypoints[people])


def frames_kept(labels: Labels) -> int:
    """How many people times frames there are."""
    return int((~np.isnan(labels.boxes_xyxy[..., 0])).sum())


def strays(keypoints: Floats, score: Floats, config: CleanConfig) -> Bools:
    """Joints that lie far from the median of their neighbours in time.

    Args:
        keypoints: float32 [P, T, 17, 3]; NaN where absent.
        score: float32 [P, T, 17], 0 for joints that do not count as neighbours.
        config: how far, and how many neighbours.

    Returns:
        bool [P, T, 17]; a joint without neighbours is none.
    """
    places = np.where((score > 0)[..., None], keypoints[..., :2], np.nan)
    window = np.stack([shifted(places, by) for by in _around(config.time_reach)])
    apart = np.linalg.norm(keypoints[..., :2] - _median(window), axis=-1)
    limit = config.time_tolerance * torso_of(keypoints)
    return np.asarray(apart > limit[..., None, None], np.bool_)


def torso_of(keypoints: Floats) -> Floats:
    """float32 [P]: each person's usual torso, px; safe against frames seen from above.

    Args:
        keypoints: float32 [P, T, 17, 3]; NaN where absent.
    """
    lengths = torso_px(keypoints)
    spread = np.where(np.isnan(lengths).all(axis=1, keepdims=True), 0.0, lengths)
    return np.asarray(np.nanmedian(spread, axis=1), np.float32)


def smoothed(keypoints: Floats, reach: int) -> Floats:
    """Each joint on the parabola that fits its neighbours in time best.

    Savitzky and Golay, Smoothing and Differentiation of Data by Simplified Least Squares
    Procedures, 1964; here with the scores as weights, so that gaps do no harm.

    Args:
        keypoints: float32 [P, T, 17, 3]; NaN where absent; score 0 has no say.
        reach: frames on each side.

    Returns:
        A new array; scores, and joints of score 0, are as they were.
    """
    weight = np.nan_to_num(keypoints[..., 2]).astype(np.float64)
    places = np.nan_to_num(keypoints[..., :2]).astype(np.float64)
    sums = np.zeros((5, *weight.shape))
    products = np.zeros((3, *places.shape))
    for by in _around(reach):
        near, there = shifted(weight, by, 0.0), shifted(places, by, 0.0)
        sums += np.stack([near * by**power for power in range(5)])
        products += np.stack([(near * by**power)[..., None] * there for power in range(3)])
    # A little pull of slope and bend towards 0 decides where too few neighbours are seen.
    normal = np.stack([sums[[0, 1, 2]], sums[[1, 2, 3]], sums[[2, 3, 4]]])
    normal = np.moveaxis(normal, (0, 1), (-2, -1)) + np.diag([1e-9, 1e-3, 1e-2])
    fitted = np.linalg.solve(normal, np.moveaxis(products, 0, -2))[..., 0, :]
    out = keypoints.copy()
    out[..., :2] = np.where((weight > 0)[..., None], fitted, keypoints[..., :2])
    return out


def shifted(array: np.ndarray, by: int, fill: float = np.nan) -> np.ndarray:
    """[P, T, ...] whose frame t shows frame t + by; ``fill`` beyond the ends."""
    out = np.full_like(array, fill)
    length = array.shape[1]
    if abs(by) < length:
        out[:, max(0, -by) : length - max(0, by)] = array[:, max(0, by) : length + min(0, by)]
    return out


def _around(reach: int) -> range:
    return range(-reach, reach + 1)


def _median(window: Floats) -> Floats:
    """Median over the first axis without NaN; NaN where all are."""
    order = np.sort(window, axis=0)  # NaN come last.
    count = (~np.isnan(window)).sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.maximum(count, 1) // 2
    pair = [np.take_along_axis(order, index[None], axis=0)[0] for index in (low, high)]
    return np.asarray((pair[0] + pair[1]) / 2, np.float32)
