"""Sets people that were cut out of pictures into other places, and things in front of people."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.detect.dataset import People, Picture
from inference.detect.light import LINEAR, stored_of
from inference.detect.prepare import Moment, luma_of
from inference.types import Floats, Pixels

_MARGIN = 0.06
_LEAST_PX = 60
_STAYS = 0.35
"""Share of a person's height that must be seen above a thing in front."""


@dataclass(frozen=True)
class Patch:
    """A person ready to be set in: pixels, softness and where.

    Attributes:
        pixels: uint8 [h, w, 3].
        alpha: float32 [h, w], 1 on the person.
        corner: x and y of the patch's top left pixel.
        box: float32 [4] px of the canvas.
        joints: float32 [17, 3].
    """

    pixels: Pixels
    alpha: Floats
    corner: tuple[int, int]
    box: Floats
    joints: Floats


def patch_of(
    picture: Picture, height: float, middle: tuple[float, float], rng: np.random.Generator
) -> Patch | None:
    """A picture's person scaled to a height in px around a place; None without an outline."""
    if picture.outline is None:
        return None
    low = np.maximum(np.floor(picture.box[:2] - _MARGIN * height), 0).astype(int)
    high = np.ceil(picture.box[2:] + _MARGIN * height).astype(int)
    pixels = picture.pixels[low[1] : high[1], low[0] : high[0]]
    outline = picture.outline[low[1] : high[1], low[0] : high[0]]
    zoom_y = height / max(8.0, float(picture.box[3] - picture.box[1]))
    zoom = np.array([zoom_y * np.exp(rng.uniform(-0.12, 0.12)), zoom_y])
    size = np.maximum(np.rint(zoom * [pixels.shape[1], pixels.shape[0]]), 2).astype(int)
    zoom = size / [pixels.shape[1], pixels.shape[0]]
    method = cv2.INTER_AREA if zoom_y < 1 else cv2.INTER_LINEAR
    pixels = np.asarray(cv2.resize(pixels, tuple(size.tolist()), interpolation=method), np.uint8)
    alpha = cv2.resize(outline, tuple(size.tolist()), interpolation=method).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(alpha / 255.0, (0, 0), rng.uniform(0.5, 1.3)), np.float32)
    box = (picture.box - np.tile(low, 2)) * np.tile(zoom, 2)
    corner = np.rint(np.array(middle) - (box[:2] + box[2:]) / 2).astype(int)
    joints = picture.joints.copy()
    joints[:, :2] = (joints[:, :2] - low) * zoom + corner
    placed = (box + np.tile(corner, 2)).astype(np.float32)
    return Patch(pixels, soft, (int(corner[0]), int(corner[1])), placed, joints)


def set_in(
    moment: Moment,
    people: People,
    patch: Patch,
    moves: tuple[tuple[int, int], tuple[int, int]],
    rng: np.random.Generator,
) -> People:
    """Blend a person into a moment in place, about as bright as what is there.

    Args:
        moment: written to.
        people: already there; who is mostly hidden now is dropped.
        patch: the person.
        moves: steps in px that the person is away in the earlier and the later frame.
        rng: of the brightness.
    """
    size = (moment.colour.shape[1], moment.colour.shape[0])
    there, here = _overlap(patch, size, (0, 0))
    around = patch.alpha[here] > 0.5
    if around.sum() < _LEAST_PX:
        return people
    ground = LINEAR[moment.colour[there][around]].mean()
    own = max(float(LINEAR[patch.pixels[here][around]].mean()), 1e-4)
    gain = float(np.clip(ground / own * np.exp(rng.uniform(-1.1, 1.1)), 1e-4, 4.0))
    table = stored_of(LINEAR * gain)
    dimmed = table[patch.pixels]
    luma = luma_of(dimmed)
    _blend(moment.colour, dimmed, patch, (0, 0))
    _blend(moment.before, luma, patch, moves[0])
    _blend(moment.after, luma, patch, moves[1])
    keep = _hidden_share(people.boxes, patch.box) < 0.55
    return People(
        np.concatenate([people.boxes[keep], patch.box[None]]),
        np.concatenate([people.joints[keep], patch.joints[None]]),
        np.concatenate([people.sure[keep], np.ones(1, np.bool_)]),
    )


