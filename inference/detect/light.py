"""Takes light away from bright and dark frames as a camera would: photons, read noise, 8 bits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from inference.detect.prepare import Moment
from inference.types import Floats, Pixels

LINEAR = (np.arange(256, dtype=np.float32) / 255.0) ** 2.2
"""Light of a stored value."""

_STEPS = 4096
_STORED = np.rint(255.0 * (np.arange(_STEPS + 1) / _STEPS) ** (2 / 2.2)).astype(np.uint8)
_POOL = 1400
"""Side of the stored noise, px; random parts of it are taken."""


@dataclass(frozen=True)
class LightConfig:
    """Ranges; each is drawn anew for every sample."""

    # f-stops taken away: from scenes that are dark already, and from bright pictures.
    dark_stops: tuple[float, float] = (-1.5, 2.5)
    bright_stops: tuple[float, float] = (0.5, 8.0)
    # Spread of each colour's gain in stops, and share of samples without colour (infrared).
    cast: float = 0.25
    grey: float = 0.15
    # Electrons at white (log scale) and read noise in electrons; share of samples without noise.
    electrons: tuple[float, float] = (1500.0, 30000.0)
    read_noise: tuple[float, float] = (1.0, 6.0)
    clean: float = 0.25
    # Share of noisy samples whose noise is clumped, as after demosaicing and video coding.
    clumped: float = 0.4
    # Shares of samples that are blurred and compressed.
    blurred: float = 0.2
    compressed: float = 0.3


def expose(moment: Moment, bright: bool, config: LightConfig, rng: np.random.Generator) -> Moment:
    """Take light away, add photon and read noise, store in 8 bits again.

    Args:
        moment: frame with neighbours.
        bright: it comes from a bright picture.
        config: ranges.
        rng: of all draws.
    """
    colour = moment.colour
    if rng.random() < config.grey:
        grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
        colour = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    planes = [colour, moment.before, moment.after]
    if rng.random() < config.blurred:
        width = rng.uniform(0.5, 1.8)
        planes = [np.asarray(cv2.GaussianBlur(p, (0, 0), width), np.uint8) for p in planes]
    stops = rng.uniform(*(config.bright_stops if bright else config.dark_stops))
    gains = 2.0 ** (-stops + config.cast * rng.standard_normal(3))
    curve = LINEAR ** rng.uniform(0.8, 1.25)
    tables = np.clip(curve[:, None] * gains, 0.0, 1.0).astype(np.float32)
    both = np.clip(curve * gains.mean(), 0.0, 1.0).astype(np.float32)
    lights = [_looked_up(planes[0], tables), *(_looked_up(p, both) for p in planes[1:])]
    if rng.random() > config.clean:
        lights = _with_noise(lights, config, rng)
    stored = [stored_of(light) for light in lights]
    if rng.random() < config.compressed:
        quality = int(rng.integers(30, 90))
        stored = [_compressed(each, quality) for each in stored]
    return Moment(stored[0], stored[1], stored[2])


def stored_of(light: Floats) -> Pixels:
    """Linear light → stored values, uint8."""
    index = np.sqrt(np.clip(light, 0.0, 1.0)) * _STEPS
    return np.asarray(_STORED.take(index.astype(np.int32)), np.uint8)


def _looked_up(plane: Pixels, table: Floats) -> Floats:
    return np.asarray(cv2.LUT(plane, table.reshape(1, 256, -1)), np.float32)


def _with_noise(
    lights: list[Floats], config: LightConfig, rng: np.random.Generator
) -> list[Floats]:
    """Photon and read noise; luma, the mix of three colours, has two thirds of a colour's."""
    full = float(np.exp(rng.uniform(*np.log(config.electrons))))
    read = rng.uniform(*config.read_noise) / full
    pool = _noise(bool(rng.random() < config.clumped))
    noisy = []
    for light in lights:
        share = 1.0 if light.ndim == 3 else 0.67
        spread = np.sqrt(light * (share**2 / full) + (share * read) ** 2, dtype=np.float32)
        shape = light.shape if light.ndim == 3 else (*light.shape, 1)
        noise = np.stack([_part(pool, shape[:2], rng) for _ in range(shape[2])], axis=2)
        noisy.append(light + spread * noise.reshape(light.shape))
    return noisy


def _part(pool: Floats, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    y, x = (int(rng.integers(max(1, _POOL - side))) for side in shape[:2])
    part = pool[y : y + shape[0], x : x + shape[1]]
    if part.shape == shape[:2]:
        return part
    return rng.standard_normal(shape[:2], np.float32)


@cache
def _noise(clumped: bool) -> Floats:
    """Noise of mean 0 and spread about 1, float32 [_POOL, _POOL]."""
    noise = np.random.default_rng(7).standard_normal((_POOL, _POOL), np.float32)
    if clumped:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.6), np.float32) * 1.6
    return noise


def _compressed(plane: Pixels, quality: int) -> Pixels:
    _, data = cv2.imencode(".jpg", plane, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)
