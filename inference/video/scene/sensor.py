"""From light to bytes: exposure, photon and read noise, in-camera smoothing, 8-bit coding."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.types import Floats, Pixels

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True)
class Sensor:
    """A camera's way of seeing in the dark.

    Attributes:
        exposure: factor from radiance to a signal where 1.0 is white.
        electrons: photo-electrons at white; fewer mean more photon noise.
        read_noise: spread of the read noise, as a share of white.
        cast: colour cast, RGB factors [3].
        smoothing: spread of the in-camera denoising, px, 0 for none.
    """

    exposure: float
    electrons: float
    read_noise: float
    cast: Floats
    smoothing: float


def random_sensor(rng: np.random.Generator, radiance: Floats, darkness: float) -> Sensor:
    """A sensor exposed so that the median luma of the empty place suits ``darkness``.

    Args:
        rng: chooses noise and cast.
        radiance: float32 [H, W, 3], the empty place.
        darkness: 0 is a well-lit room (median luma 110 of 255), 0.8 is like ARID (16), 1 black.
    """
    luma = 110.0 * max(1.0 - darkness, 0.0) ** 1.2 + 0.5
    median = max(float(np.median(radiance @ _LUMA)), 1e-4)
    return Sensor(
        exposure=float((luma / 255.0) ** 2.2 / median),
        electrons=float(10 ** rng.uniform(3.2, 4.3)),
        read_noise=float(10 ** rng.uniform(-3.6, -2.8)),
        cast=np.asarray(np.clip(1.0 + 0.12 * rng.standard_normal(3), 0.7, 1.4), np.float32),
        smoothing=float(rng.choice([0.0, 0.5, 0.8])),
    )


def develop(radiance: Floats, sensor: Sensor, rng: np.random.Generator) -> Pixels:
    """Expose one frame.

    Args:
        radiance: float32 [H, W, 3], linear.
        sensor: see ``Sensor``.
        rng: source of the noise.

    Returns:
        uint8 [H, W, 3] RGB, gamma-coded.
    """
    signal = np.clip(radiance * (sensor.exposure * sensor.cast), 0.0, 1.0)
    spread = np.sqrt(signal / sensor.electrons + sensor.read_noise**2)
    noisy = signal + spread * rng.standard_normal(signal.shape, np.float32)
    if sensor.smoothing:
        noisy = np.asarray(cv2.GaussianBlur(noisy, (0, 0), sensor.smoothing), np.float32)
    return np.asarray(np.rint(255.0 * np.clip(noisy, 0.0, 1.0) ** (1 / 2.2)), np.uint8)