def set_in_front(moment: Moment, people: People, thing: Pixels, corner: tuple[int, int]) -> People:
    """Put a thing, say a table, in front of everybody, down to the frame's lower edge.

    Args:
        moment: written to.
        people: their boxes end where the thing begins; who is hardly seen any more is unsure.
        thing: uint8 [h, w, 3], reaching the lower edge from ``corner`` (x, y).
        corner: inside the frame.
    """
    x, y = corner
    height, width = moment.colour.shape[:2]
    thing = thing[: height - y, : width - x]
    part = np.s_[y : y + thing.shape[0], x : x + thing.shape[1]]
    moment.colour[part] = thing
    moment.before[part] = moment.after[part] = luma_of(thing)
    right = x + thing.shape[1]
    boxes, joints, sure = people.boxes.copy(), people.joints.copy(), people.sure.copy()
    shared = np.minimum(boxes[:, 2], right) - np.maximum(boxes[:, 0], x)
    covered = (shared > 0.75 * (boxes[:, 2] - boxes[:, 0])) & (boxes[:, 3] > y)
    partly = (shared > 0.2 * (boxes[:, 2] - boxes[:, 0])) & (boxes[:, 3] > y) & ~covered
    seen = (y - boxes[:, 1]) / np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
    sure &= ~(covered & (seen < _STAYS)) & ~(partly & (seen < 0.6))
    boxes[covered & (seen >= _STAYS), 3] = y
    behind = (joints[..., 0] > x) & (joints[..., 0] < right) & (joints[..., 1] > y)
    joints[behind, 2] = 0.0
    return People(boxes, joints, sure)


def set_beside(moment: Moment, people: People, thing: Pixels, corner: tuple[int, int]) -> None:
    """Put a thing where nobody is, into all three frames.

    Args:
        moment: written to, unless somebody is there.
        people: stay as they are.
        thing: uint8 [h, w, 3], inside the frame from ``corner`` (x, y).
        corner: of its top left pixel.
    """
    x, y = corner
    high = (x + thing.shape[1], y + thing.shape[0])
    low = np.maximum(people.boxes[:, :2], corner)
    if (np.minimum(people.boxes[:, 2:], high) > low).all(axis=1).any():
        return
    part = np.s_[y : high[1], x : high[0]]
    moment.colour[part] = thing
    moment.before[part] = moment.after[part] = luma_of(thing)


def _blend(canvas: Pixels, pixels: Pixels, patch: Patch, move: tuple[int, int]) -> None:
    there, here = _overlap(patch, (canvas.shape[1], canvas.shape[0]), move)
    alpha = patch.alpha[here]
    if canvas.ndim == 3:
        alpha = alpha[..., None]
    under = canvas[there].astype(np.float32)
    canvas[there] = (under + alpha * (pixels[here] - under) + 0.5).astype(np.uint8)


def _overlap(
    patch: Patch, size: tuple[int, int], move: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where a moved patch lies in a canvas (w, h), and which part of it that is."""
    there, here = [], []
    for axis in (1, 0):
        begin = patch.corner[axis] + move[axis]
        end = begin + patch.alpha.shape[1 - axis]
        low, high = max(0, begin), max(0, min(size[axis], end))
        there.append(slice(low, high))
        here.append(slice(low - begin, max(low, high) - begin))
    return (there[0], there[1]), (here[0], here[1])


def _hidden_share(boxes: Floats, front: Floats) -> Floats:
    low, high = np.maximum(boxes[:, :2], front[:2]), np.minimum(boxes[:, 2:], front[2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    return np.asarray(shared / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1.0))
