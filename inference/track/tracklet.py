"""One person as seen so far: boxes by frame, where they should be next, and skeletons."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inference.track.geometry import Boxes
from inference.track.kalman import Motion
from inference.track.likeness import Joints
from inference.types import Floats

_NEWEST = 0.1
"""Share of the newest look in the mean, once there are many."""


@dataclass
class Tracklet:
    """Detections of one person.

    Attributes:
        frames: frames with a detection, rising.
        boxes: box [4] of each.
        scores: score of each.
        carried: whether it comes from a skeleton and not from the detector.
        looks: what the person looks like there, float32 [C]; None where others are in the way.
        motion: the filter's state at the last of them.
        joints: newest skeleton [K, 3] that is known, with its frame and box.
        posed: skeletons that were estimated for good, by stretches of frames.
        look: mean of the looks, the newest count most; None before there are any.
    """

    frames: list[int] = field(default_factory=list)
    boxes: list[Boxes] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    carried: list[bool] = field(default_factory=list)
    looks: list[Floats | None] = field(default_factory=list)
    motion: Motion | None = None
    joints: tuple[int, Boxes, Joints] | None = None
    posed: list[Stretch] = field(default_factory=list)
    look: Floats | None = None
    _known: int = 0

    @property
    def first(self) -> int:
        """First frame with a box."""
        return self.frames[0]

    @property
    def last(self) -> int:
        """Last frame with a box."""
        return self.frames[-1]

    @property
    def last_detected(self) -> int:
        """Last frame in which the detector saw the person."""
        return next(f for f, c in zip(self.frames[::-1], self.carried[::-1], strict=True) if not c)

    @property
    def certainty(self) -> float:
        """Mean score of the detections."""
        detected = [s for s, c in zip(self.scores, self.carried, strict=True) if not c]
        return float(np.mean(detected))

    def __len__(self) -> int:
        """Frames from the first to the last box."""
        return self.last - self.first + 1

    def expected(self, frame: int) -> Motion:
        """The motion carried on to a later frame."""
        if self.motion is None:
            return Motion.begin(self.boxes[-1])
        return self.motion.after(frame - self.last)

    def predict(self, frame: int) -> Boxes:
        """The box [4] expected at a later frame."""
        return self.expected(frame).box_xyxy

    def add(
        self,
        frame: int,
        box: Boxes,
        score: float,
        *,
        carried: bool = False,
        look: Floats | None = None,
    ) -> None:
        """Take a box in."""
        given = np.asarray(box, np.float64)
        if self.motion is None:
            self.motion = Motion.begin(given)
        else:
            self.motion = self.expected(frame).seen(given, score)
        self.frames.append(frame)
        self.boxes.append(given)
        self.scores.append(float(score))
        self.carried.append(carried)
        self.looks.append(look)
        if look is not None:
            share = max(1 / (self._known + 1), _NEWEST)
            self.look = look if self.look is None else self.look + share * (look - self.look)
            self._known += 1

    def joined(self, later: Tracklet) -> Tracklet:
        """This tracklet and one that begins after it ends."""
        return Tracklet(
            self.frames + later.frames,
            self.boxes + later.boxes,
            self.scores + later.scores,
            self.carried + later.carried,
            self.looks + later.looks,
            later.motion,
            later.joints,
            self.posed + later.posed,
            self.look if later.look is None else later.look,
            max(self._known, later._known),
        )

    def cut(self, start: int, end: int, margin: int) -> Tracklet:
        """What lies in ``[start - margin, end + margin)`` and the boxes next to that."""
        low = max(0, bisect_left(self.frames, start - margin) - 1)
        high = bisect_right(self.frames, end + margin) + 1
        span = slice(low, high)
        return Tracklet(self.frames[span], self.boxes[span], self.scores[span], self.carried[span])


@dataclass(frozen=True)
class Stretch:
    """Boxes of one person in some frames, with skeletons where those are estimated.

    Attributes:
        frames: int64 [N], rising.
        boxes_xyxy: float64 [N, 4] px.
        scores: float64 [N].
        interpolated: bool [N], no detection in that frame.
        keypoints: float32 [N, K, 3], or None.
    """

    frames: npt.NDArray[np.int64]
    boxes_xyxy: Boxes
    scores: npt.NDArray[np.float64]
    interpolated: npt.NDArray[np.bool_]
    keypoints: npt.NDArray[np.float32] | None = None
