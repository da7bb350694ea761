"""Makes endless training samples: real scenes moved, people set into other places, all darkened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import cv2
import numpy as np

from inference.detect.dataset import People, Picture, Scene
from inference.detect.light import LightConfig, expose
from inference.detect.paste import patch_of, set_beside, set_in, set_in_front
from inference.detect.prepare import Moment, lifted, luma_of, shrink
from inference.types import Floats, Pixels

_Item = TypeVar("_Item")
_EMPTIED_SIDE = 80


@dataclass(frozen=True)
class AugmentConfig:
    """Ranges; each is drawn anew for every sample."""

    # Shares of samples: dark clips, people set into other places, bright pictures that fill the
    # frame; the rest are renders.
    clips: float = 0.5
    composed: float = 0.34
    pictures: float = 0.12
    # Share of clip samples into which people are set, too.
    joined: float = 0.25
    # Of composed samples: shares of places taken from clips and from pictures; the rest are
    # made-up patterns. Shares of no, one, two and three people.
    places: tuple[float, float] = (0.5, 0.38)
    crowd: tuple[float, float, float, float] = (0.16, 0.42, 0.26, 0.16)
    # People wider than this share of their height are seldom in front of a camera, and often in
    # the pictures, which are of gymnasts: how often they are drawn, beside others.
    wide: float = 0.65
    wide_weight: float = 0.2
    # Zoom of scenes, and shift as a share of the frame.
    zoom: tuple[float, float] = (0.75, 1.9)
    shift: float = 0.2
    # Height of people in bright pictures, and of those set in, as a share of the frame.
    fill_height: tuple[float, float] = (0.4, 1.7)
    paste_height: tuple[float, float] = (0.15, 1.5)
    # Shares of people set in who stick out of the frame below and at a side, and how much of them.
    cut_below: float = 0.25
    cut_aside: float = 0.12
    cut: tuple[float, float] = (0.08, 0.6)
    # Share of clip and composed samples with pieces of other places set in: clutter is nobody.
    clutter: float = 0.3
    # Shares of made-up neighbours in which people and the camera move, and how far at most, as
    # a share of the person's and of the frame's height.
    moving: tuple[float, float] = (0.65, 0.25)
    speed: tuple[float, float] = (0.08, 0.02)
    # Share of samples whose neighbours are the frame itself: a still picture.
    still: float = 0.08
    # Shares of composed and of other samples with a thing in front.
    hidden: tuple[float, float] = (0.3, 0.12)
    # Share of samples made larger and shrunk after the noise, as a camera's frames are.
    fine: float = 0.45
    fine_zoom: float = 5 / 3
    # Of a person, this share must stay inside the frame to count.
    least_inside: float = 0.25
    # People lower than this share of the frame's height do not count.
    least_height: float = 0.06
    # Mean luma (0..1) to which dark samples are lifted, as the detector does (its ``lift``).
    lift: float | None = None
    # How light is taken away.
    light: LightConfig = field(default_factory=LightConfig)


@dataclass(frozen=True)
class Sample:
    """A moment of the input's size and the people in its frame."""

    moment: Moment
    people: People


@dataclass(frozen=True)
class _Draft:
    """A sample before its exposure; its arrays are its own."""

    moment: Moment
    people: People
    bright: bool


