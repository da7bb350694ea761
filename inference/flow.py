"""The streaming part of the pipeline: chunks of frames go in once, people with skeletons come out.

Only the current chunk and the frames within the tracker's delay are held, so memory does not grow
with the clip's length; what grows is a box and a skeleton for each person and frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Protocol

import numpy as np

from inference.errors import Cancelled, ModelError
from inference.memory import give_back
from inference.pose.config import DCPoseConfig
from inference.pose.estimator import EstimatorConfig
from inference.pose.settle import settled
from inference.pose.smooth import SmoothConfig
from inference.pose.thinning import chosen, filled
from inference.skeleton import skeleton_named
from inference.track.config import TrackConfig
from inference.track.follow import Follower
from inference.track.geometry import Boxes
from inference.track.link import people_of
from inference.track.looks import looks_of
from inference.track.result import laid_out
from inference.track.tracklet import Stretch, Tracklet
from inference.types import (
    Detections,
    Floats,
    FrameTable,
    Ints,
    IsCancelled,
    Pixels,
    Poses,
    Progress,
    never_cancelled,
    no_progress,
)
from inference.video.chunks import Chunk

_DETECTOR, _POSE = 0, 1

_TIDY_EVERY = 4
"""Chunks after which freed memory is given back."""


class FindsPeople(Protocol):
    """A person detector, see ``inference.detect.detector.PersonDetector``."""

    def detect(
        self,
        frames: Pixels,
        *,
        at: Sequence[int] | None = None,
        progress: Progress = no_progress,
        is_cancelled: IsCancelled = never_cancelled,
    ) -> list[Detections]:
        """People in those of N frames that ``at`` names."""
        ...


class EstimatesSkeletons(Protocol):
    """A pose estimator, see ``inference.pose.estimator.PoseEstimator``."""

    config: EstimatorConfig
    network_config: DCPoseConfig

    def skeletons(self, frames: Pixels, frame: Ints, boxes_xyxy: Floats) -> Floats:
        """Skeletons [B, K, 3, or more with rival peaks] of boxes [B, 4] in frames [B]."""
        ...


@dataclass
class Watch:
    """Says how far the work is, whether to stop, and how long each stage took.

    Attributes:
        progress: told of the share of frames that are done.
        is_cancelled: asked between batches.
        spent: seconds by stage; what stages do inside others counts once.
    """

    progress: Progress
    is_cancelled: IsCancelled = never_cancelled
    spent: dict[str, float] = field(default_factory=dict)
    _inner: float = 0.0
    _share: float = 0.0

    def decoded(self, stage: str, fraction: float) -> None:
        """Take note of how far the decoding is, and pass it on."""
        self._share = fraction
        self.progress(stage, fraction)

    def done(self, last: bool) -> None:
        """Say that all stages are as far as the decoding is."""
        for stage in ("detect", "track", "pose"):
            self.progress(stage, 1.0 if last else self._share)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the seconds of a stage without those of the stages within."""
        outer, self._inner = self._inner, 0.0
        began = time.perf_counter()
        try:
            yield
        finally:
            whole = time.perf_counter() - began
            self.spent[stage] = self.spent.get(stage, 0.0) + whole - self._inner
            self._inner = outer + whole

    def each(self, stage: str, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Chunks, with the wait for each counted as a stage's time."""
        source = iter(chunks)
        while True:
            with self.timed(stage):
                chunk = next(source, None)
            if chunk is None:
                return
            yield chunk

    def check(self) -> None:
        """Raise ``Cancelled`` if the caller wants that."""
        if self.is_cancelled():
            raise Cancelled()


class Flow:
    """One clip on its way through detector, tracker and pose network.

    Args:
        detector: finds people.
        estimator: gives them skeletons.
        config: of the tracker.
        smooth: how skeletons are steadied over time.
        size: (width, height) px of the frames.
        watch: progress, cancelling and timing.
        for_detector: what the detector sees in the stead of raw frames.
        for_pose: what the pose network sees.
    """

    def __init__(
        self,
        detector: FindsPeople,
        estimator: EstimatesSkeletons,
        config: TrackConfig,
        smooth: SmoothConfig,
        size: tuple[int, int],
        watch: Watch,
        for_detector: Callable[[Pixels], Pixels],
        for_pose: Callable[[Pixels], Pixels],
    ) -> None:
        self._detector, self._estimator, self._watch = detector, estimator, watch
        self._smooth = smooth
        self._treatments = for_detector, for_pose
        self._skeleton = skeleton_named(estimator.network_config.skeleton)
        joints = self._skeleton.joints
        self._follower = Follower(self._look, self._first, size, config, joints, self._looks)
        self._chunk: Chunk | None = None
        self._seen: list[Pixels | None] = [None, None]

    def run(self, chunks: Iterable[Chunk]) -> Poses:
        """Follow everybody through the clip.

        Args:
            chunks: with the neighbours that ``context`` asks for.

        Raises:
            Cancelled: the caller asked to stop.
            ModelError: there was no last chunk.
        """
        table: FrameTable | None = None
        for number, chunk in enumerate(self._watch.each("decode", chunks)):
            if number % _TIDY_EVERY == _TIDY_EVERY - 1:
                give_back()
            self._chunk, self._seen, table = chunk, [None, None], chunk.table
            self._step(chunk.end_frame, table is not None)
            self._watch.done(table is not None)
        if table is None:
            raise ModelError("bad_chunks", "Expected a last chunk with the frame table, got none.")
        return self._poses(table)

    def _step(self, end: int, last: bool) -> None:
        with self._watch.timed("track"):
            self._follower.advance(end, last=last)
            hold = self._estimator.config.hold
            ripe = self._follower.ripe(end, last=last, whole=hold)
        with self._watch.timed("pose"):
            for tracklet, stretch in self._posed(ripe):
                tracklet.posed.append(stretch)

    def _look(self, frames: Sequence[int]) -> list[Detections]:
        held = self._held
        with self._watch.timed("detect"):
            return self._detector.detect(
                self._frames(_DETECTOR),
                at=[frame - held.first_frame for frame in frames],
                is_cancelled=self._watch.is_cancelled,
            )

    def _first(self, frame: Ints, boxes_xyxy: Floats) -> Floats:
        """Skeletons [B, K, 3] by the highest peaks, for the tracker."""
        return self._pose(frame, boxes_xyxy)[..., :3]

    def _pose(self, frame: Ints, boxes_xyxy: Floats) -> Floats:
        """Skeletons [B, K, 3 or more] of any number of boxes, batch by batch."""
        held, size = self._held, self._estimator.config.batch
        found = []
        with self._watch.timed("pose"):
            for start in range(0, len(frame), size):
                self._watch.check()
                part = slice(start, start + size)
                where = frame[part] - held.first_frame
                frames = self._frames(_POSE)
                found.append(self._estimator.skeletons(frames, where, boxes_xyxy[part]))
        return np.concatenate(found)

    def _looks(self, frame: int, boxes_xyxy: Boxes) -> Floats:
        """What people look like in the raw frame."""
        held = self._held
        return looks_of(held.frames[frame - held.first_frame], boxes_xyxy)

    def _frames(self, network: int) -> Pixels:
        """The chunk's frames as one of the networks should see them."""
        seen = self._seen[network]
        if seen is None:
            seen = self._seen[network] = self._treatments[network](self._held.frames)
        return seen

    @property
    def _held(self) -> Chunk:
        if self._chunk is None:
            raise ModelError("bad_chunks", "Expected a chunk before its frames are used.")
        return self._chunk

    def _posed(
        self, ripe: Sequence[tuple[Tracklet, Stretch]]
    ) -> Iterator[tuple[Tracklet, Stretch]]:
        """The stretches with skeletons, estimated together."""
        if not ripe:
            return
        config = self._estimator.config
        picked = [chosen(stretch.frames, config.every) for _, stretch in ripe]
        frames = np.concatenate([s.frames[p] for (_, s), p in zip(ripe, picked, strict=True)])
        boxes = [
            _held(s.frames, s.boxes_xyxy, config.hold)[p]
            for (_, s), p in zip(ripe, picked, strict=True)
        ]
        found = self._pose(frames, np.concatenate(boxes).astype(np.float32))
        parts = np.split(found, np.cumsum([p.sum() for p in picked])[:-1])
        for (tracklet, stretch), p, part in zip(ripe, picked, parts, strict=True):
            yield tracklet, replace(stretch, keypoints=filled(stretch.frames, part, p))

    def _poses(self, table: FrameTable) -> Poses:
        with self._watch.timed("track"):
            people = people_of(self._follower, len(table))
            follower, joints = self._follower, len(self._skeleton)
            width = follower.size[0]
            tracks, keypoints = laid_out(
                people,
                len(table),
                joints,
                width,
                follower.config,
                partial(
                    settled,
                    times_s=table.times_s,
                    choose=self._estimator.config.choose,
                    smooth=self._smooth,
                ),
            )
        return Poses(
            tracks=tracks,
            keypoints=keypoints,
            skeleton=self._skeleton.name,
            fps=table.fps,
            size=self._follower.size,
            times_s=table.times_s,
        )


def context(
    config: TrackConfig, detector: FindsPeople, estimator: EstimatesSkeletons
) -> tuple[int, int]:
    """Neighbours that chunks need before and after their own frames.

    Networks look ``reach`` frames back and ahead; the pose network works ``lag`` frames behind.
    """
    look, pose = int(getattr(detector, "reach", 0)), int(getattr(estimator, "reach", 1))
    return config.lag + estimator.config.hold + max(look, pose), max(look, pose)


def looking_every(seconds: float, fps: Fraction) -> int:
    """Frames from one look of the detector to the next, at least 1."""
    return max(1, round(seconds * fps))


def _held(frames: Ints, boxes_xyxy: np.ndarray, hold: int) -> np.ndarray:
    """Boxes [N, 4] that stand still, at their mean, within each ``hold`` frames of the clip."""
    if hold <= 1:
        return boxes_xyxy
    _, group = np.unique(frames // hold, return_inverse=True)
    total = np.zeros((group.max() + 1, 4))
    np.add.at(total, group, boxes_xyxy)
    return np.asarray((total / np.bincount(group)[:, None])[group])
