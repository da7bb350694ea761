"""What a teacher says of a clip, and how teachers are asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from inference.types import Clip, Floats, IsCancelled, expect

JOINTS = 17


@dataclass(frozen=True)
class Labels:
    """People of one clip.

    Attributes:
        boxes_xyxy: float32 [P, T, 4] px, NaN where absent.
        keypoints: float32 [P, T, 17, 3] in COCO order: x px, y px, score 0..1, which is 0 where
            the joint is not to be learnt; NaN where absent.
    """

    boxes_xyxy: Floats
    keypoints: Floats

    def __post_init__(self) -> None:
        expect(self.boxes_xyxy, (None, None, 4), np.float32, "boxes_xyxy")
        expect(self.keypoints, (*self.boxes_xyxy.shape[:2], JOINTS, 3), np.float32, "keypoints")


class Labeller(Protocol):
    """A teacher at work."""

    def label(self, path: Path, clip: Clip, is_cancelled: IsCancelled) -> Labels:
        """The people of a clip.

        Args:
            path: the clip's file, by which labels may be found.
            clip: its frames, as they are.
            is_cancelled: asked between batches.

        Raises:
            BadInput: this clip has no labels; says why.
        """
        ...
