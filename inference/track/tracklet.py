"""One person as seen so far: boxes by frame, and where they should be next."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from inference.track.geometry import Boxes


@dataclass
class Tracklet:
    """Detections of one person.

    Attributes:
        frames: frames with a detection, rising.
        boxes: box [4] of each.
        scores: score of each.
        velocity: px a frame by which each edge moves, [4].
    """

    frames: list[int] = field(default_factory=list)
    boxes: list[Boxes] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    velocity: Boxes = field(default_factory=lambda: np.zeros(4))

    @property
    def first(self) -> int:
        """First frame with a detection."""
        return self.frames[0]

    @property
    def last(self) -> int:
        """Last frame with a detection."""
        return self.frames[-1]

    @property
    def certainty(self) -> float:
        """Mean score of the detections."""
        return float(np.mean(self.scores))

    def __len__(self) -> int:
        """Frames from the first to the last detection."""
        return self.last - self.first + 1

    def predict(self, frame: int) -> Boxes:
        """The box [4] expected at a later frame; both edges of a side move alike."""
        ahead = min(frame - self.last, 5)
        moved = np.tile((self.velocity[:2] + self.velocity[2:]) / 2, 2)
        return np.asarray(self.boxes[-1] + ahead * moved)

    def add(self, frame: int, box: Boxes, score: float, memory: float) -> None:
        """Take a detection in."""
        if self.frames:
            step = (box - self.boxes[-1]) / (frame - self.last)
            self.velocity = (1 - memory) * self.velocity + memory * step
        self.frames.append(frame)
        self.boxes.append(np.asarray(box, np.float64))
        self.scores.append(float(score))

    def joined(self, later: Tracklet) -> Tracklet:
        """This tracklet and one that begins after it ends."""
        return Tracklet(
            self.frames + later.frames,
            self.boxes + later.boxes,
            self.scores + later.scores,
            later.velocity,
        )
