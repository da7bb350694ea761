"""One person in one frame, cut out with context so that augmentation needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from inference.types import Floats, Pixels

CONTEXT = 1.75
"""Side of a cut over the side of the person's box."""

LONG_SIDE = 320
"""Cuts larger than that, px, are made smaller."""


@dataclass(frozen=True)
class Cut:
    """One person in one frame.

    Attributes:
        pixels: uint8 [h, w, 3] RGB, the person with context.
        origin: float32 [2], the cut's first pixel in the frame, px.
        scale: px of the cut for one px of the frame.
        frame: number of the frame in its clip.
        box_xyxy: float32 [4], px of the frame.
        keypoints: float32 [17, 3], COCO-17: x px, y px of the frame, weight 0..1.
    """

    pixels: Pixels
    origin: Floats
    scale: float
    frame: int
    box_xyxy: Floats
    keypoints: Floats


@dataclass(frozen=True)
class CutTrack:
    """The cuts of one person, by frame number; a picture is a track of one cut.

    Attributes:
        source: clip or picture that it comes from.
        cuts: at least one, frame numbers rising.
    """

    source: str
    cuts: tuple[Cut, ...]


def torso_px(keypoints: Floats) -> Floats:
    """Distance from the middle of the shoulders to the middle of the hips, px.

    Args:
        keypoints: float32 [..., 17, 2 or more] in COCO order.

    Returns:
        float32 [...].
    """
    shoulders = keypoints[..., 5:7, :2].mean(axis=-2)
    hips = keypoints[..., 11:13, :2].mean(axis=-2)
    return np.asarray(np.linalg.norm(shoulders - hips, axis=-1), np.float32)


def cut_out(frame: Pixels, box_xyxy: Floats, keypoints: Floats, number: int) -> Cut:
    """Copy a person with context out of a frame.

    Args:
        frame: uint8 [H, W, 3].
        box_xyxy: float32 [4] px.
        keypoints: float32 [17, 3]; NaN and negative scores become weight 0.
        number: of the frame.
    """
    height, width = frame.shape[:2]
    x0, y0, x1, y1 = (float(v) for v in box_xyxy)
    # An upright box's crop is as wide as 3/4 of its height, a lying one's as high as 4/3.
    half_w = max(x1 - x0, 0.75 * (y1 - y0)) * CONTEXT / 2
    half_h = max(y1 - y0, (x1 - x0) / 0.75) * CONTEXT / 2
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    left = int(np.clip(np.floor(middle_x - half_w), 0, width - 2))
    top = int(np.clip(np.floor(middle_y - half_h), 0, height - 2))
    right = int(np.clip(np.ceil(middle_x + half_w), left + 2, width))
    bottom = int(np.clip(np.ceil(middle_y + half_h), top + 2, height))
    pixels = frame[top:bottom, left:right]
    scale = min(1.0, LONG_SIDE / max(pixels.shape[:2]))
    if scale < 1.0:
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        pixels = cast(Pixels, small)
    clean = np.nan_to_num(np.asarray(keypoints, np.float32)).copy()
    clean[:, 2] = np.clip(clean[:, 2], 0.0, 1.0)
    return Cut(
        pixels=np.ascontiguousarray(pixels),
        origin=np.array([left, top], np.float32),
        scale=scale,
        frame=number,
        box_xyxy=np.asarray(box_xyxy, np.float32),
        keypoints=clean,
    )
