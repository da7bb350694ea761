"""Makes endless training samples: scenes moved and darkened, people pasted in, noise on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np

from inference.detect.dataset import Picture, Scene
from inference.types import Floats, Pixels

_LINEAR = (np.arange(256, dtype=np.float32) / 255.0) ** 2.2
_Item = TypeVar("_Item")
_STEPS = 4096
_STORED = np.rint(255.0 * (np.arange(_STEPS + 1) / _STEPS) ** (2 / 2.2)).astype(np.uint8)


@dataclass(frozen=True)
class AugmentConfig:
    """Ranges; each is drawn anew for every sample."""

    # Shares of samples: dark clips, bright pictures filling the frame; the rest are renders.
    clips: float = 0.5
    pictures: float = 0.35
    # Share of clip samples into which one to three people are pasted.
    pasted: float = 0.35
    # Zoom of scenes, and shift as a share of the frame.
    zoom: tuple[float, float] = (0.7, 1.7)
    shift: float = 0.2
    # Height of people in bright pictures, and of pasted ones, as a share of the frame.
    fill_height: tuple[float, float] = (0.4, 1.7)
    paste_height: tuple[float, float] = (0.2, 1.0)
    # f-stops taken away: from scenes that are dark already, and from bright pictures.
    dark_stops: tuple[float, float] = (-1.5, 2.0)
    bright_stops: tuple[float, float] = (1.0, 6.5)
    # Spread of each colour's gain in stops, and share of samples without colour (infrared).
    cast: float = 0.25
    grey: float = 0.15
    # Electrons at white (log scale) and read noise in electrons; share of samples without noise.
    electrons: tuple[float, float] = (1500.0, 40000.0)
    read_noise: tuple[float, float] = (1.0, 6.0)
    clean: float = 0.25
    # Shares of samples that are blurred and compressed.
    blurred: float = 0.2
    compressed: float = 0.3
    # Of a person, this share must stay inside the frame to count.
    least_inside: float = 0.25
    # People lower than this share of the frame's height do not count.
    least_height: float = 0.07


@dataclass(frozen=True)
class Sample:
    """A frame uint8 [H, W, 3] of the input's size and its people's boxes float32 [N, 4] px."""

    pixels: Pixels
    boxes: Floats


class Mixer:
    """Draws samples; sample ``i`` of a seed is always the same.

    Args:
        scenes: dark clips' frames.
        pictures: bright people.
        renders: rendered scenes.
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
        self._scenes, self._pictures, self._renders = scenes, pictures, renders
        self._size, self._config, self._seed = size, config, seed

    def sample(self, index: int) -> Sample:
        """Sample ``index``."""
        rng = np.random.default_rng((self._seed, index))
        kind = rng.random()
        bright = False
        if kind < self._config.clips or not (self._pictures or self._renders):
            sample = self._moved(_pick(self._scenes, rng), rng)
            if self._pictures and rng.random() < self._config.pasted:
                sample = self._pasted(sample, rng)
        elif self._pictures and (
            kind < self._config.clips + self._config.pictures or not self._renders
        ):
            sample, bright = self._filling(_pick(self._pictures, rng), rng), True
        else:
            sample = self._moved(_pick(self._renders, rng), rng)
        if rng.random() < 0.5:
            sample = _mirrored(sample)
        return Sample(self._exposed(sample.pixels, bright, rng), self._counting(sample.boxes))

    def _moved(self, scene: Scene, rng: np.random.Generator) -> Sample:
        """A scene zoomed and shifted; what lies beyond its borders takes its mean colour."""
        c = self._config
        height, width = scene.pixels.shape[:2]
        fit = min(self._size[0] / width, self._size[1] / height)
        zoom = fit * float(np.exp(rng.uniform(*np.log(c.zoom))))
        stretch = zoom * float(np.exp(rng.uniform(-0.08, 0.08)))
        shift = rng.uniform(-c.shift, c.shift, 2) * self._size
        matrix = np.array(
            [
                [stretch, 0, self._size[0] / 2 - stretch * width / 2 + shift[0]],
                [0, zoom, self._size[1] / 2 - zoom * height / 2 + shift[1]],
            ]
        )
        inside = scene.boxes * [stretch, zoom, stretch, zoom] + np.tile(matrix[:, 2], 2)
        pixels = cv2.warpAffine(
            scene.pixels,
            matrix,
            self._size,
            flags=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=scene.pixels.mean(axis=(0, 1)).tolist(),
        )
        return Sample(np.asarray(pixels, np.uint8), inside.astype(np.float32))

    def _filling(self, picture: Picture, rng: np.random.Generator) -> Sample:
        """One picture that covers the whole frame, mirrored at its borders where it is narrow."""
        pixels = _decoded(picture)
        height, width = pixels.shape[:2]
        tall = picture.box[3] - picture.box[1]
        wanted_height = np.exp(rng.uniform(*np.log(self._config.fill_height)))
        zoom = self._size[1] * wanted_height / max(float(tall), 8.0)
        zoom = float(np.clip(zoom, 0.2, 5.0))
        middle = (picture.box[:2] + picture.box[2:]) / 2
        wanted = np.array(self._size) * rng.uniform([0.2, 0.4], [0.8, 0.8])
        offset = wanted - zoom * middle
        matrix = np.array([[zoom, 0, offset[0]], [0, zoom, offset[1]]])
        moved = cv2.warpAffine(
            pixels, matrix, self._size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        # Borders that merely repeat the last column look like no place at all; blur them away.
        cover = cv2.warpAffine(np.ones((height, width), np.float32), matrix, self._size)
        blurred = cv2.GaussianBlur(moved, (0, 0), 6)
        mix = np.where(cover[..., None] > 0.5, moved, blurred)
        box = picture.box * zoom + np.tile(offset, 2)
        return Sample(mix.astype(np.uint8), box[None].astype(np.float32))

    def _pasted(self, sample: Sample, rng: np.random.Generator) -> Sample:
        """Blend people into a scene, as bright as the place where they stand."""
        pixels, boxes = sample.pixels.copy(), sample.boxes
        for _ in range(int(rng.integers(1, 4))):
            picture = _pick(self._pictures, rng)
            box = self._place_for(picture, rng)
            if not _blend(pixels, picture, box, rng):
                continue
            boxes = boxes[_hidden_share(boxes, box) < 0.55]
            boxes = np.concatenate([boxes, box[None]]).astype(np.float32)
        return Sample(pixels, boxes)

    def _place_for(self, picture: Picture, rng: np.random.Generator) -> Floats:
        width, height = self._size
        tall = height * float(np.exp(rng.uniform(*np.log(self._config.paste_height))))
        side = picture.box[2:] - picture.box[:2]
        wide = tall * float(side[0] / max(side[1], 1.0))
        x = rng.uniform(0.0, width)
        y = rng.uniform(0.4, 0.75) * height
        return np.array([x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2], np.float32)

    def _exposed(self, pixels: Pixels, bright: bool, rng: np.random.Generator) -> Pixels:
        """Take light away, add photon and read noise, store in 8 bits again."""
        c = self._config
        stops = rng.uniform(*(c.bright_stops if bright else c.dark_stops))
        if rng.random() < c.grey:
            pixels = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
        if rng.random() < c.blurred:
            pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.5, 1.8)), np.uint8)
        gain = 2.0 ** (-stops + c.cast * rng.standard_normal(3))
        curve = rng.uniform(0.8, 1.25)
        lookup = np.clip((_LINEAR**curve)[:, None] * gain, 0.0, 1.0).astype(np.float32)
        light = np.stack([lookup[:, k][pixels[..., k]] for k in range(3)], axis=2)
        if rng.random() > c.clean:
            full = float(np.exp(rng.uniform(*np.log(c.electrons))))
            read = rng.uniform(*c.read_noise) / full
            spread = np.sqrt(light / full + read**2, dtype=np.float32)
            noise = rng.standard_normal(light.shape, np.float32)
            if rng.random() < 0.5:
                noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.6), np.float32) * 1.6
            light = light + spread * noise
        index = np.sqrt(np.clip(light, 0.0, 1.0)) * _STEPS
        stored = _STORED[index.astype(np.int32)]
        if rng.random() < c.compressed:
            quality = int(rng.integers(30, 90))
            _, data = cv2.imencode(".jpg", stored, [cv2.IMWRITE_JPEG_QUALITY, quality])
            stored = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        return stored

    def _counting(self, boxes: Floats) -> Floats:
        """Clip to the frame; drop people who are mostly outside or tiny."""
        limit = np.array([*self._size, *self._size], np.float32)
        inside = np.clip(boxes, 0, limit)
        whole = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1.0)
        side = inside[:, 2:] - inside[:, :2]
        keep = side.prod(axis=1) / whole >= self._config.least_inside
        keep &= side[:, 1] >= self._config.least_height * self._size[1]
        return np.asarray(inside[keep], np.float32)


