"""Finds the people that a teacher is to label, and goes through them in small parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inference.errors import BadInput, Cancelled
from inference.pipeline import Pipeline
from inference.pose.cuts import torso_px
from inference.skeleton import COCO17
from inference.types import Clip, Floats, Ints, IsCancelled, Pixels

CHUNK = 32
"""Frames that are worked on at a time."""


@dataclass(frozen=True)
class Part:
    """Some frames of a clip and the people in them.

    Attributes:
        frames: uint8 [t, H, W, 3], with a few frames more at both ends.
        index: int64 [N], which of them each person is in.
        person, frame: int64 [N], where each belongs in the clip's arrays.
        boxes_xyxy: float32 [N, 4] px.
    """

    frames: Pixels
    index: Ints
    person: Ints
    frame: Ints
    boxes_xyxy: Floats


def boxes_of(pipeline: Pipeline, clip: Clip, is_cancelled: IsCancelled) -> Floats:
    """Boxes of everybody in a clip, float32 [P, T, 4] px, NaN where absent.

    Raises:
        BadInput: nobody is there.
        Cancelled: ``is_cancelled`` said so.
    """
    boxes = pipeline.poses(clip, is_cancelled=is_cancelled).tracks.boxes_xyxy
    if not len(boxes):
        raise BadInput("nobody_found", "nobody was found")
    return boxes


def parts_of(
    frames: Pixels, boxes_xyxy: Floats, around: int, is_cancelled: IsCancelled
) -> Iterator[Part]:
    """A clip's people, some frames at a time.

    Args:
        frames: uint8 [T, H, W, 3].
        boxes_xyxy: float32 [P, T, 4] px, NaN where absent.
        around: frames more at both ends of each part.
        is_cancelled: asked before each part.

    Raises:
        Cancelled: ``is_cancelled`` said so.
    """
    there = ~np.isnan(boxes_xyxy[..., 0])
    for start in range(0, len(frames), CHUNK):
        if is_cancelled():
            raise Cancelled
        person, offset = np.nonzero(there[:, start : start + CHUNK])
        if not len(person):
            continue
        frame, first = offset + start, max(0, start - around)
        part = frames[first : start + CHUNK + around]
        yield Part(part, frame - first, person, frame, boxes_xyxy[person, frame])


def agreed(views: Floats, tolerance: float) -> Floats:
    """What several looks at the same people have in common.

    Args:
        views: float32 [V, N, 17, 3]: x px, y px, score, of the same people.
        tolerance: most distance between two views, in torso lengths; joints further apart get
            score 0.

    Returns:
        float32 [N, 17, 3]: means.
    """
    mean = views.mean(axis=0)
    apart = np.linalg.norm(views[..., :2] - mean[..., :2], axis=-1).max(axis=0)
    mean[..., 2] *= apart <= 0.5 * tolerance * torso_px(mean)[:, None]
    return np.asarray(mean, np.float32)


def unmirrored(keypoints: Floats, width: int) -> Floats:
    """Keypoints found in a mirror image, as they are in the image itself.

    Args:
        keypoints: float32 [N, 17, 3] in COCO order.
        width: px of the image.
    """
    found = keypoints[:, list(COCO17.flip_order)]
    found[..., 0] = width - 1 - found[..., 0]
    return found


def mirrored_boxes(boxes_xyxy: Floats, width: int) -> Floats:
    """Boxes [N, 4] as they are in the mirror image."""
    left, top, right, bottom = boxes_xyxy.T
    return np.stack((width - 1 - right, top, width - 1 - left, bottom), axis=1)
