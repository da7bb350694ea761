"""Composes one person's long, untrimmed course as pixels, for a measure from end to end.

People are cut out of their clips with soft-edged boxes and pasted on one place, brought to one
height and to the light around them. Seams and the ground behind them stay to be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from inference.poses_file import load_poses
from inference.types import Clip, FrameTable
from inference.video.frames import read_clip
from tests.bench.composed_tracks import CourseConfig, Take, Truth, merged, order_of, take_of

SIZE = (320, 240)
HEIGHT_PX, FLOOR_PX, INSIDE_PX = 130.0, 225.0, 45.0
SOFT_PX, MOST_GAIN = 6.0, 4.0


@dataclass(frozen=True, eq=False)
class Filmed(Take):
    """A take with its pixels, uint8 [n, H, W, 3], in every frame from first to last box."""

    frames: np.ndarray


def filmed(video: Path, skeletons: Path, label: str) -> Filmed | None:
    """The longest person of a clip with pixels; None where they are hardly there."""
    poses = load_poses(skeletons)
    take = take_of(poses, label)
    if take is None:
        return None
    start, end = poses.tracks.frame_range(0)
    return Filmed(label, take.keypoints, _filled(take.boxes), read_clip(video).frames[start:end])


def compose_pixels(
    takes: Sequence[Filmed], seconds: float, seed: int, config: CourseConfig
) -> tuple[Clip, list[Truth]]:
    """One person for ``seconds`` at 30 frames a second, and what they truly do."""
    rng = np.random.default_rng(seed)
    place = np.median(takes[0].frames[:: max(1, len(takes[0].frames) // 15)], axis=0)
    frames, blend = round(30 * seconds), round(30 * config.blend_s)
    pixels = np.zeros((0, SIZE[1], SIZE[0], 3), np.uint8)
    truths: list[Truth] = []
    at: float = SIZE[0] / 2
    before: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
    for take, _ in order_of(takes, rng, config):
        if len(pixels) >= frames:
            break
        affines, boxes = _placed(take, at)
        shown = _between(before, (take.frames[0], affines[0], boxes[0]), blend)
        shown += list(zip(take.frames, affines, boxes, strict=True))
        start = len(pixels) + (blend // 2 if truths else 0)
        pixels = np.concatenate([pixels, _painted(place, shown, rng)])
        if truths:
            truths[-1] = Truth(truths[-1].label, truths[-1].start_frame, start)
        truths.append(Truth(take.label, start, len(pixels)))
        before = shown[-1]
        at = float(boxes[-1][[0, 2]].mean())
    table = FrameTable(np.arange(frames), frames, Fraction(1, 30), Fraction(30))
    kept = [Truth(t.label, t.start_frame, min(t.end_frame, frames)) for t in truths]
    inside = [t for t in kept if t.start_frame < t.end_frame]
    return Clip("composed", np.ascontiguousarray(pixels[:frames]), table), merged(inside)


def _filled(boxes: np.ndarray) -> np.ndarray:
    """Boxes [n, 4] with straight lines across gaps."""
    known = np.flatnonzero(np.isfinite(boxes).all(-1))
    at = np.arange(len(boxes))
    return np.stack([np.interp(at, known, column[known]) for column in boxes.T], axis=-1)


def _placed(take: Filmed, at: float) -> tuple[np.ndarray, np.ndarray]:
    """Affine maps [n, 2, 3] and boxes [n, 4] on the place: begins near x ``at``, stays inside."""
    scale = HEIGHT_PX / max(float(np.median(take.boxes[:, 3] - take.boxes[:, 1])), 1.0)
    middle = scale * take.boxes[:, [0, 2]].mean(axis=1)
    low, high = INSIDE_PX - middle.min(), SIZE[0] - INSIDE_PX - middle.max()
    x = float(np.clip(at - middle[0], min(low, high), max(low, high)))
    y = FLOOR_PX - scale * float(np.percentile(take.boxes[:, 3], 75))
    affine = np.array([[scale, 0, x], [0, scale, y]])
    return np.repeat(affine[None], len(middle), axis=0), take.boxes * scale + [x, y, x, y]


def _between(
    before: tuple[np.ndarray, np.ndarray, np.ndarray] | None,
    after: tuple[np.ndarray, np.ndarray, np.ndarray],
    count: int,
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The last picture of one take and the first of the next, on a straight way between."""
    if before is None:
        return []
    shown = []
    for share in np.arange(1, count + 1) / (count + 1):
        picture, affine, box = before if share < 0.5 else after
        goal = (1 - share) * before[2] + share * after[2]
        shift = goal.reshape(2, 2).mean(axis=0) - box.reshape(2, 2).mean(axis=0)
        moved = affine.copy()
        moved[:, 2] += shift
        shown.append((picture, moved, box + np.tile(shift, 2)))
    return shown


def _painted(
    place: np.ndarray,
    shown: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]],
    rng: np.random.Generator,
) -> np.ndarray:
    canvas = place + rng.normal(0, 2.0, (len(shown), *place.shape[:2], 1))
    for picture, (frame, affine, box) in zip(canvas, shown, strict=True):
        given = cv2.warpAffine(frame, affine, SIZE, borderMode=cv2.BORDER_REPLICATE).astype(float)
        mask = _mask(box)
        edge = (mask > 0.05) & (mask < 0.6)
        if edge.any():
            gain = (picture[edge].mean() + 1) / (given[edge].mean() + 1)
            given *= np.clip(gain, 1 / MOST_GAIN, MOST_GAIN)
        picture += mask[..., None] * (given - picture)
    return np.asarray(np.clip(np.rint(canvas), 0, 255), np.uint8)


def _mask(box: np.ndarray) -> np.ndarray:
    """float64 [H, W]: 1 in a box, falling to 0 within some pixels around it."""
    columns, rows = np.arange(SIZE[0]), np.arange(SIZE[1])
    across = np.minimum(columns - box[0], box[2] - columns) / SOFT_PX + 1
    down = np.minimum(rows - box[1], box[3] - rows) / SOFT_PX + 1
    return np.asarray(np.clip(down, 0, 1)[:, None] * np.clip(across, 0, 1)[None])
