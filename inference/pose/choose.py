"""Chooses among the peaks of each joint's heatmap over time: a leg that was left stays left.

A frame's highest peak may be the other leg or a chair. Its second peak is often the truth, and
the frames before and after tell so: of all ways through the peaks the likeliest is taken, where
far jumps are unlikely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.errors import ModelError
from inference.pose.cuts import torso_px
from inference.types import Floats

Doubles = npt.NDArray[np.float64]

LEAST_SCORE = 1e-4
"""Peaks below count as this likely."""

LEAST_TORSO = 8.0
"""px; smaller bodies are not believed."""

FRAME_S = 1 / 30
"""Seconds for which ``ChooseConfig.motion`` is meant."""


@dataclass(frozen=True)
class ChooseConfig:
    """How a way through the peaks is judged."""

    # How far a joint moves in a thirtieth of a second, in torso lengths; 0 takes each frame's
    # highest peak.
    motion: float = 0.35
    # The most that a jump counts against a way, in the unit of the scores' logarithm: then a
    # joint was lost and found again.
    most: float = 8.0


def columns(rivals: int) -> int:
    """Numbers of one joint: x, y and score of its highest peak, then of each rival."""
    return 3 * (1 + rivals)


def likeliest(keypoints: Floats, times_s: Doubles, config: ChooseConfig) -> Floats:
    """One person's joints, each on the likeliest way through its peaks.

    Viterbi, Error Bounds for Convolutional Codes, IEEE Transactions on Information Theory 1967.

    Args:
        keypoints: float32 [T, K, 3 * (1 + R)]: x px, y px, score of the highest peak and of R
            others (score 0: there is none); NaN in frames where the person is absent.
        times_s: float64 [T], rising.
        config: how ways are judged.

    Returns:
        float32 [T, K, 3]; the scores are those of the peaks that were chosen.

    Raises:
        ModelError: the shapes do not fit together.
    """
    if keypoints.ndim != 3 or keypoints.shape[2] % 3 or len(times_s) != len(keypoints):
        raise ModelError(
            "bad_array",
            f"Expected keypoints [T, K, 3 * peaks] and T times, got {list(keypoints.shape)} and"
            f" {len(times_s)}.",
        )
    best = keypoints[..., :3].copy()
    there = np.flatnonzero(~np.isnan(keypoints[:, 0, 0]))
    if keypoints.shape[2] == 3 or len(there) < 2 or config.motion <= 0:
        return best
    peaks = keypoints[there].reshape(len(there), keypoints.shape[1], -1, 3).astype(np.float64)
    way = _ways(peaks, times_s[there], config)
    picked = np.take_along_axis(peaks, way[:, :, None, None], axis=2)[:, :, 0]
    best[there] = picked.astype(np.float32)
    return best


def _ways(peaks: Doubles, times_s: Doubles, config: ChooseConfig) -> npt.NDArray[np.intp]:
    """Which peak [T, K] of [T, K, M, 3], all joints at once, each by itself."""
    seen = np.log(np.maximum(peaks[..., 2], LEAST_SCORE))
    reach = config.motion * max(LEAST_TORSO, float(np.median(torso_px(_first(peaks)))))
    gaps = np.maximum(np.diff(times_s) / FRAME_S, 1e-3)
    total = seen[0]
    before = np.zeros(seen.shape, np.intp)
    for t in range(1, len(seen)):
        moved = peaks[t, :, :, None, :2] - peaks[t - 1, :, None, :, :2]
        jump = np.square(moved / reach).sum(axis=-1) / gaps[t - 1]
        ways = total[:, None, :] - np.minimum(jump, config.most)
        before[t] = ways.argmax(axis=2)
        total = ways.max(axis=2) + seen[t]
    way = np.zeros(seen.shape[:2], np.intp)
    way[-1] = total.argmax(axis=1)
    for t in range(len(seen) - 1, 0, -1):
        way[t - 1] = np.take_along_axis(before[t], way[t][:, None], axis=1)[:, 0]
    return way


def _first(peaks: Doubles) -> Floats:
    """[T, K, 2]: the highest peaks."""
    return peaks[:, :, 0, :2].astype(np.float32)