class Mixer:
    """Draws samples; sample ``i`` of a seed is always the same.

    Args:
        scenes: dark clips.
        pictures: bright people.
        renders: rendered clips.
        size: (width, height) of the samples, px.
        config: ranges.
        seed: of all draws.
    """

    def __init__(
        self,
        scenes: Sequence[Scene],
        pictures: Sequence[Picture],
        renders: Sequence[Scene],
        size: tuple[int, int],
        config: AugmentConfig,
        seed: int,
    ) -> None:
        self._renders = renders
        self._scenes = _Lottery(scenes, [s.weight for s in scenes])
        placed = [(s.place, s.weight) for s in scenes if s.place is not None]
        self._places = _Lottery([p for p, _ in placed], [w for _, w in placed])
        self._cut = _by_width([p for p in pictures if p.outline is not None], config)
        self._alone = _by_width([p for p in pictures if p.alone], config)
        self._emptied = [p for p in pictures if p.outline is not None and p.alone]
        self._size, self._config, self._seed = size, config, seed

    def sample(self, index: int) -> Sample:
        """Sample ``index``."""
        c = self._config
        rng = np.random.default_rng((self._seed, index))
        zoom = c.fine_zoom if rng.random() < c.fine else 1.0
        size = (round(self._size[0] * zoom), round(self._size[1] * zoom))
        draft = self._drafted(size, rng)
        if rng.random() < c.still:
            luma = luma_of(draft.moment.colour)
            draft = _Draft(Moment(draft.moment.colour, luma, luma), draft.people, draft.bright)
        if rng.random() < 0.5:
            draft = _mirrored(draft)
        dark = expose(draft.moment, draft.bright, c.light, rng)
        light = (lifted(p, c.lift) for p in (dark.colour, dark.before, dark.after))
        planes = (shrink(p, self._size) for p in light)
        scale = np.divide(self._size, size, dtype=np.float32)
        return Sample(Moment(*planes), self._counting(draft.people, scale))

    def _drafted(self, size: tuple[int, int], rng: np.random.Generator) -> _Draft:
        c = self._config
        kind = rng.random()
        if kind < c.composed and self._cut:
            return self._composed(size, rng)
        kind -= c.composed
        if kind < c.pictures and self._alone:
            return self._with_thing(self._filling(self._alone.draw(rng), size, rng), 1, rng)
        if (kind < c.pictures + c.clips or not self._renders) and self._scenes:
            draft = self._cluttered(self._moved(self._scenes.draw(rng), size, rng), rng)
            if self._cut and rng.random() < c.joined:
                draft = self._joined(draft, int(rng.integers(1, 3)), rng)
            return self._with_thing(draft, 1, rng)
        return self._moved(_pick(self._renders, rng), size, rng)

    def _moved(self, scene: Scene, size: tuple[int, int], rng: np.random.Generator) -> _Draft:
        """A scene zoomed and shifted; what lies beyond its borders takes its mean colour."""
        at = int(scene.usable[int(rng.integers(len(scene.usable)))])
        away = int(rng.integers(1, 3)) * (1 if rng.random() < 0.5 else -1)
        last = len(scene.frames) - 1
        near = (min(max(at - away, 0), last), min(max(at + away, 0), last))
        matrix = self._placing(scene.frames[at], size, rng)
        planes = [scene.frames[at], *(luma_of(scene.frames[t]) for t in near)]
        moved = [_warped(plane, matrix, size) for plane in planes]
        return _Draft(Moment(*moved), _placed(scene.people[at], matrix), bright=False)

    def _placing(self, pixels: Pixels, size: tuple[int, int], rng: np.random.Generator) -> Floats:
        """A random zoom, stretch and shift that shows most of the pixels: float32 [2, 3]."""
        c = self._config
        height, width = pixels.shape[:2]
        fit = min(size[0] / width, size[1] / height)
        zoom = fit * float(np.exp(rng.uniform(*np.log(c.zoom))))
        stretch = zoom * float(np.exp(rng.uniform(-0.08, 0.08)))
        shift = rng.uniform(-c.shift, c.shift, 2) * size
        x = size[0] / 2 - stretch * width / 2 + shift[0]
        y = size[1] / 2 - zoom * height / 2 + shift[1]
        return np.array([[stretch, 0, x], [0, zoom, y]], np.float32)

    def _filling(self, picture: Picture, size: tuple[int, int], rng: np.random.Generator) -> _Draft:
        """One picture that covers the whole frame."""
        tall = max(float(picture.box[3] - picture.box[1]), 8.0)
        wanted = size[1] * float(np.exp(rng.uniform(*np.log(self._config.fill_height))))
        zoom = float(np.clip(wanted / tall, 0.2, 8.0))
        middle = (picture.box[:2] + picture.box[2:]) / 2
        offset = np.array(size) * rng.uniform([0.2, 0.4], [0.8, 0.8]) - zoom * middle
        matrix = np.array([[zoom, 0, offset[0]], [0, zoom, offset[1]]], np.float32)
        colour = _warped(picture.pixels, matrix, size, cv2.BORDER_REFLECT_101)
        # Beside the picture its mirror image would show the person again: take that away.
        colour = _calmed(colour, matrix, picture.pixels.shape)
        people = People.of(picture.box[None], picture.joints[None])
        return _Draft(self._neighbours(colour, rng), _placed(people, matrix), bright=True)

    def _composed(self, size: tuple[int, int], rng: np.random.Generator) -> _Draft:
        """A place without people, and some people set into it."""
        ground, bright = self._ground(rng)
        cover = _covering(ground, size, rng)
        nobody = People.of(np.zeros((0, 4), np.float32))
        draft = self._cluttered(_Draft(self._neighbours(cover, rng), nobody, bright), rng)
        draft = self._joined(draft, int(rng.choice(4, p=self._config.crowd)), rng)
        return self._with_thing(draft, 0, rng)

    def _ground(self, rng: np.random.Generator) -> tuple[Pixels, bool]:
        """A place without people, and whether it is bright."""
        c = self._config
        kind = rng.random()
        if kind < c.places[0] and self._places:
            return self._places.draw(rng), False
        if kind < c.places[0] + c.places[1] and self._emptied:
            return emptied(_pick(self._emptied, rng)), True
        return _pattern(rng), True

    def _cluttered(self, draft: _Draft, rng: np.random.Generator) -> _Draft:
        """Now and then pieces of other places are set in where nobody stands."""
        if rng.random() >= self._config.clutter:
            return draft
        colour = draft.moment.colour
        height, width = colour.shape[:2]
        for _ in range(int(rng.integers(1, 4))):
            wide, tall = (int(s * rng.uniform(0.06, 0.4)) for s in (width, height))
            corner = int(rng.integers(0, width - wide)), int(rng.integers(0, height - tall))
            piece = _covering(self._ground(rng)[0], (wide, tall), rng)
            around = colour[corner[1] : corner[1] + tall, corner[0] : corner[0] + wide].mean()
            gain = around / max(float(piece.mean()), 1.0) * rng.uniform(0.4, 1.8)
            piece = np.clip(piece * gain, 0, 255).astype(np.uint8)
            set_beside(draft.moment, draft.people, piece, corner)
        return draft

    def _neighbours(self, colour: Pixels, rng: np.random.Generator) -> Moment:
        """The same frame before and after, a little panned where the camera moves."""
        luma = luma_of(colour)
        if rng.random() >= self._config.moving[1]:
            return Moment(colour, luma, luma.copy())
        step = rng.uniform(-1, 1, 2) * self._config.speed[1] * colour.shape[0]
        planes = []
        for sign in (-1.0, 1.0):
            matrix = np.array([[1, 0, sign * step[0]], [0, 1, sign * step[1]]], np.float32)
            planes.append(
                _warped(luma, matrix, (luma.shape[1], luma.shape[0]), cv2.BORDER_REPLICATE)
            )
        return Moment(colour, planes[0], planes[1])

    def _joined(self, draft: _Draft, count: int, rng: np.random.Generator) -> _Draft:
        """Set some people in."""
        c, people = self._config, draft.people
        height, width = draft.moment.colour.shape[:2]
        for _ in range(count):
            tall = height * float(np.exp(rng.uniform(*np.log(c.paste_height))))
            middle = self._middle(tall, (width, height), rng)
            patch = patch_of(self._cut.draw(rng), tall, middle, rng)
            if patch is not None:
                moves = self._moves(tall, rng)
                people = set_in(draft.moment, people, patch, moves, rng)
        return _Draft(draft.moment, people, draft.bright)

    def _middle(
        self, tall: float, size: tuple[int, int], rng: np.random.Generator
    ) -> tuple[float, float]:
        """Where a person of a height stands; some stick out of the frame (w, h)."""
        c, kind = self._config, rng.random()
        x, y = rng.uniform(0, size[0]), rng.uniform(0.35, 0.85) * size[1]
        out = rng.uniform(*c.cut)
        if kind < c.cut_below and tall > 0.5 * size[1]:
            y = size[1] + (out - 0.5) * tall
        elif kind > 1.0 - c.cut_aside:
            inside = (0.5 - out) * 0.45 * tall  # people are about 0.45 as wide as high
            x = inside if rng.random() < 0.5 else size[0] - inside
        return float(x), float(y)

    def _moves(
        self, tall: float, rng: np.random.Generator
    ) -> tuple[tuple[int, int], tuple[int, int]]:
        """Where a person of a height is in the earlier and in the later frame."""
        if rng.random() >= self._config.moving[0]:
            return (0, 0), (0, 0)
        step = rng.uniform(-1, 1, 2) * [1.0, 0.5] * self._config.speed[0] * tall
        bend = rng.normal(0, 0.2, 2) * step
        before, after = np.rint(bend - step).astype(int), np.rint(bend + step).astype(int)
        return (int(before[0]), int(before[1])), (int(after[0]), int(after[1]))

    def _with_thing(self, draft: _Draft, kind: int, rng: np.random.Generator) -> _Draft:
        """Now and then something stands in front of the people's lower parts."""
        if rng.random() >= self._config.hidden[kind]:
            return draft
        colour = draft.moment.colour
        height, width = colour.shape[:2]
        wide = int(rng.uniform(0.25, 1.0) * width)
        x, y = int(rng.integers(0, width - wide + 1)), int(rng.uniform(0.45, 0.95) * height)
        thing = _covering(_pattern(rng), (wide, height - y), rng)
        ground = colour[y:, x : x + wide].mean() * rng.uniform(0.4, 1.6)
        thing = np.clip(thing * (ground / max(float(thing.mean()), 1.0)), 0, 255).astype(np.uint8)
        people = set_in_front(draft.moment, draft.people, thing, (x, y))
        return _Draft(draft.moment, people, draft.bright)

    def _counting(self, people: People, scale: Floats) -> People:
        """Scale and clip to the frame; drop who is mostly outside, doubt who is tiny."""
        limit = np.array([*self._size, *self._size], np.float32)
        boxes = (people.boxes + 0.5) * np.tile(scale, 2) - 0.5
        inside = np.clip(boxes, 0, limit)
        whole = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1.0)
        side = inside[:, 2:] - inside[:, :2]
        share = side.prod(axis=1) / whole
        keep = (share > 0.05) & (side > 1.0).all(axis=1)
        sure = people.sure & (share >= self._config.least_inside)
        sure &= side[:, 1] >= self._config.least_height * self._size[1]
        joints = people.joints.copy()
        joints[..., :2] = (joints[..., :2] + 0.5) * scale - 0.5
        return People(inside[keep].astype(np.float32), joints[keep], sure[keep])


