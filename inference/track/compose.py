"""Composes scenes of several people from clips of one, so that everybody's identity is known.

People are cut out of their clips, along their outlines or with soft-edged boxes, and pasted on
another clip's background as light as that is, on paths that cross, leave the picture and come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.track.geometry import Boxes
from inference.types import Bools, Floats, Pixels

Array = npt.NDArray[np.float64]

_FEATHER = 0.07
_MARGIN = 0.05
_LEAST_INSIDE = 0.3
_FARTHEST, _NEAREST = 0.55, 0.95
_TRIES, _HIDDEN, _LONGEST_HIDDEN = 20, 0.6, 0.2
_MOST_GAIN = 4.0
_EDGE_PX = 1.0


@dataclass(frozen=True)
class Actor:
    """One person of one clip, there in every frame.

    Attributes:
        frames: uint8 [T, H, W, 3] RGB.
        boxes_xyxy: float32 [T, 4] px.
        keypoints: float32 [T, K, 3] x px, y px, score.
        outlines: uint8 [T, H, W], 255 on the person; None to cut out boxes.
    """

    frames: Pixels
    boxes_xyxy: Floats
    keypoints: Floats
    outlines: Pixels | None = None


@dataclass(frozen=True)
class Scene:
    """A composed clip; people in order of depth, the farthest first.

    Attributes:
        frames: uint8 [T, H, W, 3] RGB.
        boxes_xyxy: float32 [P, T, 4] px, within the picture; NaN where out of it.
        keypoints: float32 [P, T, K, 3], NaN likewise.
        hidden: float32 [P, T] share of the box that nearer people's boxes cover.
    """

    frames: Pixels
    boxes_xyxy: Floats
    keypoints: Floats
    hidden: Floats


def compose(
    background: Pixels, actors: Sequence[Actor], frames: int, rng: np.random.Generator
) -> Scene:
    """Let some people meet.

    Args:
        background: uint8 [H, W, 3], an empty place.
        actors: P people; shorter ones go on backwards.
        frames: T, length of the scene.
        rng: chooses paths and sizes.
    """
    height, width = background.shape[:2]
    noise = rng.normal(0, 2.0, (frames, height, width, 1))
    pixels = np.clip(background[None] + noise, 0, 255).astype(np.float32)
    depths = np.linspace(_FARTHEST, _NEAREST, len(actors)) * rng.uniform(0.95, 1.05, len(actors))
    parts = _arranged(actors, depths, frames, (width, height), rng)
    for actor, part in zip(actors, parts, strict=True):
        for t, source in enumerate(part.order):
            outline = None if actor.outlines is None else actor.outlines[source]
            affine = np.array(
                [[part.scale, 0, part.shift[t, 0]], [0, part.scale, part.shift[t, 1]]]
            )
            _paste(pixels[t], actor.frames[source], outline, part.boxes[t], affine)
    keypoints = [
        _carried(actor.keypoints[part.order], part.scale, part.shift)
        for actor, part in zip(actors, parts, strict=True)
    ]
    where, there = _inside(np.stack([part.boxes for part in parts]), (width, height))
    joints = np.where(there[..., None, None], np.stack(keypoints), np.nan)
    return Scene(
        frames=np.clip(np.rint(pixels), 0, 255).astype(np.uint8),
        boxes_xyxy=where.astype(np.float32),
        keypoints=joints.astype(np.float32),
        hidden=_hidden(where),
    )


@dataclass(frozen=True)
class _Part:
    """Where an actor goes: source frame of each frame [T], scale, shift px [T, 2], boxes [T, 4]."""

    order: npt.NDArray[np.int64]
    scale: float
    shift: Array
    boxes: Array


def _arranged(
    actors: Sequence[Actor],
    depths: Array,
    frames: int,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> list[_Part]:
    """Parts on which nobody is hidden for most of the time, if some are found soon."""
    best: list[_Part] = []
    least = np.inf
    for _ in range(_TRIES):
        paths = _paths(len(actors), frames, size[0], rng)
        parts = [
            _part(actor, path, float(depth), frames, size[1])
            for actor, path, depth in zip(actors, paths, depths, strict=True)
        ]
        where, _ = _inside(np.stack([part.boxes for part in parts]), size)
        most = float((_hidden(where) > _HIDDEN).mean(axis=1).max())
        if most < least:
            best, least = parts, most
        if least <= _LONGEST_HIDDEN:
            break
    return best


def _part(actor: Actor, path: Array, depth: float, frames: int, height: int) -> _Part:
    order = _to_and_fro(len(actor.frames), frames)
    scale, shift = _placed(actor.boxes_xyxy[order], path, depth, height)
    boxes = actor.boxes_xyxy[order].astype(np.float64) * scale + np.tile(shift, 2)
    return _Part(order, scale, shift, boxes)


def _paths(people: int, frames: int, width: int, rng: np.random.Generator) -> list[Array]:
    """Middle x px [T] of each person: they cross one another, every third leaves and returns."""
    way = np.linspace(0, 1, frames)
    paths = []
    for person in range(people):
        side, pace = rng.uniform(0.08, 0.32), rng.uniform(0.8, 1.25)
        bend = 0.5 - 0.5 * np.cos(np.pi * np.clip(way * pace + rng.uniform(-0.1, 0.1), 0, 1))
        path = side + (1 - 2 * side) * bend
        if person % 3 == 2:
            path = 0.35 - 0.75 * np.sin(np.pi * way) ** 3
        paths.append(width * (path if person % 2 == 0 else 1 - path))
    return paths


def _to_and_fro(length: int, frames: int) -> npt.NDArray[np.int64]:
    """Frame numbers [T] that run forth and back."""
    period = max(1, 2 * length - 2)
    step = np.arange(frames) % period
    return np.where(step < length, step, period - step).astype(np.int64)


def _placed(boxes: Floats, path: Array, depth: float, height: int) -> tuple[float, Array]:
    """Scale and shift px [T, 2] that put somebody on a path at a depth (height over picture's)."""
    scale = depth * 0.9 * height / max(float(np.median(boxes[:, 3] - boxes[:, 1])), 1.0)
    middle = _calm((boxes[:, 0] + boxes[:, 2]) / 2)
    ground = float(np.percentile(boxes[:, 3], 75))
    floor = height * (0.55 + 0.45 * depth)
    shift = np.stack([path - scale * middle, np.full(len(path), floor - scale * ground)], axis=1)
    return scale, shift


def _calm(series: Array) -> Array:
    padded = np.pad(series.astype(np.float64), 7, mode="edge")
    return np.convolve(padded, np.full(15, 1 / 15), mode="valid")


def _paste(
    canvas: Floats, frame: Pixels, outline: Pixels | None, box: Floats, affine: Array
) -> None:
    """Blend a person into a picture [H, W, 3] in place, exposed as the place around them is."""
    size = canvas.shape[1], canvas.shape[0]
    person = cv2.warpAffine(frame, affine, size, borderMode=cv2.BORDER_REPLICATE)
    mask = _mask(box, size)
    given = person.astype(np.float32)
    edge = (mask > 0.05) & (mask < 0.6)
    if edge.any():
        gain = (float(canvas[edge].mean()) + 1.0) / (float(given[edge].mean()) + 1.0)
        given *= np.clip(gain, 1 / _MOST_GAIN, _MOST_GAIN)
    if outline is not None:
        shape = cv2.GaussianBlur(cv2.warpAffine(outline, affine, size), (0, 0), _EDGE_PX)
        mask = np.minimum(mask, np.asarray(shape, np.float32) / 255)
    canvas += mask[..., None] * (given - canvas)


def _mask(box: Floats, size: tuple[int, int]) -> Floats:
    """float32 [H, W]: 1 in a box, falling to 0 around it."""
    span = max(float(box[2] - box[0]), 2.0)
    margin, soft = _MARGIN * span, _FEATHER * span

    def ramp(low: float, high: float, count: int) -> Floats:
        at = np.arange(count, dtype=np.float32)
        rise, fall = (at - low + margin) / soft, (high + margin - at) / soft
        return np.asarray(np.clip(np.minimum(rise, fall) + 0.5, 0, 1), np.float32)

    rows, columns = ramp(box[1], box[3], size[1]), ramp(box[0], box[2], size[0])
    return np.asarray(rows[:, None] * columns[None])


def _carried(keypoints: Floats, scale: float, shift: Array) -> Floats:
    out = keypoints.astype(np.float32).copy()
    out[..., :2] = out[..., :2] * scale + shift[:, None]
    return out


def _inside(boxes: Array, size: tuple[int, int]) -> tuple[Array, Bools]:
    """Boxes cut to the picture, NaN where little of them is in it; and where they are there."""
    limit = np.array([*size, *size]) - 0.5
    cut = np.clip(boxes, -0.5, limit)
    whole = (boxes[..., 2:] - boxes[..., :2]).prod(axis=-1)
    seen = (cut[..., 2:] - cut[..., :2]).prod(axis=-1)
    there = seen >= _LEAST_INSIDE * whole
    return np.where(there[..., None], cut, np.nan), there


def _hidden(boxes: Boxes) -> Floats:
    """float32 [P, T]: the largest share of each box that one nearer person's box covers."""
    hidden = np.zeros(boxes.shape[:2], np.float32)
    for person in range(len(boxes)):
        for nearer in range(person + 1, len(boxes)):
            low = np.maximum(boxes[person, :, :2], boxes[nearer, :, :2])
            high = np.minimum(boxes[person, :, 2:], boxes[nearer, :, 2:])
            area = (boxes[person, :, 2:] - boxes[person, :, :2]).prod(axis=1)
            share = np.clip(high - low, 0, None).prod(axis=1) / area
            hidden[person] = np.maximum(hidden[person], np.nan_to_num(share))
    return hidden
