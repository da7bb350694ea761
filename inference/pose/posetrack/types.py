"""What a file of annotated or predicted poses holds, checked and in one order of joints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.skeleton import Skeleton
from inference.types import Bools

Doubles = npt.NDArray[np.float64]

Box = tuple[float, float, float, float]
"""x, y, width, height in px."""


@dataclass(frozen=True)
class Person:
    """One person in one frame.

    Attributes:
        points: float64 [K, 2]: x px, y px; 0, 0 where not given.
        given: bool [K], the joints that are annotated or predicted.
        scores: float64 [K] of a prediction's joints, NaN where the file has none.
        box: around the person, if the file has one.
        head: around the head, if the file has one of a size.
        area: px² as annotated, None where the file does not say.
        track: number of the person within the video.
        score: of the whole pose, None where the file has none.
        crowd: stands for a group; neither to be found nor wrong where it is.
    """

    points: Doubles
    given: Bools
    scores: Doubles
    box: Box | None = None
    head: Box | None = None
    area: float | None = None
    track: int | None = None
    score: float | None = None
    crowd: bool = False


@dataclass(frozen=True)
class Frame:
    """One image and who is in it.

    Attributes:
        id: of the image within its file.
        name: path of the image below the data set's folder.
        people: in the file's order.
        ignored: polygons float64 [N, 2] px in which nothing counts.
        entry: the image's entry as it stands in the file, for writing it again.
    """

    id: int
    name: str
    people: tuple[Person, ...]
    ignored: tuple[Doubles, ...] = ()
    entry: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PoseSet:
    """All frames of one file.

    Attributes:
        skeleton: order of the joints: PoseTrack-17 or COCO-17, see ``inference.skeleton``.
        frames: in the file's order.
    """

    skeleton: Skeleton
    frames: tuple[Frame, ...]
