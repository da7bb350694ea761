"""The camera that sees the room: a pinhole, slightly above eye level, looking a little down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Attributes:
        width: image width, px.
        height: image height, px.
        focal: focal length, px.
        above: height of the lens over the floor, metres.
        down: how far it looks below the horizon, radians.
    """

    width: int
    height: int
    focal: float
    above: float
    down: float

    def project(self, points: Points) -> Points:
        """World points [N, 3] in metres → [N, 3]: x px, y px, depth in metres."""
        x, y, z = points.T
        y = y - self.above
        depth = z * np.cos(self.down) - y * np.sin(self.down)
        up = y * np.cos(self.down) + z * np.sin(self.down)
        near = np.maximum(depth, 0.05)
        return np.stack(
            [
                self.width / 2 - 0.5 + self.focal * x / near,
                self.height / 2 - 0.5 - self.focal * up / near,
                depth,
            ],
            axis=1,
        )

    def rays(self) -> Points:
        """World direction of every pixel, [H, W, 3], with unit depth along the camera's axis."""
        x = (np.arange(self.width) - self.width / 2 + 0.5) / self.focal
        y = -(np.arange(self.height) - self.height / 2 + 0.5) / self.focal
        across, up = np.meshgrid(x, y)
        return np.stack(
            [
                across,
                up * np.cos(self.down) - np.sin(self.down),
                np.cos(self.down) + up * np.sin(self.down),
            ],
            axis=2,
        )

    def enlarged(self, factor: int) -> Camera:
        """The same view on a grid ``factor`` times as fine."""
        return Camera(
            self.width * factor, self.height * factor, self.focal * factor, self.above, self.down
        )
