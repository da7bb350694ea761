"""Steadies skeletons over time: what one noisy frame gets wrong, its neighbours know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from inference.errors import ModelError
from inference.types import Floats, Poses

Times = npt.NDArray[np.float64]

_BLOCK = 512
"""Frames that are smoothed at a time, so that memory does not grow with the clip."""


@dataclass(frozen=True)
class SmoothConfig:
    """How far a frame's neighbours have a say."""

    # Half the window of the median that throws out jumps, seconds; 0 leaves it out.
    median_s: float = 0.07
    # Deviation of the weighted average that follows, seconds; 0 leaves it out.
    deviation_s: float = 0.067
    # Power of the keypoints' scores in that average's weights.
    power: float = 2.0


def steadied(poses: Poses, config: SmoothConfig) -> Poses:
    """Everybody's skeletons smoothed, each person by itself; see ``smoothed``."""
    if not len(poses.tracks):
        return poses
    keypoints = np.stack([smoothed(person, poses.times_s, config) for person in poses.keypoints])
    return replace(poses, keypoints=keypoints)


def smoothed(keypoints: Floats, times_s: Times, config: SmoothConfig) -> Floats:
    """Keypoints after a median and a weighted average over time.

    Args:
        keypoints: float32 [T, K, 3] of one person: x px, y px, score; NaN where absent.
        times_s: float64 [T], rising.
        config: how far neighbours have a say.

    Returns:
        float32 [T, K, 3], NaN where it was NaN; scores stay as they are.

    Raises:
        ModelError: the shapes do not fit together.
    """
    if keypoints.ndim != 3 or keypoints.shape[2] != 3 or len(times_s) != len(keypoints):
        raise ModelError(
            "bad_array",
            f"Expected keypoints [T, K, 3] and T times, got {list(keypoints.shape)} and"
            f" {len(times_s)}.",
        )
    there = np.flatnonzero(~np.isnan(keypoints[:, 0, 0]))
    if len(there) < 2 or not (config.median_s or config.deviation_s):
        return keypoints.copy()
    times, out = times_s[there], keypoints.copy()
    reach = config.median_s + 3 * config.deviation_s + 1e-6
    for begin in range(0, len(there), _BLOCK):
        end = min(begin + _BLOCK, len(there))
        low = int(np.searchsorted(times, times[begin] - reach))
        high = int(np.searchsorted(times, times[end - 1] + reach, "right"))
        calm = _calmed(keypoints[there[low:high]].astype(np.float64), times[low:high], config)
        out[there[begin:end], :, :2] = calm[begin - low : end - low, :, :2]
    return out


def _calmed(found: Times, times: Times, config: SmoothConfig) -> Times:
    """Keypoints [T, K, 3] of a few seconds, smoothed in place."""
    if config.median_s:
        found[..., :2] = _medians(found[..., :2], times, config.median_s)
    if config.deviation_s:
        found[..., :2] = _averages(found, times, config)
    return found


def _medians(places: Times, times: Times, reach_s: float) -> Times:
    """[T, K, 2]: median over the frames at most ``reach_s`` away."""
    shifted = [
        np.where(near[:, None, None], moved, np.nan)
        for near, moved in _neighbours(places, times, reach_s)
    ]
    return np.asarray(np.nanmedian(np.stack(shifted), axis=0), np.float64)


def _averages(found: Times, times: Times, config: SmoothConfig) -> Times:
    """[T, K, 2]: mean over neighbours, the nearer and surer ones counting more."""
    total = np.zeros_like(found[..., :2])
    weights = np.zeros(found.shape[:2])
    stamps = np.repeat(times[:, None, None], found.shape[1], axis=1)
    for near, moved in _neighbours(
        np.concatenate((found, stamps), axis=2), times, 3 * config.deviation_s
    ):
        apart = (moved[..., 3] - stamps[..., 0]) / config.deviation_s
        sure = np.clip(moved[..., 2], 0, None) ** config.power + 1e-6
        weight = np.exp(-0.5 * apart**2) * sure * near[:, None]
        total += weight[..., None] * moved[..., :2]
        weights += weight
    return np.asarray(total / weights[..., None], np.float64)


def _neighbours(
    values: Times, times: Times, reach_s: float
) -> Iterator[tuple[npt.NDArray[np.bool_], Times]]:
    """(which frames have one, the values shifted there) for every step within reach, in turn."""
    first = np.searchsorted(times, times - reach_s - 1e-9) - np.arange(len(times))
    last = np.searchsorted(times, times + reach_s + 1e-9, "right") - 1 - np.arange(len(times))
    for step in range(int(first.min()), int(last.max()) + 1):
        places = np.clip(np.arange(len(times)) + step, 0, len(times) - 1)
        yield (first <= step) & (step <= last), values[places]
