"""Makes training pictures as dark, noisy and damaged as a night camera's.

Light is taken away in linear light, photons and the sensor's own noise are added, and the
result is stored in 8 bits again, so that a network sees what the lack of light does rather
than a dimmed picture. Damage that other pictures have (blur, few pixels, compression, things
in front of the person) is added on the way. What the pipeline does to dark clips before the
network sees them is done to a share of the pictures, too: noise averaged over frames where nothing
moves, and the learnt curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from inference.tone_curve import FINE, curve_of, fine_table
from inference.types import Floats, Pixels

DISPLAY_GAMMA = 2.2
_LINEAR = (np.arange(256, dtype=np.float64) / 255.0) ** DISPLAY_GAMMA
_STORED_STEPS = 4096
_STORED = (255.0 * (np.arange(_STORED_STEPS + 1) / _STORED_STEPS) ** (2 / DISPLAY_GAMMA)).astype(
    np.float32
)
_SPREAD = np.linspace(-2.4, 2.4, 25)
_CHANCE = np.exp(-(_SPREAD**2) / 2) / np.exp(-(_SPREAD**2) / 2).sum()
_AVERAGED_STEPS = 256


@dataclass(frozen=True)
class DegradeConfig:
    """Ranges of darkness and damage; each is drawn anew for every sample."""

    # f-stops taken from bright pictures, and from clips that are dark already.
    bright_stops: tuple[float, float] = (0.0, 7.5)
    dark_stops: tuple[float, float] = (-1.0, 3.0)
    # Exponent on linear light: the camera's own curve.
    curve: tuple[float, float] = (0.75, 1.35)
    # Standard deviation of each colour's gain in stops: the lamp's and sensor's colour.
    cast: float = 0.3
    # Share of samples lit unevenly, and the deviation of that light in stops.
    shaded: float = 0.4
    shade: float = 0.8
    # Share of samples without any colour (infrared).
    grey: float = 0.1
    # Share of samples that get sensor noise.
    noisy: float = 0.8
    # Electrons at full light, drawn evenly on a logarithmic scale, and read noise, electrons.
    full_well: tuple[float, float] = (2000.0, 30000.0)
    read_noise: tuple[float, float] = (1.0, 6.0)
    # Share of noise that neighbouring pixels have in common (scaled or compressed video).
    clumped: tuple[float, float] = (0.0, 0.6)
    # Share of noisy samples that are an average over frames, and the most frames of it.
    averaged: float = 0.6
    most_frames: int = 8
    # Share of samples that get the learnt curve, and the deviation (natural logarithm) of the
    # light around the crop, which has its say in the curve, from the crop's own.
    lifted: float = 0.75
    around: float = 0.4
    # Shares of samples that are blurred, shrunk and grown again, compressed, partly covered.
    blurred: float = 0.15
    shrunk: float = 0.15
    compressed: float = 0.3
    covered: float = 0.3
    # JPEG quality and the smallest size of a shrunk picture.
    quality: tuple[int, int] = (30, 90)
    smallest: float = 0.4
    # Most of each side that a covering patch takes.
    patch: float = 0.3


@dataclass(frozen=True)
class Damage:
    """What was drawn for one sample; all its frames share it, only noise differs."""

    to_linear: npt.NDArray[np.float32]  # float32 [256, 3]: stored value to light, per colour.
    shade: npt.NDArray[np.float32] | None  # float32 [h, w, 1]: factor on the light.
    grey: bool
    full_well: float
    read_noise: float
    clumped: float
    frames: int  # Over which the noise is averaged where nothing moves.
    moving: npt.NDArray[np.float32] | None  # float32 [h, w, 1], 0..1: 1 where nothing is averaged.
    around: float | None  # Light around the crop over the crop's own; None for no curve.
    blur: float
    shrink: float
    quality: int
    patches: tuple[tuple[int, int, int, int, int, int], ...]


def draw_damage(
    bright: bool, image: tuple[int, int], config: DegradeConfig, rng: np.random.Generator
) -> Damage:
    """Draw one sample's darkness and damage.

    Args:
        bright: true for daylight pictures.
        image: (width, height) px.
        config: the ranges.
        rng: the only source of chance.
    """
    stops = rng.uniform(*(config.bright_stops if bright else config.dark_stops))
    gains = np.exp2(-stops + rng.normal(0, config.cast, 3))
    light = _LINEAR ** rng.uniform(*config.curve)
    noisy = rng.random() < config.noisy
    averaged = noisy and rng.random() < config.averaged
    lifted = rng.random() < config.lifted
    return Damage(
        to_linear=(light[:, None] * gains).astype(np.float32),
        shade=_draw_shade(image, config, rng),
        grey=bool(rng.random() < config.grey),
        full_well=float(np.exp(rng.uniform(*np.log(config.full_well)))) if noisy else 0.0,
        read_noise=float(rng.uniform(*config.read_noise)),
        clumped=float(rng.uniform(*config.clumped)),
        frames=int(rng.integers(2, config.most_frames + 1)) if averaged else 1,
        moving=_draw_moving(image, rng) if averaged else None,
        around=float(np.exp(rng.normal(0, config.around))) if lifted else None,
        blur=float(rng.uniform(0.4, 1.5)) if rng.random() < config.blurred else 0.0,
        shrink=float(rng.uniform(config.smallest, 0.9)) if rng.random() < config.shrunk else 1.0,
        quality=int(rng.integers(*config.quality)) if rng.random() < config.compressed else 0,
        patches=_draw_patches(image, config, rng),
    )


def damaged(picture: Pixels, damage: Damage, rng: np.random.Generator) -> Pixels:
    """A picture darkened and damaged.

    Args:
        picture: uint8 [h, w, 3] RGB.
        damage: what was drawn.
        rng: for the noise, which is new in every frame.

    Returns:
        uint8 [h, w, 3], a new array.
    """
    out = picture.copy()
    for x, y, width, height, from_x, from_y in damage.patches:
        out[y : y + height, x : x + width] = picture[
            from_y : from_y + height, from_x : from_x + width
        ]
    if damage.shrink < 1.0:
        size = (out.shape[1], out.shape[0])
        small = cv2.resize(
            out, None, fx=damage.shrink, fy=damage.shrink, interpolation=cv2.INTER_AREA
        )
        out = cast(Pixels, cv2.resize(small, size, interpolation=cv2.INTER_LINEAR))
    if damage.blur > 0.0:
        out = cast(Pixels, cv2.GaussianBlur(out, (0, 0), damage.blur))
    stored = darkened(out, damage, rng)
    if damage.quality > 0:
        _, packed = cv2.imencode(
            ".jpg", np.rint(stored).astype(np.uint8), (cv2.IMWRITE_JPEG_QUALITY, damage.quality)
        )
        stored = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.float32)
    return np.rint(stored).astype(np.uint8) if damage.around is None else _lifted(stored, damage)


def darkened(picture: Pixels, damage: Damage, rng: np.random.Generator) -> Floats:
    """Less light, then photon and read noise: float32 [h, w, 3], stored values 0..255.

    They are whole numbers where no noise is averaged over frames.
    """
    table = damage.to_linear.reshape(1, 256, 3)
    light = np.asarray(cv2.LUT(picture, table), np.float32)
    if damage.shade is not None:
        light *= damage.shade
    if damage.grey:
        light[...] = light.mean(axis=2, keepdims=True)
    if damage.frames > 1:
        return _averaged(light, damage, rng)
    if damage.full_well > 0.0:
        # Poisson noise of more than a few electrons is all but normal.
        spread = np.sqrt(_variance(light, damage))
        light += spread * _noise(light.shape, damage.clumped, damage.grey, rng)
    np.clip(light, 0.0, 1.0, out=light)
    np.sqrt(light, out=light)  # Finer steps in the dark, where 8 bits are few.
    light *= _STORED_STEPS
    return np.rint(_STORED[light.astype(np.int32)])


def _variance(light: Floats, damage: Damage) -> Floats:
    """Of photon and read noise, in light squared."""
    found = np.maximum(light, 0) / damage.full_well
    found += (damage.read_noise / damage.full_well) ** 2
    return np.asarray(found, np.float32)


def _averaged(light: Floats, damage: Damage, rng: np.random.Generator) -> Floats:
    """The mean of the stored values of several noisy frames, by its distribution.

    Stored values are cut off at black, so the mean of dark places is above what is there.
    """
    at = (np.arange(_AVERAGED_STEPS + 1) / _AVERAGED_STEPS).astype(np.float32) ** 2
    drawn = at[:, None] + np.sqrt(_variance(at, damage))[:, None] * _SPREAD
    values = 255.0 * np.clip(drawn, 0.0, 1.0) ** (1 / DISPLAY_GAMMA)
    mean = values @ _CHANCE
    deviation = np.sqrt(np.maximum(values**2 @ _CHANCE - mean**2, 0.0))
    place = (np.sqrt(np.clip(light, 0.0, 1.0)) * _AVERAGED_STEPS).astype(np.int32)
    moving = np.float32(0.0) if damage.moving is None else damage.moving
    share = damage.frames**-0.5 * (1 - moving) + moving
    noise = _noise(light.shape, damage.clumped, damage.grey, rng)
    out = mean.astype(np.float32)[place] + share * deviation.astype(np.float32)[place] * noise
    return np.asarray(np.clip(out, 0.0, 255.0), np.float32)


def _lifted(stored: Floats, damage: Damage) -> Pixels:
    """Stored values after the learnt curve, as the exposure stage gives it to dark clips."""
    luma = stored[::2, ::2].mean(axis=2).ravel() * (damage.around or 1.0)
    curve = curve_of(np.clip(np.rint(luma), 0, 255).astype(np.uint8))
    return np.asarray(fine_table(curve)[np.rint(stored * FINE).astype(np.int32)])


def _draw_shade(
    image: tuple[int, int], config: DegradeConfig, rng: np.random.Generator
) -> npt.NDArray[np.float32] | None:
    """A smooth field of light and shadow, or none."""
    if rng.random() >= config.shaded:
        return None
    coarse = rng.normal(0, config.shade, (4, 3)).astype(np.float32)
    smooth = np.asarray(cv2.resize(coarse, image, interpolation=cv2.INTER_CUBIC), np.float32)
    shade: npt.NDArray[np.float32] = np.exp2(smooth - smooth.mean())[..., None]
    return shade


def _draw_moving(
    image: tuple[int, int], rng: np.random.Generator
) -> npt.NDArray[np.float32] | None:
    """A smooth field, 1 where something moves, or none where all stands still."""
    if rng.random() < 0.4:
        return None
    coarse = rng.normal(rng.uniform(-1.0, 1.0), 1.0, (6, 5)).astype(np.float32)
    smooth = np.asarray(cv2.resize(coarse, image, interpolation=cv2.INTER_CUBIC), np.float32)
    moving: npt.NDArray[np.float32] = np.clip(0.5 + smooth, 0.0, 1.0)[..., None]
    return moving


def _noise(
    shape: tuple[int, ...], clumped: float, grey: bool, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Normal noise of deviation near 1, partly shared between neighbours."""
    noise = rng.standard_normal(shape[:2] if grey else shape, np.float32)
    if clumped > 0.05:
        noise = (1 - clumped) * noise + clumped * np.asarray(cv2.blur(noise, (2, 2)), np.float32)
    return noise[..., None] if grey else noise


def _draw_patches(
    image: tuple[int, int], config: DegradeConfig, rng: np.random.Generator
) -> tuple[tuple[int, int, int, int, int, int], ...]:
    """(x, y, width, height, from x, from y) of up to two patches copied from elsewhere."""
    if rng.random() >= config.covered:
        return ()
    patches = []
    for _ in range(int(rng.integers(1, 3))):
        width = int(rng.uniform(0.1, config.patch) * image[0])
        height = int(rng.uniform(0.1, config.patch) * image[1])
        x, from_x = (int(v) for v in rng.integers(0, image[0] - width, 2))
        y, from_y = (int(v) for v in rng.integers(0, image[1] - height, 2))
        patches.append((x, y, width, height, from_x, from_y))
    return tuple(patches)