def _blend(pixels: Pixels, picture: Picture, box: Floats, rng: np.random.Generator) -> bool:
    """Blend a picture's person into ``pixels`` at ``box``; false where it would lie outside."""
    height, width = pixels.shape[:2]
    zoom = (box[3] - box[1]) / max(float(picture.box[3] - picture.box[1]), 8.0)
    offset = box[:2] - zoom * picture.box[:2]
    matrix = np.array([[zoom, 0, offset[0]], [0, zoom, offset[1]]], np.float64)
    person = cv2.warpAffine(_decoded(picture), matrix, (width, height))
    mask = _oval(box, (width, height))
    around = mask > 0.5
    if around.sum() < 60:
        return False
    there = _LINEAR[pixels[around]].mean()
    own = max(float(_LINEAR[np.asarray(person)[around]].mean()), 1e-4)
    gain = float(np.clip(there / own * np.exp(rng.uniform(-0.9, 0.9)), 1e-4, 4.0))
    light = np.clip(_LINEAR[np.asarray(person)] * gain, 0.0, 1.0)
    dimmed = _STORED[(np.sqrt(light) * _STEPS).astype(np.int32)]
    mixed = pixels + mask[..., None] * (dimmed.astype(np.float32) - pixels)
    pixels[:] = np.rint(mixed).astype(np.uint8)
    return True


