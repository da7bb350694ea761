"""Runs our pose network over the images of a PoseTrack18 file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from inference.errors import BadInput
from inference.pose.estimator import PoseEstimator
from inference.pose.posetrack.boxes import Wanted
from inference.pose.posetrack.types import Frame, Person, PoseSet
from inference.pose.posetrack.write import person_of
from inference.skeleton import Skeleton
from inference.types import Floats, Pixels

ReadImage = Callable[[str], Pixels | None]
"""Gives an image uint8 [H, W, 3] RGB by its name, None where there is none."""

OnFrame = Callable[[int, int], None]
"""Told (frames done, frames in all)."""


def estimate_set(
    truth: PoseSet,
    boxes: Mapping[int, Sequence[Wanted]],
    estimator: PoseEstimator,
    read: ReadImage,
    *,
    every_frame: bool = False,
    on_frame: OnFrame | None = None,
) -> PoseSet:
    """A skeleton for every box.

    The network sees the images before and after each one, by the number in the file's name, as
    the published DCPose does; where there is none, the image itself.

    Args:
        truth: whose images; their annotations are not looked at.
        boxes: by image.
        estimator: the network at work.
        read: gives images.
        every_frame: also those in which nobody is annotated.
        on_frame: told of the progress.

    Returns:
        Predictions in the truth's order of joints.

    Raises:
        BadInput: an image is missing.
    """
    wanted = [f for f in truth.frames if boxes.get(f.id) and (every_frame or f.people)]
    people: dict[int, tuple[Person, ...]] = {}
    for done, frame in enumerate(wanted):
        people[frame.id] = _people(frame, boxes[frame.id], estimator, read, truth.skeleton)
        if on_frame:
            on_frame(done + 1, len(wanted))
    frames = tuple(replace(f, people=people.get(f.id, ())) for f in truth.frames)
    return PoseSet(truth.skeleton, frames)


def neighbour(name: str, step: int) -> str | None:
    """The name of an image so many frames later: ``a/000009.jpg`` and 1 give ``a/000010.jpg``.

    Returns:
        None where the name has no number or the number would be negative.
    """
    path = PurePosixPath(name)
    if not path.stem.isdecimal() or int(path.stem) + step < 0:
        return None
    return str(path.with_stem(f"{int(path.stem) + step:0{len(path.stem)}d}"))


def _people(
    frame: Frame,
    boxes: Sequence[Wanted],
    estimator: PoseEstimator,
    read: ReadImage,
    target: Skeleton,
) -> tuple[Person, ...]:
    frames, middle = _window(frame.name, read, estimator.reach)
    edges = np.array([_corners(wanted) for wanted in boxes], np.float32)
    people: list[Person] = []
    for start in range(0, len(edges), estimator.at_once):
        part = edges[start : start + estimator.at_once]
        keypoints: Floats = estimator.skeletons(frames, np.full(len(part), middle), part)
        for row, box, wanted in zip(keypoints, part, boxes[start:], strict=False):
            people.append(
                person_of(
                    row,
                    estimator.network_config.skeleton,
                    target,
                    box_xyxy=box,
                    track=wanted.track,
                    score=wanted.score,
                )
            )
    return tuple(people)


def _window(name: str, read: ReadImage, reach: int) -> tuple[Pixels, int]:
    """The image with up to ``reach`` neighbours on each side, and its place among them."""
    current = read(name)
    if current is None:
        raise BadInput("no_image", f"Expected an image {name}, there is none.")
    before = _others(name, -1, reach, current, read)[::-1]
    return np.stack([*before, current, *_others(name, 1, reach, current, read)]), len(before)


def _others(name: str, way: int, reach: int, current: Pixels, read: ReadImage) -> list[Pixels]:
    """Neighbours on one side, the nearest first, up to the first one that is not there."""
    frames: list[Pixels] = []
    for step in range(1, reach + 1):
        other = neighbour(name, way * step)
        frame = read(other) if other else None
        if frame is None or frame.shape != current.shape:
            break
        frames.append(frame)
    return frames


def _corners(wanted: Wanted) -> tuple[float, float, float, float]:
    x, y, width, height = wanted.box
    return x, y, x + width, y + height
