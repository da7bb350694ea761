"""Cuts people out of frames at the network's size and brings keypoints back to the frame.

Geometry is that of the published DCPose: a box is widened to the network's aspect, its middle
comes to lie at (width / 2, height / 2) of the crop, and a heatmap pixel is four crop pixels,
without half-pixel shifts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from inference.pose.config import DCPoseConfig
from inference.types import Floats, Pixels, expect

Doubles = npt.NDArray[np.float64]

PIXEL_STD = 200.0
"""Scales are stored in units of this many pixels, as in the published programs."""

LEAST_SIDE = 4.0
"""px: a smaller box is taken for one of this size."""


@dataclass(frozen=True)
class Placement:
    """Where crops lie in their frames.

    Attributes:
        center: float32 [N, 2] px.
        scale: float32 [N, 2], width and height of the crop in the frame over ``PIXEL_STD``.
    """

    center: Floats
    scale: Floats

    def affines(self, size: tuple[int, int]) -> Doubles:
        """float64 [N, 2, 3]: frame px to px of a crop (or heatmap) of ``size`` (w, h)."""
        factor = size[0] / (self.scale[:, 0].astype(np.float64) * PIXEL_STD)
        middle = np.array(size, dtype=np.float64) / 2
        affines = np.zeros((len(factor), 2, 3))
        affines[:, 0, 0] = affines[:, 1, 1] = factor
        affines[:, :, 2] = middle - factor[:, None] * self.center
        return affines


def place(boxes_xyxy: Floats, image: tuple[int, int], context: float = 1.0) -> Placement:
    """Where to cut for these boxes.

    Args:
        boxes_xyxy: float32 [N, 4] px.
        image: (w, h) of the crop; the box is widened or heightened to its aspect.
        context: factor by which the box grows about its middle.
    """
    expect(boxes_xyxy, (None, 4), np.float32, "boxes_xyxy")
    aspect = image[0] / image[1]
    sides = np.maximum(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], LEAST_SIDE)
    width = np.maximum(sides[:, 0], sides[:, 1] * aspect)
    scale = np.stack((width, width / aspect), axis=1) / PIXEL_STD * context
    center = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2
    return Placement(center.astype(np.float32), scale.astype(np.float32))


def cut(
    frame: Pixels, affine: Doubles, config: DCPoseConfig, size: tuple[int, int] | None = None
) -> Pixels:
    """One crop.

    Args:
        frame: uint8 [H, W, 3].
        affine: float64 [2, 3], frame px to crop px; may rotate.
        config: the crop's size, border and smoothing.
        size: (width, height) px, where it is to be another than the configured one.

    Returns:
        uint8 [image height, image width, 3].
    """
    size = size or config.image
    if config.antialias:
        frame, affine = _shrunk(frame, affine, size)
    border = cv2.BORDER_REPLICATE if config.border == "replicate" else cv2.BORDER_CONSTANT
    crop = cv2.warpAffine(frame, affine, size, flags=cv2.INTER_LINEAR, borderMode=border)
    return cast(Pixels, crop)


def to_points(points: Floats, affines: Doubles) -> Floats:
    """Points moved by affine maps.

    Args:
        points: [N, K, 2 or more]; x and y first, the rest is kept.
        affines: float64 [N, 2, 3].
    """
    moved = np.array(points, dtype=np.float32)
    linear = np.einsum("nij,nkj->nki", affines[:, :, :2], points[..., :2])
    moved[..., :2] = linear + affines[:, None, :, 2]
    return moved


def inverse(affines: Doubles) -> Doubles:
    """float64 [N, 2, 3]: the maps back."""
    linear = np.linalg.inv(affines[:, :, :2])
    shift = -np.einsum("nij,nj->ni", linear, affines[:, :, 2])
    return np.concatenate((linear, shift[:, :, None]), axis=2)


def _shrunk(frame: Pixels, affine: Doubles, size: tuple[int, int]) -> tuple[Pixels, Doubles]:
    """The part of the frame that the crop sees, averaged by a whole factor, and its map."""
    factor = int(1 / np.sqrt(abs(np.linalg.det(affine[:, :2]))) + 1e-6)
    if factor < 2:
        return frame, affine
    corners = np.array([[[0, 0], [size[0], 0], [0, size[1]], size]], dtype=np.float32)
    seen = to_points(corners, inverse(affine[None]))[0]
    start, stop = [], []
    for axis, length in enumerate((frame.shape[1], frame.shape[0])):
        low = int(np.clip(np.floor(seen[:, axis].min()) - factor, 0, max(0, length - factor)))
        high = int(np.clip(np.ceil(seen[:, axis].max()) + factor, low, length))
        start.append(low)
        stop.append(low + max(1, (high - low) // factor) * factor)
    part = frame[start[1] : stop[1], start[0] : stop[0]]
    small = cv2.resize(
        part,
        (max(1, part.shape[1] // factor), max(1, part.shape[0] // factor)),
        interpolation=cv2.INTER_AREA,
    )
    origin = np.array(start) + (factor - 1) / 2
    shift = affine[:, :2] @ origin + affine[:, 2]
    return cast(Pixels, small), np.column_stack((affine[:, :2] * factor, shift))
