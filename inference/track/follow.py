"""Follows people through a clip as it comes, frame by frame, with a fixed delay.

Sure detections are paired with predicted boxes first and begin tracks; unsure ones then continue
what is left, as in ByteTrack (Zhang et al., 2022). Where boxes leave a choice the skeletons decide.
Whom the detector loses is carried on by the skeleton for a while. Nothing older than ``lag``
frames is asked for, so that the caller need keep no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inference.skeleton import COCO17
from inference.track.associate import box_costs, doubtful, pairs, with_looks, with_skeletons
from inference.track.config import TrackConfig
from inference.track.geometry import Boxes, covered
from inference.track.likeness import Joints, certainty, corrected, likeness, moved, spreads_of
from inference.track.looks import Looks
from inference.track.smooth import stretch_of
from inference.track.tracklet import Stretch, Tracklet
from inference.types import Bools, Detections, Floats, Ints

Look = Callable[[Sequence[int]], list[Detections]]
"""Detects people in frames of these numbers."""

Pose = Callable[[Ints, Floats], Floats]
"""Skeletons [B, K, 3] of people in frames [B] with boxes [B, 4] px."""

_COVERED = 0.5
_CONFIRMED = 3


class Follower:
    """Everybody who was seen so far.

    Args:
        look: detects people; asked for frames in groups, none of them twice.
        pose: estimates skeletons; None to go by boxes alone.
        size: (width, height) px of the frames.
        config: thresholds.
        joints: names of the joints of the skeletons.
        looks: tells what people look like; None to go without.
    """

    def __init__(
        self,
        look: Look,
        pose: Pose | None,
        size: tuple[int, int],
        config: TrackConfig,
        joints: tuple[str, ...] = COCO17.joints,
        looks: Looks | None = None,
    ) -> None:
        self.config, self.size = config, size
        self.tracklets: list[Tracklet] = []
        self.looked = 0
        self._look, self._pose, self._looks = look, pose, looks
        self._spreads = spreads_of(joints)
        self._active: list[Tracklet] = []
        self._found: dict[int, Detections] = {}
        self._next = 0
        self._last = -1
        self._given = 0

    def advance(self, end: int, *, last: bool = False) -> None:
        """Follow up to frame ``end`` (excluded).

        Args:
            end: frames before it can be looked at and posed.
            last: the clip ends there.
        """
        while self._next < end:
            frame = self._next
            self._step(frame, self._detections(frame, end))
            every = self.config.every
            self._next = frame + 1 if self._unsettled(frame) else (frame // every + 1) * every
        if last and 0 <= self._last < end - 1:
            self._step(end - 1, self._detections(end - 1, end))

    def ripe(
        self, end: int, *, last: bool = False, whole: int = 1
    ) -> list[tuple[Tracklet, Stretch]]:
        """Boxes of frames of which everything is known now, each given once.

        Args:
            end: as for ``advance``.
            last: the clip ends there, nothing more will be known.
            whole: give frames in groups of so many, counted from the clip's first.

        Returns:
            Stretches without skeletons of tracklets that may be people.
        """
        start = self._given
        until = end if last else max(start, (end - self.config.lag) // whole * whole)
        self._given = until
        least = max(1, min(self.config.least_length // 2, (end + 1) // 2))
        out = []
        for tracklet in self.tracklets:
            if len(tracklet) < least or until <= start:
                continue
            stretch = stretch_of(tracklet, (start, until), end, self.size, self.config)
            if stretch is not None:
                out.append((tracklet, stretch))
        self._forget(until)
        return out

    def _forget(self, until: int) -> None:
        """Drop what can no longer become a person."""
        self.tracklets = [
            t for t in self.tracklets if t.posed or t.last + self.config.lag >= until or len(t) > 1
        ]

    def _detections(self, frame: int, end: int) -> Detections:
        """Of one frame; those that will be needed next are looked at in one go."""
        if frame not in self._found:
            every = self.config.every
            on_grid = frame % every == 0
            stop = end if on_grid else min(end, (frame // every + 1) * every)
            wanted = list(range(frame, stop, every if on_grid else 1))
            wanted = [f for f in wanted if f not in self._found]
            self._found.update(zip(wanted, self._look(wanted), strict=True))
            self.looked += len(wanted)
        return self._found.pop(frame)

    def _unsettled(self, frame: int) -> bool:
        """Whether somebody has just come or gone."""
        alert = self.config.alert
        return any(
            frame - t.first < alert or 0 < frame - t.last_detected < alert + self.config.every
            for t in self._active
        )

    def _step(self, frame: int, found: Detections) -> None:
        config = self.config
        self._last = frame
        self._active = [t for t in self._active if frame - t.last <= config.patience]
        seen = _Seen(found, self._seen_looks(frame, found), self._free(found))
        sure = np.flatnonzero(found.scores >= config.start_score)
        unsure = np.flatnonzero(found.scores < config.start_score)
        left = self._continue(self._active, seen, sure, frame)
        waiting = [t for t in self._active if t.last < frame]
        self._continue(waiting, seen, unsure, frame)
        self._carry([t for t in self._active if t.last < frame], frame)
        for index in left:
            self._begin(frame, seen, index)

    def _seen_looks(self, frame: int, found: Detections) -> Floats | None:
        if self._looks is None or self.config.look_weight <= 0:
            return None
        return self._looks(frame, found.boxes_xyxy.astype(np.float64))

    def _free(self, found: Detections) -> Bools:
        """Whom [N] nobody else's box covers much."""
        boxes = found.boxes_xyxy.astype(np.float64)
        shares = covered(boxes, boxes)
        np.fill_diagonal(shares, 0.0)
        return np.asarray(shares.max(axis=1, initial=0.0) <= self.config.most_covered)

    def _begin(self, frame: int, seen: _Seen, index: int) -> None:
        fresh = Tracklet()
        found = seen.found
        fresh.add(frame, found.boxes_xyxy[index], found.scores[index], look=seen.look(index))
        self._active.append(fresh)
        self.tracklets.append(fresh)

    def _continue(
        self,
        tracklets: Sequence[Tracklet],
        seen: _Seen,
        indices: npt.NDArray[np.intp],
        frame: int,
    ) -> list[int]:
        """Give detections to tracklets; returns those that nobody took."""
        found, skeletons = seen.found, seen.skeletons
        if not tracklets or not len(indices):
            return [int(i) for i in indices]
        boxes = found.boxes_xyxy[indices].astype(np.float64)
        predicted = np.stack([t.predict(frame) for t in tracklets])
        costs = box_costs(predicted, boxes, self.config)
        if self._pose is not None and self.config.skeleton_weight > 0:
            asked = doubtful(costs, predicted, boxes, self.config)
            costs = self._compare(costs, tracklets, boxes, indices, frame, skeletons, asked)
        if seen.looks is not None:
            costs = with_looks(costs, tracklets, list(seen.looks[indices]), self.config)
        age = np.array([frame - t.last for t in tracklets]) * self.config.age_cost
        taken = set()
        for row, column in pairs(costs + age[:, None]):
            index = int(indices[column])
            score = float(found.scores[index])
            tracklets[row].add(frame, boxes[column], score, look=seen.look(index))
            if index in skeletons:
                tracklets[row].joints = (frame, boxes[column], skeletons[index])
            taken.add(index)
        return [int(i) for i in indices if int(i) not in taken]

    def _compare(
        self,
        costs: Boxes,
        tracklets: Sequence[Tracklet],
        boxes: Boxes,
        indices: npt.NDArray[np.intp],
        frame: int,
        skeletons: dict[int, Joints],
        asked: tuple[Bools, Bools],
    ) -> Boxes:
        """Costs with skeletons, which are estimated only where they can make a difference."""
        rows, columns = asked
        old = [t for t, r in zip(tracklets, rows, strict=True) if r and _stale(t)]
        new = [int(c) for c in np.flatnonzero(columns) if int(indices[c]) not in skeletons]
        if not rows.any():
            return costs
        places = [(t.last, t.boxes[-1]) for t in old] + [(frame, boxes[c]) for c in new]
        joints = self._skeletons(places)
        for tracklet, found in zip(old, joints, strict=False):
            tracklet.joints = (tracklet.last, tracklet.boxes[-1], found)
        skeletons.update(
            (int(indices[c]), found) for c, found in zip(new, joints[len(old) :], strict=True)
        )
        known = [skeletons.get(int(i)) for i in indices]
        return with_skeletons(costs, tracklets, known, frame, self._spreads, self.config)

    def _carry(self, lost: Sequence[Tracklet], frame: int) -> None:
        """Keep those alive whose skeleton is still clearly where they should be."""
        config = self.config
        if self._pose is None or config.carry_score > 1:
            return
        lost = [
            t
            for t in lost
            if len(t.frames) >= _CONFIRMED
            and frame - t.last_detected <= config.carry
            and not self._is_covered(t.predict(frame), frame)
        ]
        old = [t for t in lost if _stale(t)]
        for tracklet, found in zip(
            old, self._skeletons([(t.last, t.boxes[-1]) for t in old]), strict=True
        ):
            tracklet.joints = (tracklet.last, tracklet.boxes[-1], found)
        boxes = [t.predict(frame) for t in lost]
        joints = self._skeletons([(frame, box) for box in boxes])
        for tracklet, box, found in zip(lost, boxes, joints, strict=True):
            sure = certainty(found)
            if sure >= config.carry_score and self._is_like(tracklet, found, frame):
                better = corrected(box, found, config.carry_score)
                tracklet.add(frame, better, min(sure, tracklet.scores[-1]), carried=True)
                tracklet.joints = (frame, better, found)

    def _is_covered(self, box: Boxes, frame: int) -> bool:
        """Whether somebody who is seen stands there, or the place is outside the picture."""
        width, height = self.size
        middle = (box[:2] + box[2:]) / 2
        if not (0 <= middle[0] < width and 0 <= middle[1] < height):
            return True
        seen = [t.boxes[-1] for t in self._active if t.last == frame]
        return bool(seen) and float(covered(box[None], np.stack(seen)).max()) > _COVERED

    def _is_like(self, tracklet: Tracklet, found: Joints, frame: int) -> bool:
        """Whether a skeleton could be the tracklet's newest one, moved along."""
        if tracklet.joints is None:
            return False
        then, box, joints = tracklet.joints
        goal = tracklet.predict(frame)
        alike = likeness(moved(joints, box, goal), found, goal, frame - then, self._spreads)
        return alike is not None and alike >= self.config.carry_likeness

    def _skeletons(self, places: Sequence[tuple[int, Boxes]]) -> list[Joints]:
        if self._pose is None or not places:
            return []
        frames = np.array([frame for frame, _ in places], np.int64)
        boxes = np.stack([box for _, box in places]).astype(np.float32)
        return list(self._pose(frames, boxes).astype(np.float64))


@dataclass
class _Seen:
    """What is known of one frame: detections, their looks [N, C], who is free of others [N]."""

    found: Detections
    looks: Floats | None
    free: Bools
    skeletons: dict[int, Joints] = field(default_factory=dict)

    def look(self, index: int) -> Floats | None:
        """What a detection looks like, if nobody is in the way."""
        return self.looks[index] if self.looks is not None and self.free[index] else None


def _stale(tracklet: Tracklet) -> bool:
    """Whether the newest skeleton is not that of the newest box."""
    return tracklet.joints is None or tracklet.joints[0] != tracklet.last
