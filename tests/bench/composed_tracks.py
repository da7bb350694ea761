"""Composes one person's long, untrimmed course from the tracks of short clips of known actions.

Takes follow each other as if the person went on from where they were: scaled to one size, moved to
the place where the last take ended, with a short blend between. The middle of the blend is the
true boundary. Neighbours of the same action are one true segment, as nobody could part them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

import numpy as np

from inference.features.windows import HIPS, SHOULDERS
from inference.types import Floats, Poses, Tracks

FPS = Fraction(30)
ONCE = ("Sit", "Stand")
"""Actions that nobody does twice in a row."""


@dataclass(frozen=True)
class Truth:
    """What somebody does in frames ``[start_frame, end_frame)``."""

    label: str
    start_frame: int
    end_frame: int


@dataclass(frozen=True, eq=False)
class Take:
    """A clip's person: COCO-17 ``keypoints`` [n, 17, 3] px and ``boxes`` [n, 4], NaN in gaps."""

    label: str
    keypoints: Floats
    boxes: Floats


T = TypeVar("T", bound=Take)


@dataclass(frozen=True)
class CourseConfig:
    """How a course is put together."""

    most_repeats: int = 1  # takes of one action in a row, 1 to this many
    blend_s: float = 0.2  # between takes
    away: float = 0.05  # chance that the person is away between two actions
    away_s: tuple[float, float] = (1.0, 3.0)  # for so long
    torso_px: float = 40.0  # size of the person


def take_of(poses: Poses, label: str, *, least_s: float = 0.6) -> Take | None:
    """The longest person of a clip; None where they are hardly there."""
    if not len(poses.tracks) or not poses.tracks.present[0].any():
        return None
    cut = slice(*poses.tracks.frame_range(0))
    present = poses.tracks.present[0, cut]
    if present.sum() < least_s * float(poses.fps) or present.mean() < 0.6:
        return None
    return Take(label, poses.keypoints[0, cut], poses.tracks.boxes_xyxy[0, cut])


def compose_course(
    takes: Sequence[Take], seconds: float, rng: np.random.Generator, config: CourseConfig
) -> tuple[Poses, list[Truth]]:
    """One person for at least ``seconds``.

    Args:
        takes: of at least two actions.
        seconds: length; the course ends with the take that reaches it.
        rng: chooses takes, repeats and absences.
        config: how they are joined.

    Returns:
        The person's poses and what they truly do, in time's order, without overlaps.
    """
    blend, frames = round(config.blend_s * float(FPS)), round(seconds * float(FPS))
    keypoints, boxes = np.zeros((0, 17, 3)), np.zeros((0, 4))
    truths: list[Truth] = []
    for take, new_action in order_of(takes, rng, config):
        if len(keypoints) >= frames:
            break
        points, around = _placed(take, keypoints, config.torso_px)
        away = round(rng.uniform(*config.away_s) * float(FPS))
        absent = bool(len(keypoints)) and new_action and rng.random() < config.away
        gap = (away if absent else blend) if len(keypoints) else 0
        start = len(keypoints) + (gap if absent else gap // 2)
        keypoints = _joined(keypoints, points, gap, absent)
        boxes = _joined(boxes, around, gap, absent)
        if truths and not absent:
            truths[-1] = replace(truths[-1], end_frame=start)
        truths.append(Truth(take.label, start, len(keypoints)))
    return _poses(keypoints[None], boxes[None]), merged(truths)


def compose_clip(
    takes: Sequence[Take], people: int, seconds: float, seed: int, config: CourseConfig
) -> tuple[Poses, list[list[Truth]]]:
    """One clip of so many people, each with a course of their own, all cut to its length."""
    frames = round(seconds * float(FPS))
    courses = [
        compose_course(takes, seconds, np.random.default_rng([seed, person]), config)
        for person in range(people)
    ]
    keypoints = np.concatenate([poses.keypoints[:, :frames] for poses, _ in courses])
    boxes = np.concatenate([poses.tracks.boxes_xyxy[:, :frames] for poses, _ in courses])
    truths = [
        [replace(t, end_frame=min(t.end_frame, frames)) for t in truth if t.start_frame < frames]
        for _, truth in courses
    ]
    return _poses(keypoints, boxes), truths


def merged(truths: Sequence[Truth]) -> list[Truth]:
    """Touching neighbours of the same label become one."""
    out = list(truths[:1])
    for before, after in pairwise(truths):
        if after.label == before.label and after.start_frame == before.end_frame:
            out[-1] = replace(out[-1], end_frame=after.end_frame)
        else:
            out.append(after)
    return out


def order_of(
    takes: Sequence[T], rng: np.random.Generator, config: CourseConfig
) -> Iterator[tuple[T, bool]]:
    """Takes without end, and whether each begins an action; classes come equally often."""
    by_label: dict[str, list[T]] = {}
    for take in takes:
        by_label.setdefault(take.label, []).append(take)
    labels, last = sorted(by_label), ""
    while True:
        label = str(rng.choice([name for name in labels if name != last]))
        most = 1 if label in ONCE else config.most_repeats
        for turn in range(int(rng.integers(1, most + 1))):
            yield by_label[label][int(rng.integers(len(by_label[label])))], turn == 0
        last = label


def _placed(take: Take, before: np.ndarray, torso_px: float) -> tuple[np.ndarray, np.ndarray]:
    """Joints and boxes of a take at the common size, hips where the last take's were."""
    points = take.keypoints.astype(np.float64)
    torso = np.linalg.norm(_middle(points, HIPS) - _middle(points, SHOULDERS), axis=-1)
    height = float(np.nanmedian(take.boxes[:, 3] - take.boxes[:, 1]))
    scale = torso_px / max(float(np.nanpercentile(torso, 75)), 0.15 * height, 1.0)
    goal = _end(_middle(before, HIPS), last=True) if len(before) else np.array([160.0, 120.0])
    shift = goal - scale * _end(_middle(points, HIPS), last=False)
    points[..., :2] = points[..., :2] * scale + shift
    return points, take.boxes * scale + np.tile(shift, 2)


def _middle(points: np.ndarray, joints: tuple[int, int]) -> np.ndarray:
    return np.asarray(points[:, joints, :2].mean(axis=1))


def _end(places: np.ndarray, *, last: bool) -> np.ndarray:
    """Median of the first or last five known places [n, 2]."""
    known = places[np.isfinite(places).all(-1)]
    return np.asarray(np.median(known[-5:] if last else known[:5], axis=0))


def _joined(before: np.ndarray, after: np.ndarray, gap: int, absent: bool) -> np.ndarray:
    """Two courses with ``gap`` frames between: nothing where absent, else a straight blend."""
    if not len(before):
        return after
    share = (np.arange(1, gap + 1) / (gap + 1)).reshape(-1, *[1] * (before.ndim - 1))
    between = (1 - share) * before[-1] + share * after[0]
    if absent:
        between = np.full_like(between, np.nan)
    return np.concatenate([before, between, after])


def _poses(keypoints: np.ndarray, boxes: np.ndarray) -> Poses:
    """Joints [P, T, 17, 3] and boxes [P, T, 4] as a clip's people."""
    scores = np.where(np.isnan(boxes[..., 0]), np.nan, 0.8).astype(np.float32)
    tracks = Tracks(boxes.astype(np.float32), scores, np.zeros(scores.shape, np.bool_))
    times = np.arange(keypoints.shape[1]) / float(FPS)
    return Poses(tracks, keypoints.astype(np.float32), "coco17", FPS, (320, 240), times)
