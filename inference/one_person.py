"""Gives a skeleton to somebody whom the detector missed: a person drew a box, the pose network
follows it.

Nothing is detected: each frame's skeleton says where the box of the next one lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from inference.errors import BadInput
from inference.flow import EstimatesSkeletons, Watch
from inference.types import Floats, Pixels, expect
from inference.video.chunks import Chunk

STAGE = "pose"


@dataclass(frozen=True)
class FollowConfig:
    """When somebody counts as lost, and how the box goes along."""

    # Joints with at least this score say where the person is.
    sure: float = 0.2
    # So many of them at least, or the person is lost; the first frame always counts.
    joints: int = 5
    # Share of a frame's new size in the box; the rest is the size so far. Arms that are raised and
    # lowered should not make the box breathe.
    size_share: float = 0.25
    # How far a detector's box reaches beyond the joints, to the left and above (the head's top), to
    # the right and below (the feet), as shares of the joints' extent. A box that keeps the place
    # that a person drew it at about the joints does worse: drawn boxes are seldom exact.
    before: tuple[float, float] = (0.15, 0.10)
    behind: tuple[float, float] = (0.15, 0.08)


def follow_box(
    chunks: Iterable[Chunk],
    estimator: EstimatesSkeletons,
    treat: Callable[[Pixels], Pixels],
    box_xyxy: Floats,
    frames: tuple[int, int],
    watch: Watch,
    config: FollowConfig | None = None,
) -> tuple[Floats, Floats]:
    """Skeletons of one person from a drawn box on, until the end or until the person is lost.

    Args:
        chunks: of the clip from its start, with the neighbours that the estimator looks at.
        estimator: gives skeletons.
        treat: what the network sees in the stead of raw frames; the clip's first part decides.
        box_xyxy: float32 [4] px, in the first of ``frames``.
        frames: half-open range.
        watch: progress of the stage "pose", and cancelling.
        config: thresholds.

    Returns:
        (boxes float32 [N, 4] px, keypoints float32 [N, K, 3]) of the N >= 1 frames from the first.

    Raises:
        BadInput: ``bad_box`` where the box is empty, ``bad_range`` where the clip is shorter.
        Cancelled: the caller asked to stop.
    """
    settings = config or FollowConfig()
    start, end = frames
    place = _Place(_checked(box_xyxy), settings)
    boxes: list[Floats] = []
    skeletons: list[Floats] = []
    for chunk in chunks:
        watch.check()
        if chunk.start_frame > 0 and chunk.end_frame <= start:
            continue
        seen = treat(chunk.frames)
        for frame in range(max(start, chunk.start_frame), min(end, chunk.end_frame)):
            at = np.array([frame - chunk.first_frame], np.int64)
            keypoints = estimator.skeletons(seen, at, place.box[None])[0, :, :3]
            if skeletons and not place.fits(keypoints):
                return np.stack(boxes), np.stack(skeletons)
            boxes.append(place.box)
            skeletons.append(keypoints)
            place.move(keypoints)
            watch.check()
            watch.progress(STAGE, len(skeletons) / (end - start))
        if chunk.end_frame >= end:
            break
    if not skeletons:
        raise BadInput("bad_range", f"Expected a frame of the clip, got {start}: it is shorter.")
    return np.stack(boxes), np.stack(skeletons)


def _checked(box_xyxy: Floats) -> Floats:
    expect(box_xyxy, (4,), np.float32, "box_xyxy")
    left, top, right, bottom = box_xyxy.tolist()
    if not (right - left >= 1 and bottom - top >= 1):
        raise BadInput(
            "bad_box", f"Expected a box of at least 1 x 1 px, got {right - left} x {bottom - top}."
        )
    return box_xyxy


class _Place:
    """Where the person is cut out of the next frame: around the joints, with a margin."""

    def __init__(self, box: Floats, config: FollowConfig) -> None:
        self.box = box
        self._config = config

    def fits(self, keypoints: Floats) -> bool:
        """Whether this can still be the person."""
        return int((keypoints[:, 2] >= self._config.sure).sum()) >= self._config.joints

    def move(self, keypoints: Floats) -> None:
        """Go where the joints are; where too few are sure, stay."""
        if not self.fits(keypoints):
            return
        config = self._config
        joints = keypoints[keypoints[:, 2] >= config.sure, :2]
        low, high = joints.min(axis=0), joints.max(axis=0)
        extent = np.maximum(high - low, 1.0)
        low, high = low - extent * config.before, high + extent * config.behind
        size = (1 - config.size_share) * (self.box[2:] - self.box[:2])
        size = size + config.size_share * (high - low)
        middle = (low + high) / 2
        self.box = np.concatenate((middle - size / 2, middle + size / 2)).astype(np.float32)