def emptied(picture: Picture) -> Pixels:
    """A picture without its person: the outline, a little wider, filled from around it."""
    if picture.outline is None:
        return picture.pixels
    zoom = min(1.0, _EMPTIED_SIDE / max(picture.pixels.shape[:2]))
    size = tuple(max(2, round(side * zoom)) for side in picture.pixels.shape[1::-1])
    small = cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA)
    mask = cv2.dilate(cv2.resize(picture.outline, size), np.ones((9, 9), np.uint8))
    return np.asarray(cv2.inpaint(small, mask, 3, cv2.INPAINT_TELEA), np.uint8)


def _pattern(rng: np.random.Generator) -> Pixels:
    """Made-up ground: soft clouds of random fineness in two colours, with some bars and lamps."""
    cells = rng.integers(2, 14, 2)
    clouds = cv2.resize(rng.random(tuple(cells), np.float32), (96, 72), interpolation=2)
    one, two = rng.uniform(5, 250, (2, 3))
    pixels = np.clip(clouds[..., None] * one + (1 - clouds[..., None]) * two, 0, 255)
    for _ in range(int(rng.integers(0, 8))):
        x, y = int(rng.integers(96)), int(rng.integers(72))
        colour = tuple(rng.uniform(0, 255, 3).tolist())
        if rng.random() < 0.7:
            wide, tall = int(rng.integers(2, 40)), int(rng.integers(2, 60))
            cv2.rectangle(pixels, (x, y), (x + wide, y + tall), colour, -1)
        else:
            cv2.circle(pixels, (x, y), int(rng.integers(1, 8)), colour, -1)
    return np.asarray(np.clip(pixels, 0, 255), np.uint8)