def _oval(box: Floats, size: tuple[int, int]) -> Floats:
    """float32 [H, W]: 1 inside a rounded shape over the box, falling softly to 0 around it."""
    half = np.maximum((box[2:] - box[:2]) / 2, 2.0)
    middle = (box[:2] + box[2:]) / 2
    x = (np.arange(size[0]) - middle[0]) / half[0]
    y = (np.arange(size[1]) - middle[1]) / half[1]
    away = (np.abs(x[None]) ** 3 + np.abs(y[:, None]) ** 3) ** (1 / 3)
    return np.asarray(np.clip((1.12 - away) / 0.24, 0.0, 1.0), np.float32)


def _hidden_share(boxes: Floats, front: Floats) -> Floats:
    low, high = np.maximum(boxes[:, :2], front[:2]), np.minimum(boxes[:, 2:], front[2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    return np.asarray(shared / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1.0))


def _mirrored(sample: Sample) -> Sample:
    width = sample.pixels.shape[1]
    boxes = sample.boxes.copy()
    boxes[:, [0, 2]] = width - 1 - sample.boxes[:, [2, 0]]
    return Sample(np.ascontiguousarray(sample.pixels[:, ::-1]), boxes)


def _decoded(picture: Picture) -> Pixels:
    data = np.frombuffer(picture.data, np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)


def _pick(items: Sequence[_Item], rng: np.random.Generator) -> _Item:
    return items[int(rng.integers(len(items)))]
