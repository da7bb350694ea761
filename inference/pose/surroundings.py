"""Puts people elsewhere: before other places, behind things, half out of the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from inference.pose.cuts import Cut
from inference.types import Pixels

DISPLAY_GAMMA = 2.2


@dataclass(frozen=True)
class SurroundingsConfig:
    """How often and how much the surroundings of a training sample are changed."""

    # Share of samples whose person is put before another place, of bright pictures and clips.
    pasted_bright: float = 0.5
    pasted_dark: float = 0.35
    # Light of that place against the person's, f-stops.
    contrast: tuple[float, float] = (-2.5, 2.5)
    # Share of a place's width that is seen.
    window: tuple[float, float] = (0.25, 1.0)
    # Share of places that get lamps.
    lamps: float = 0.25
    # Shares of samples cut off by the frame's edge and hidden by something at the edge.
    cut_off: float = 0.18
    hidden: float = 0.18
    # Share of the box that is lost then.
    lost: tuple[float, float] = (0.15, 0.6)
    # What a joint behind something still counts.
    hidden_weight: float = 0.25


def place_of(frames: Pixels, looked_at: int = 11) -> Pixels:
    """Where a clip was taken: its median over time, which people mostly leave.

    Args:
        frames: uint8 [T, H, W, 3], at least one.
        looked_at: how many of them count, evenly spread.

    Returns:
        uint8 [H, W, 3].
    """
    chosen = np.linspace(0, len(frames) - 1, min(looked_at, len(frames))).round().astype(int)
    return np.asarray(np.median(frames[chosen], axis=0), np.uint8)


def random_place(
    places: Sequence[Pixels],
    size: tuple[int, int],
    config: SurroundingsConfig,
    rng: np.random.Generator,
) -> Pixels:
    """A window of a place, sometimes mirrored, sometimes with lamps.

    Args:
        places: uint8 [H, W, 3] each, at least one.
        size: (width, height) px wanted.
        config: how much of the place, how often lamps.
        rng: the only source of chance.

    Returns:
        uint8 [height, width, 3].
    """
    place = places[int(rng.integers(len(places)))]
    height, width = place.shape[:2]
    wide = max(8, int(rng.uniform(*config.window) * width))
    high = min(height, max(8, wide * size[1] // size[0]))
    x, y = int(rng.integers(width - wide + 1)), int(rng.integers(height - high + 1))
    window = place[y : y + high, x : x + wide]
    if rng.random() < 0.5:
        window = window[:, ::-1]
    shown = cast(Pixels, cv2.resize(np.ascontiguousarray(window), size))
    return _with_lamps(shown, rng) if rng.random() < config.lamps else shown


def before_place(
    pictures: Sequence[Pixels],
    mattes: Sequence[Pixels],
    place: Pixels,
    config: SurroundingsConfig,
    rng: np.random.Generator,
) -> list[Pixels]:
    """The person of each picture before the same place.

    Args:
        pictures: uint8 [h, w, 3] each.
        mattes: uint8 [h, w] each, 255 for the person.
        place: uint8 [h, w, 3].
        config: how much lighter or darker the place may be.
        rng: the only source of chance.

    Returns:
        uint8 [h, w, 3] each, new arrays.
    """
    person = float(pictures[0][mattes[0] > 127].mean()) if (mattes[0] > 127).any() else 16.0
    gain = 2.0 ** (rng.uniform(*config.contrast) / DISPLAY_GAMMA)
    gain *= max(person, 1.0) / max(float(place.mean()), 1.0)
    behind = np.clip(place * np.float32(gain), 0, 255)
    shares = [matte[..., None].astype(np.float32) / 255 for matte in mattes]
    return [
        (picture * share + behind * (1 - share)).astype(np.uint8)
        for picture, share in zip(pictures, shares, strict=True)
    ]


def cut_off(
    cut: Cut,
    matte: Pixels | None,
    cover: Pixels | None,
    config: SurroundingsConfig,
    rng: np.random.Generator,
) -> tuple[Cut, Pixels | None]:
    """A person of whom a part lies outside the frame or behind something.

    Args:
        cut: the whole person.
        matte: uint8 [h, w] of the cut, if there is one.
        cover: uint8 [any, any, 3] that hides the part; None moves it out of the frame.
        config: how much is lost.
        rng: the only source of chance.

    Returns:
        (cut, matte): the box ends where the person does; what covers counts as in front.
    """
    side = ("bottom", "left", "right", "top")[int(rng.choice(4, p=(0.6, 0.17, 0.17, 0.06)))]
    at = 0 if side in ("left", "right") else 1  # Of (x, y).
    far = side in ("bottom", "right")
    low, high = float(cut.box_xyxy[at]), float(cut.box_xyxy[at + 2])
    lost = rng.uniform(*config.lost) * (high - low)
    edge = high - lost if far else low + lost
    length = cut.pixels.shape[1 - at]
    pixel = int(np.clip(round((edge - float(cut.origin[at])) * cut.scale), 4, length - 4))
    edge = float(cut.origin[at]) + pixel / cut.scale
    box = cut.box_xyxy.copy()
    box[at + 2 if far else at] = edge
    points = cut.keypoints.copy()
    beyond = points[:, at] > edge if far else points[:, at] < edge
    points[beyond, 2] *= 0.0 if cover is None else config.hidden_weight
    kept = replace(cut, box_xyxy=box, keypoints=points)
    if cover is None:
        return _sliced(kept, matte, at, pixel, far)
    return _covered(kept, matte, at, pixel, far, cover)


def _part(at: int, pixel: int, far: bool, *, lost: bool) -> tuple[slice, slice]:
    span = slice(pixel, None) if far == lost else slice(None, pixel)
    return (slice(None), span) if at == 0 else (span, slice(None))


def _sliced(
    cut: Cut, matte: Pixels | None, at: int, pixel: int, far: bool
) -> tuple[Cut, Pixels | None]:
    kept = _part(at, pixel, far, lost=False)
    origin = cut.origin.copy()
    if not far:
        origin[at] += pixel / cut.scale
    pixels = np.ascontiguousarray(cut.pixels[kept])
    return replace(cut, pixels=pixels, origin=origin), None if matte is None else matte[kept]


def _covered(
    cut: Cut, matte: Pixels | None, at: int, pixel: int, far: bool, cover: Pixels
) -> tuple[Cut, Pixels | None]:
    hidden = _part(at, pixel, far, lost=True)
    pixels = cut.pixels.copy()
    height, width = pixels[hidden].shape[:2]
    pixels[hidden] = cv2.resize(cover, (width, height))
    if matte is not None:
        matte = matte.copy()
        matte[hidden] = 255
    return replace(cut, pixels=pixels), matte


def _with_lamps(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """One to four soft bright spots."""
    height, width = picture.shape[:2]
    glow = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        middle = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(1, 12)), int(rng.integers(1, 12)))
        cv2.ellipse(glow, middle, axes, 0, 0, 360, float(rng.uniform(0.3, 1)), -1)
    soft: npt.NDArray[np.float32] = np.asarray(
        cv2.GaussianBlur(glow, (0, 0), float(rng.uniform(0.5, 4))), np.float32
    )
    level = max(60.0, 4.0 * float(picture.mean()))
    return np.clip(picture + level * soft[..., None], 0, 255).astype(np.uint8)