def _covering(ground: Pixels, size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """A random part of a ground, scaled to cover a frame (w, h)."""
    height, width = ground.shape[:2]
    zoom = max(size[0] / width, size[1] / height) * float(np.exp(rng.uniform(0.0, 0.5)))
    room = np.array([width * zoom - size[0], height * zoom - size[1]])
    offset = -np.maximum(room, 0.0) * rng.random(2)
    matrix = np.array([[zoom, 0, offset[0]], [0, zoom, offset[1]]], np.float32)
    return _warped(ground, matrix, size, cv2.BORDER_REFLECT_101)


def _warped(
    plane: Pixels, matrix: Floats, size: tuple[int, int], border: int = cv2.BORDER_CONSTANT
) -> Pixels:
    fine = matrix[1, 1] < 0.8
    if fine:  # warping skips pixels when it shrinks; blur first what would alias
        plane = np.asarray(cv2.blur(plane, (2, 2)), np.uint8)
    mean = plane.mean(axis=(0, 1))
    value = mean.tolist() if plane.ndim == 3 else float(mean)
    moved = cv2.warpAffine(plane, matrix, size, borderMode=border, borderValue=value)
    return np.asarray(moved, np.uint8)


def _calmed(colour: Pixels, matrix: Floats, shape: tuple[int, ...]) -> Pixels:
    """Blur what lies beyond the picture's own borders."""
    low = matrix[:, 2]
    high = low + np.diag(matrix[:, :2]) * [shape[1], shape[0]]
    left, top = (int(np.clip(v, 0, s)) for v, s in zip(low, colour.shape[1::-1], strict=True))
    right, bottom = (int(np.clip(v, 0, s)) for v, s in zip(high, colour.shape[1::-1], strict=True))
    small = cv2.resize(colour, (12, 9), interpolation=cv2.INTER_AREA)
    out = np.asarray(cv2.resize(small, colour.shape[1::-1], interpolation=1), np.uint8)
    out[top:bottom, left:right] = colour[top:bottom, left:right]
    return out


def _placed(people: People, matrix: Floats) -> People:
    """People of a scene that is moved by a matrix without rotation."""
    zoom, offset = np.diag(matrix[:, :2]), matrix[:, 2]
    joints = people.joints.copy()
    joints[..., :2] = joints[..., :2] * zoom + offset
    boxes = people.boxes * np.tile(zoom, 2) + np.tile(offset, 2)
    return People(boxes.astype(np.float32), joints, people.sure)


def _mirrored(draft: _Draft) -> _Draft:
    """Left and right changed; joints keep the names of their sides, as no target tells sides."""
    last = draft.moment.colour.shape[1] - 1
    boxes, joints = draft.people.boxes.copy(), draft.people.joints.copy()
    boxes[:, [0, 2]] = last - draft.people.boxes[:, [2, 0]]
    joints[..., 0] = last - joints[..., 0]
    m = draft.moment
    flipped = (np.ascontiguousarray(p[:, ::-1]) for p in (m.colour, m.before, m.after))
    return _Draft(Moment(*flipped), People(boxes, joints, draft.people.sure), draft.bright)


def _by_width(pictures: Sequence[Picture], config: AugmentConfig) -> _Lottery[Picture]:
    """Pictures of people who are wide for their height are drawn less often."""
    sides = [picture.box[2:] - picture.box[:2] for picture in pictures]
    wide = [float(side[0]) > config.wide * float(side[1]) for side in sides]
    return _Lottery(pictures, [config.wide_weight if each else 1.0 for each in wide])


def _pick(items: Sequence[_Item], rng: np.random.Generator) -> _Item:
    return items[int(rng.integers(len(items)))]


class _Lottery(Generic[_Item]):
    """Draws things by weight."""

    def __init__(self, items: Sequence[_Item], weights: Sequence[float]) -> None:
        self._items = items
        self._until = np.cumsum(np.asarray(weights, np.float64))

    def __bool__(self) -> bool:
        return len(self._items) > 0

    def draw(self, rng: np.random.Generator) -> _Item:
        """One of them."""
        drawn = rng.random() * self._until[-1]
        return self._items[int(np.searchsorted(self._until, drawn, side="right"))]
