"""Cuts what the network needs for some skeletons: each crop once, and who uses it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from inference.pose.config import DCPoseConfig
from inference.pose.crop import Doubles, cut, inverse, place
from inference.types import Floats, Ints


@dataclass(frozen=True)
class Batch:
    """Crops of some skeletons, of any people and frames.

    Attributes:
        crops: uint8 [M, H, W, 3].
        which: int64 [3, B]: current, previous and next crop of each skeleton.
        margin: float32 [B, 2]: frames from the previous to the current and from the current to
            the next one.
        back: float64 [B, 2, 3]: heatmap px to frame px.
    """

    crops: Tensor
    which: Tensor
    margin: Tensor
    back: Doubles


def cut_batch(
    frames: np.ndarray,
    frame: Ints,
    boxes_xyxy: Floats,
    config: DCPoseConfig,
    context: float,
    distance: int,
) -> Batch:
    """Cut boxes out of their frames and out of the neighbours.

    Args:
        frames: uint8 [T, H, W, 3].
        frame: int64 [B], the frame of each box.
        boxes_xyxy: float32 [B, 4] px.
        config: the network's.
        context: factor by which boxes grow.
        distance: frames to the neighbours, fewer at the clip's ends; see ``neighbours``.
    """
    placement = place(boxes_xyxy, config.image, context)
    affines = placement.affines(config.image)
    places: dict[tuple[int, bytes], int] = {}
    crops: list[np.ndarray] = []
    which = np.empty((3, len(frame)), dtype=np.int64)
    margin = np.empty((len(frame), 2), dtype=np.float32)
    for column, (index, affine) in enumerate(zip(frame, affines, strict=True)):
        before, after = neighbours(int(index), len(frames), distance)
        margin[column] = max(1, index - before), max(1, after - index)
        for row, seen in enumerate((int(index), before, after)):
            key = (seen, affine.tobytes())
            if key not in places:
                places[key] = len(crops)
                crops.append(cut(frames[seen], affine, config))
            which[row, column] = places[key]
    back = inverse(placement.affines(config.heatmap_size))
    return Batch(
        torch.from_numpy(np.stack(crops)),
        torch.from_numpy(which),
        torch.from_numpy(margin),
        back,
    )


def neighbours(index: int, length: int, distance: int) -> tuple[int, int]:
    """The previous and the next frame that the network sees beside a frame.

    They lie ``distance`` frames away, or as far as the clip goes. At its very ends the frame
    itself stands in, and its margin counts as 1, as in the published program.
    """
    return max(0, index - distance), min(length - 1, index + distance)
