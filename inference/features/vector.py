"""Describes each span by statistics of joint heights, angles, speeds and rhythm.

Few labelled clips are at hand, so the numbers are chosen to say what actions differ in (how
far the hips sink, how the box grows, how often the feet pass) and not where they were filmed:
nothing in the vector depends on frame rate, resolution, place in the frame or distance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference.feature_version import FEATURE_VERSION
from inference.features.windows import DEFAULT, Array, SegmentSpan, Window, WindowConfig, normalise
from inference.types import Floats, Poses

__all__ = ["FEATURE_NAMES", "FEATURE_VERSION", "describe"]

NOSE, EYES, EARS = 0, (1, 2), (3, 4)
SHOULDERS, ELBOWS, WRISTS = (5, 6), (7, 8), (9, 10)
HIPS, KNEES, ANKLES = (11, 12), (13, 14), (15, 16)
BANDS_HZ = ((0.3, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.5), (4.5, 7.0))
STATISTICS = ("mean", "sd", "low", "high", "change", "bump", "rate")
POSTURE_TERMS = 3
STILLNESS = 0.01
"""Power of a movement too small to speak of a rhythm, about 3 % of a torso."""
LIMIT = 30.0


def describe(poses: Poses, spans: Sequence[SegmentSpan], config: WindowConfig = DEFAULT) -> Floats:
    """One vector a span.

    Args:
        poses: the clip's people.
        spans: S spans of at least one frame, see ``segments_of``.
        config: the common form in time.

    Returns:
        float32 [S, F], finite, in the order of ``FEATURE_NAMES``.

    Raises:
        ModelError: a span lies outside the clip.
    """
    rows = [list(_numbers(normalise(poses, span, config)).values()) for span in spans]
    features = np.array(rows, dtype=np.float64).reshape(len(spans), len(FEATURE_NAMES))
    return np.clip(np.nan_to_num(features), -LIMIT, LIMIT).astype(np.float32)


def _numbers(window: Window) -> dict[str, float]:
    """Every number of the vector by name."""
    numbers: dict[str, float] = {}
    signals = _signals(window)
    for name, series in signals.items():
        for statistic, value in zip(STATISTICS, _statistics(series, window.rate_hz), strict=True):
            numbers[f"{name}.{statistic}"] = value
    for name in ("stride", "stride_height", "hip_y", "knee_gap", "wrist_gap", "box_width"):
        numbers |= _rhythm(name, signals[name], window.rate_hz)
    numbers |= _journey(window)
    numbers |= _posture(window)
    return numbers


def _signals(window: Window) -> dict[str, Array]:
    """Series over time [R], in torso lengths, cosines or logarithms; heights upwards."""
    joints = window.joints
    hip, shoulder = joints[:, HIPS].mean(1), joints[:, SHOULDERS].mean(1)
    ankle, knee = joints[:, ANKLES].mean(1), joints[:, KNEES].mean(1)
    wrist = joints[:, WRISTS].mean(1)
    floor = joints[:, ANKLES, 1].max(1)
    centre_x, centre_y, width, height = window.boxes.T
    size = np.log(np.maximum(height, 0.05))
    return {
        "hip_x": hip[:, 0],
        "hip_y": -hip[:, 1],
        "box_y": -centre_y,
        "box_top": height / 2 - centre_y,
        "box_bottom": -height / 2 - centre_y,
        "box_x": centre_x,
        "box_size": size,
        "box_width": np.log(np.maximum(width, 0.05)),
        "box_shape": np.log(np.maximum(width, 0.05)) - size,
        "torso": np.linalg.norm(shoulder - hip, axis=-1),
        "lean": shoulder[:, 0] - hip[:, 0],
        "upright": hip[:, 1] - shoulder[:, 1],
        "head": hip[:, 1] - joints[:, NOSE, 1],
        "hip_height": floor - hip[:, 1],
        "hip_share": (floor - hip[:, 1]) / np.maximum(height, 0.05),
        "shoulder_height": floor - shoulder[:, 1],
        "thigh_drop": knee[:, 1] - hip[:, 1],
        "shin_drop": ankle[:, 1] - knee[:, 1],
        "knee_forward": np.abs(knee[:, 0] - hip[:, 0]),
        "wrist_height": shoulder[:, 1] - wrist[:, 1],
        "wrist_gap": np.linalg.norm(joints[:, 9] - joints[:, 10], axis=-1),
        "knee_gap": joints[:, 13, 0] - joints[:, 14, 0],
        "stride": joints[:, 15, 0] - joints[:, 16, 0],
        "stride_size": np.abs(joints[:, 15, 0] - joints[:, 16, 0]),
        "stride_height": joints[:, 15, 1] - joints[:, 16, 1],
        "turned": joints[:, 5, 0] - joints[:, 6, 0],
        "turned_hips": joints[:, 11, 0] - joints[:, 12, 0],
        "breadth": np.abs(joints[:, 5, 0] - joints[:, 6, 0]),
        "gaze": joints[:, NOSE, 0] - shoulder[:, 0],
        "knee_bend": _bend(joints, HIPS, KNEES, ANKLES).mean(1),
        "knee_bend_least": _bend(joints, HIPS, KNEES, ANKLES).min(1),
        "hip_bend": _bend(joints, SHOULDERS, HIPS, KNEES).mean(1),
        "elbow_bend": _bend(joints, SHOULDERS, ELBOWS, WRISTS).mean(1),
        "ankle_speed": _speed(joints[:, ANKLES] - hip[:, None], window.rate_hz),
        "wrist_speed": _speed(joints[:, WRISTS] - shoulder[:, None], window.rate_hz),
        "hip_speed": _speed(hip[:, None], window.rate_hz),
        "face_seen": window.scores[:, (NOSE, *EYES)].mean(1),
        "ears_seen": window.scores[:, EARS[0]] - window.scores[:, EARS[1]],
        "legs_seen": window.scores[:, (*KNEES, *ANKLES)].mean(1),
        "arms_seen": window.scores[:, (*ELBOWS, *WRISTS)].mean(1),
    }


def _bend(
    joints: Array, upper: tuple[int, int], middle: tuple[int, int], lower: tuple[int, int]
) -> Array:
    """Cosine of the angle at a joint, left and right [R, 2]: -1 stretched, 1 folded."""
    a = joints[:, upper] - joints[:, middle]
    b = joints[:, lower] - joints[:, middle]
    length = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    cosine: Array = (a * b).sum(-1) / np.maximum(length, 1e-3)
    return cosine


def _speed(places: Array, rate_hz: float) -> Array:
    """Mean speed [R] of places [R, N, 2], torso lengths a second."""
    if len(places) < 2:
        return np.zeros(len(places))
    speed: Array = np.linalg.norm(np.gradient(places, axis=0), axis=-1).mean(1) * rate_hz
    return speed


def _statistics(series: Array, rate_hz: float) -> tuple[float, ...]:
    """The numbers of ``STATISTICS`` for one series [R]."""
    low, high = np.percentile(series, (5, 95))
    fifth = max(1, len(series) // 5)
    start, end = series[:fifth].mean(), series[-fifth:].mean()
    at = len(series) // 2
    middle = series[max(0, at - fifth) : at + fifth].mean()
    rate = np.abs(np.diff(series)).mean() * rate_hz if len(series) > 1 else 0.0
    return (
        float(series.mean()),
        float(series.std()),
        float(low),
        float(high),
        float(end - start),
        float(middle - (start + end) / 2),
        float(rate),
    )


def _rhythm(name: str, series: Array, rate_hz: float) -> dict[str, float]:
    """Where in frequency a series without its trend has its power."""
    padded = 128
    time = np.linspace(-1, 1, len(series))
    trend = np.polyfit(time, series, 1) if len(series) > 2 else np.array([0.0, series.mean()])
    rest = (series - np.polyval(trend, time)) * np.hanning(len(series) + 2)[1:-1]
    power = np.abs(np.fft.rfft(rest, max(padded, len(series)))) ** 2 / max(1, len(series))
    hertz = np.fft.rfftfreq(max(padded, len(series)), 1 / rate_hz)
    bands = [power[(hertz >= low) & (hertz < high)].sum() for low, high in BANDS_HZ]
    total = sum(bands) + STILLNESS
    useful = (hertz >= BANDS_HZ[0][0]) & (hertz < BANDS_HZ[-1][1])
    numbers = {
        f"{name}.band_{low:g}_hz": float(band / total)
        for (low, _), band in zip(BANDS_HZ, bands, strict=True)
    }
    numbers[f"{name}.cadence_hz"] = float((power * hertz)[useful].sum() / total)
    numbers[f"{name}.peak_hz"] = float(hertz[useful][power[useful].argmax()] * sum(bands) / total)
    numbers[f"{name}.power"] = float(np.log10(total))
    return numbers


def _journey(window: Window) -> dict[str, float]:
    """How far the person came, how directly, for how long."""
    hip = window.joints[:, HIPS].mean(1)
    steps = np.linalg.norm(np.diff(hip, axis=0), axis=-1)
    path = float(steps.sum())
    net = float(np.linalg.norm(hip[-1] - hip[0]))
    seconds = max(window.duration_s, 0.1)
    return {
        "journey.net": net,
        "journey.net_x": float(abs(hip[-1, 0] - hip[0, 0])),
        "journey.path": path,
        "journey.straight": net / (path + 0.1),
        "journey.net_speed": net / seconds,
        "journey.growth": float(
            np.log((window.boxes[-1, 3] + 0.05) / (window.boxes[0, 3] + 0.05)) / seconds
        ),
        "journey.log_duration": float(np.log(seconds)),
        "journey.coverage": window.coverage,
        "journey.scores": float(window.scores.mean()),
    }


def _posture(window: Window) -> dict[str, float]:
    """The course of every joint around the hips: first cosine terms over the span."""
    hip = window.joints[:, HIPS].mean(1, keepdims=True)
    local = window.joints - hip
    phase = np.pi * (np.arange(len(local)) + 0.5) / len(local)
    waves = np.cos(phase[:, None] * np.arange(POSTURE_TERMS))
    terms = np.einsum("rw,rkd->wkd", waves, local) / len(local)
    return {
        f"posture.{wave}.{joint}.{'xy'[axis]}": float(terms[wave, joint, axis])
        for wave in range(POSTURE_TERMS)
        for joint in range(terms.shape[1])
        for axis in range(2)
    }


def _names() -> tuple[str, ...]:
    blank = Window(
        np.zeros((2, 17, 2)), np.zeros((2, 17)), np.zeros((2, 4)), DEFAULT.rate_hz, 0.1, 0.0
    )
    return tuple(_numbers(blank))


FEATURE_NAMES = _names()
