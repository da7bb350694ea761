"""Where a person's box should be next: a Kalman filter of constant velocity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

_UNSURE_SPEED = 0.08
_ACCELERATION = 0.01
_GROWTH = 0.01
_MEASUREMENT = 0.04
_FARTHEST = 10


@dataclass(frozen=True)
class Motion:
    """Middle and size of a box with their speeds; its four numbers do not touch each other.

    All noise is in proportion to the box's height: 0.04 of it where a sure detector measures,
    0.01 a frame of growth and of change in speed. Sizes have no speed: they drift (Kalman, 1960;
    for boxes SORT, Bewley et al., 2016).

    Attributes:
        place: [4] middle x, middle y, width, height in px.
        speed: [4] px a frame; 0 for width and height.
        variance: [3, 4] of the place, of place with speed, of the speed.
    """

    place: Vector
    speed: Vector
    variance: Vector

    @classmethod
    def begin(cls, box_xyxy: Vector) -> Motion:
        """At rest, with an open mind about the speed."""
        place = _to_place(box_xyxy)
        height = max(float(place[3]), 1.0)
        variance = np.zeros((3, 4))
        variance[0] = (_MEASUREMENT * height) ** 2
        variance[2, :2] = (_UNSURE_SPEED * height) ** 2
        return cls(place, np.zeros(4), variance)

    @property
    def box_xyxy(self) -> Vector:
        """The box [4] as corners."""
        half = np.maximum(self.place[2:], 1.0) / 2
        return np.concatenate([self.place[:2] - half, self.place[:2] + half])

    def after(self, frames: int) -> Motion:
        """So many frames later; nobody is expected to go straight on for more than 10."""
        height = max(float(self.place[3]), 1.0)
        ahead = min(frames, _FARTHEST)
        jolt = (_ACCELERATION * height) ** 2 * np.array([1.0, 1.0, 0.0, 0.0])
        drift = (_GROWTH * height) ** 2
        own, shared, speed = self.variance
        grown = own + 2 * ahead * shared + ahead**2 * speed + frames**3 / 3 * jolt + frames * drift
        variance = np.stack(
            [grown, shared + ahead * speed + frames**2 / 2 * jolt, speed + frames * jolt]
        )
        return Motion(self.place + ahead * self.speed, self.speed, variance)

    def seen(self, box_xyxy: Vector, score: float) -> Motion:
        """Corrected by a box; the less sure (0..1) the less it counts."""
        place = _to_place(box_xyxy)
        height = max(float(self.place[3] + place[3]) / 2, 1.0)
        noise = (_MEASUREMENT * height * (2.0 - min(max(score, 0.0), 1.0))) ** 2
        own, shared, speed = self.variance
        gain, steer = own / (own + noise), shared / (own + noise)
        gap = place - self.place
        left = np.stack([(1 - gain) * own, (1 - gain) * shared, speed - steer * shared])
        return Motion(self.place + gain * gap, self.speed + steer * gap, left)


def _to_place(box_xyxy: Vector) -> Vector:
    low, high = box_xyxy[:2], box_xyxy[2:]
    return np.concatenate([(low + high) / 2, high - low]).astype(np.float64)
