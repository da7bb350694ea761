"""The only place where the stages meet: a clip goes in, people, skeletons and actions come out."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch

from inference.classify.head import ActionHead
from inference.classify.segments import best_stretches
from inference.config import PipelineConfig
from inference.detect.detector import PersonDetector
from inference.enhance.adaptive import AdaptiveExposure, Eyes, Treatment
from inference.enhance.denoise import REACH
from inference.errors import BadInput
from inference.feature_version import FEATURE_VERSION
from inference.features.vector import describe
from inference.features.windows import SegmentSpan, lattice, segments_of, stays_of
from inference.flow import Flow, Watch, context, looking_every
from inference.one_person import follow_box
from inference.pose.config import DCPoseConfig
from inference.pose.estimator import PoseEstimator
from inference.types import (
    Clip,
    Floats,
    IsCancelled,
    Pixels,
    Poses,
    Prediction,
    Progress,
    Segment,
    TrackPrediction,
    never_cancelled,
    no_progress,
)
from inference.video.chunks import Chunk, chunks_of, read_chunks
from inference.video.frames import probe
from inference.weights_file import load_card

STAGES = ("decode", "detect", "track", "pose", "features", "classify")
"""Names of the stages in progress messages and timings, in order."""

_REVISION = 4
"""Raised whenever the same settings and weights would give other skeletons."""

_USUAL_FPS = Fraction(30)

_MAIN_SHARE = 0.5
"""Tracks at least this long, as a share of the longest, speak for the whole clip."""


class Pipeline:
    """All stages, loaded and ready.

    Args:
        detector: finds people.
        estimator: gives them skeletons.
        config: settings, and where the weights came from.
    """

    def __init__(
        self, detector: PersonDetector, estimator: PoseEstimator, config: PipelineConfig
    ) -> None:
        self.config = config
        self._detector, self._estimator = detector, estimator
        self._head: ActionHead | None = None
        self._weights = {name: _identity(getattr(config, name)) for name in ("detector", "pose")}

    @classmethod
    def load(cls, config: PipelineConfig | None = None, *, device: str = "auto") -> Pipeline:
        """Load detector and pose network.

        Args:
            config: weights and settings; those that come with the library if not given.
            device: ``"auto"``, ``"cpu"``, ``"cuda"`` or as torch names it.

        Raises:
            ModelError: weights are missing or broken.
        """
        settings = config or PipelineConfig()
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        return cls(
            PersonDetector.load(settings.detector, decode=settings.decode, device=device),
            PoseEstimator.load(settings.pose, device, settings.estimator),
            settings,
        )

    @property
    def fingerprint(self) -> str:
        """Hash of everything that decides which skeletons come out: settings and weights."""
        settings = asdict(self.config)
        for name in ("detector", "pose", "action"):
            del settings[name]
        content = json.dumps([_REVISION, settings, self._weights], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    @property
    def head(self) -> ActionHead:
        """The action head that comes with the configuration.

        Raises:
            ModelError: it is missing, broken or made for other features.
        """
        if self._head is None:
            self._head = ActionHead.load(self.config.action)
        return self._head

    def poses(
        self,
        clip_or_path: Clip | str | Path,
        *,
        progress: Progress = no_progress,
        is_cancelled: IsCancelled = never_cancelled,
        timings_s: dict[str, float] | None = None,
    ) -> Poses:
        """Find everybody in a clip, follow them and estimate their skeletons, in one pass.

        Files are read chunk by chunk, so memory does not grow with their length.

        Args:
            clip_or_path: a decoded clip, or a file to decode.
            progress: told about the stages decode, detect, track and pose, which go on together.
            is_cancelled: asked between batches.
            timings_s: gets the seconds of each stage, if given.

        Returns:
            Everybody with a skeleton in each frame in which they are there.

        Raises:
            BadInput: the file is no clip that can be read, or is longer than ``max_frames``.
            Cancelled: the caller asked to stop.
            TransientError: the device ran out of memory.
        """
        spent = dict.fromkeys(STAGES[:4], 0.0)
        watch = Watch(progress, is_cancelled, spent)
        fps, size = self._about(clip_or_path)
        config = self.config
        settings = replace(config.track, every=looking_every(config.detect_every_s, fps))
        if self._estimator.network_config.heatmap_kind != "logits":
            # How sure other networks' scores are is not known: they decide about nobody.
            settings = replace(settings, least_joint_score=0.0)
        estimator = holding(self._estimator, config.hold_s, fps)
        exposures = self._exposures()
        flow = Flow(self._detector, estimator, settings, config.smooth, size, watch, *exposures)
        before, after = (n + REACH for n in context(settings, self._detector, estimator))
        with self._chunks(clip_or_path, before, after, watch) as chunks:
            poses = flow.run(chunks)
        poses = replace(poses, exposure=_decisions(*exposures))
        if timings_s is not None:
            timings_s.update(spent)
        return poses

    def follow(
        self,
        path: str | Path,
        box_xyxy: Floats,
        frames: tuple[int, int],
        *,
        progress: Progress = no_progress,
        is_cancelled: IsCancelled = never_cancelled,
    ) -> tuple[Floats, Floats]:
        """Skeletons of one person whom somebody has drawn a box around.

        Args:
            path: video file; it is decoded up to the last frame that is asked for.
            box_xyxy: float32 [4] px, in the first of ``frames``.
            frames: half-open range.
            progress: told of the stages decode and pose.
            is_cancelled: asked between frames.

        Returns:
            (boxes float32 [N, 4] px, keypoints float32 [N, K, 3]), see ``follow_box``.

        Raises:
            BadInput: the file is no clip that can be read, or box and frames do not fit it.
            Cancelled: the caller asked to stop.
        """
        _, for_pose = self._exposures()
        reach = max(1, self._estimator.reach) + REACH
        watch = Watch(progress, is_cancelled)
        with self._chunks(path, reach, reach, watch) as chunks:
            return follow_box(chunks, self._estimator, for_pose, box_xyxy, frames, watch)

    def seen(self, path: str | Path, frame: int, *, treatment: Treatment, averaged: bool) -> Pixels:
        """A frame exactly as the pose network is given it by ``poses``, before people are cut out.

        Frames are treated part by part, so the part counts in which this one gets its skeletons.

        Args:
            path: video file; it is decoded up to that part.
            frame: its number.
            treatment: what was decided for the pose network, see ``Poses.exposure``.
            averaged: the same for averaging over time.

        Returns:
            uint8 [H, W, 3] RGB.

        Raises:
            BadInput: the file is no clip that can be read; ``bad_range`` where it is shorter.
        """
        fps, _ = self._about(path)
        settings = replace(self.config.track, every=looking_every(self.config.detect_every_s, fps))
        estimator = holding(self._estimator, self.config.hold_s, fps)
        hold = estimator.config.hold
        before, after = (n + REACH for n in context(settings, self._detector, estimator))
        treat = AdaptiveExposure(treatment=treatment, average=averaged)
        with self._chunks(path, before, after, Watch(no_progress)) as chunks:
            for chunk in chunks:
                is_last = chunk.table is not None
                if 0 <= frame < (chunk.end_frame - settings.lag) // hold * hold or is_last:
                    break
        if not 0 <= frame < chunk.end_frame:
            raise BadInput("bad_range", f"Expected a frame below {chunk.end_frame}, got {frame}.")
        return np.asarray(treat(chunk.frames)[frame - chunk.first_frame])

    @property
    def skeleton(self) -> str:
        """Name of the joint order in which skeletons come."""
        return self._estimator.network_config.skeleton

    def classify(
        self, poses: Poses, head: ActionHead
    ) -> tuple[tuple[TrackPrediction, ...], str | None, dict[str, float]]:
        """Name what everybody does and what the clip shows.

        Args:
            poses: people of one clip.
            head: classifier.

        Returns:
            (one prediction for each track, the clip's label or None where nobody is there, its
            probabilities): the mean over the segments of the long tracks, weighted by duration
            and by how sure the detector was.
        """
        spans = cut_tracks(poses, head)
        return self._name(poses, spans, describe(poses, spans), head)

    def predict(
        self,
        path: str | Path,
        *,
        head: ActionHead | None = None,
        progress: Progress = no_progress,
        is_cancelled: IsCancelled = never_cancelled,
    ) -> Prediction:
        """The whole way for one file.

        Args:
            path: video file.
            head: classifier; the configuration's if not given.
            progress: told about all ``STAGES``.
            is_cancelled: asked between batches.

        Raises:
            BadInput: the file is no clip that can be read.
            Cancelled: the caller asked to stop.
        """
        chosen = head or self.head
        spent: dict[str, float] = {}
        poses = self.poses(path, progress=progress, is_cancelled=is_cancelled, timings_s=spent)
        with _timed("features", spent):
            spans = cut_tracks(poses, chosen)
            features = describe(poses, spans)
            progress("features", 1.0)
        with _timed("classify", spent):
            tracks, label, probabilities = self._name(poses, spans, features, chosen)
            progress("classify", 1.0)
        return Prediction(
            path=str(path),
            frames=len(poses.times_s),
            fps=poses.fps,
            size=poses.size,
            tracks=tracks,
            label=label,
            probabilities=probabilities,
            timings_s={**spent, "total": sum(spent.values())},
            models=self._models(own_head=head is None),
            exposure=poses.exposure,
        )

    def _models(self, *, own_head: bool) -> dict[str, str]:
        """Names of everything that had a part in a prediction."""
        action = _hash_of(self.config.action) if own_head else "given by the caller"
        pipeline = self.fingerprint[:16]
        return {
            **self._weights,
            "action": action,
            "features": FEATURE_VERSION,
            "pipeline": pipeline,
        }

    def _about(self, given: Clip | str | Path) -> tuple[Fraction, tuple[int, int]]:
        """Frame rate and (width, height) of a clip."""
        if isinstance(given, Clip):
            return given.table.fps, given.size
        info = probe(given)
        return info.fps or _USUAL_FPS, (info.width, info.height)

    @contextmanager
    def _chunks(
        self, given: Clip | str | Path, before: int, after: int, watch: Watch
    ) -> Iterator[Iterator[Chunk]]:
        length = self.config.chunk
        if isinstance(given, Clip):
            yield chunks_of(given, length=length, before=before, after=after)
            return
        with read_chunks(
            given,
            length=length,
            before=before,
            after=after,
            max_frames=self.config.max_frames,
            progress=watch.decoded,
            is_cancelled=watch.is_cancelled,
        ) as chunks:
            yield chunks

    def _exposures(self) -> tuple[AdaptiveExposure, AdaptiveExposure]:
        """What detector and pose network see of a clip."""
        eyes = self.config.detector_eyes, pose_eyes(self._estimator.network_config)
        config = self.config
        one, other = (AdaptiveExposure(each, config.treatment, config.average) for each in eyes)
        return one, other

    def _name(
        self,
        poses: Poses,
        spans: Sequence[SegmentSpan],
        features: Floats,
        head: ActionHead,
    ) -> tuple[tuple[TrackPrediction, ...], str | None, dict[str, float]]:
        if not spans:
            return (), None, {}
        given, labels = head.probabilities(features), head.labels
        tracks = tuple(
            TrackPrediction(
                track=person,
                start_frame=poses.tracks.frame_range(person)[0],
                end_frame=poses.tracks.frame_range(person)[1],
                segments=tuple(
                    _segment(span, row, labels)
                    for span, row in zip(spans, given, strict=True)
                    if span.person == person
                ),
            )
            for person in range(len(poses.tracks))
        )
        weights = np.array([clip_weight(poses, span) for span in spans], np.float64)
        mean = (weights[:, None] * given).sum(axis=0) / weights.sum()
        return tracks, labels[int(mean.argmax())], _by_label(mean, labels)


def pose_eyes(network: DCPoseConfig) -> Eyes:
    """What a pose network wants to see: published ones know daylight, ours the dark."""
    return "day" if network.preprocessing == "imagenet" else "dusk"


def _decisions(
    for_detector: AdaptiveExposure, for_pose: AdaptiveExposure
) -> dict[str, dict[str, float | str | bool]]:
    """What was decided for each network; one that saw nothing of the clip is left out."""
    stages = {"detector": for_detector.decision, "pose": for_pose.decision}
    return {name: decision.as_dict() for name, decision in stages.items() if decision}


def holding(estimator: PoseEstimator, seconds: float, fps: Fraction) -> PoseEstimator:
    """The same estimator with boxes held for so long at least, in whole frames of this rate."""
    frames = max(estimator.config.hold, int(seconds * fps + 0.5))
    if frames == estimator.config.hold:
        return estimator
    held = copy(estimator)
    held.config = replace(estimator.config, hold=frames)
    return held


def cut_tracks(poses: Poses, head: ActionHead | None = None) -> list[SegmentSpan]:
    """Cut every track into the spans that get a label, by what a head says of windows over it.

    A short track is one span. A longer one is cut where the head sees one action end and another
    begin; spans longer than any window are of one action throughout.

    Args:
        poses: everybody in the clip.
        head: whose scores decide; without one, long tracks are cut into equal pieces.

    Returns:
        Spans by person, then time, without overlaps.
    """
    if head is None:
        return segments_of(poses)
    return [span for stay in stays_of(poses) for span in _cut(poses, stay, head)]


def _cut(poses: Poses, stay: SegmentSpan, head: ActionHead) -> list[SegmentSpan]:
    grid = lattice(poses, stay)
    if len(grid.windows) == 1:
        return [stay]
    given = head.probabilities(describe(poses, grid.spans))
    return [grid.span(s.start, s.end) for s in best_stretches(grid.windows, grid.seconds, given)]


def clip_weight(poses: Poses, span: SegmentSpan) -> float:
    """How much a segment says about the clip: duration times certainty; 0 for short tracks.

    Args:
        poses: everybody in the clip.
        span: a segment of one of them.

    Returns:
        The weight of its probabilities in the clip's, in frames.
    """
    lengths = poses.tracks.present.sum(axis=1)
    if lengths[span.person] < _MAIN_SHARE * lengths.max():
        return 0.0
    scores = poses.tracks.scores[span.person, span.start_frame : span.end_frame]
    certainty = float(np.nanmean(scores)) if not np.isnan(scores).all() else 0.0
    return (span.end_frame - span.start_frame) * max(certainty, 1e-3)


def _segment(span: SegmentSpan, row: Floats, labels: Sequence[str]) -> Segment:
    return Segment(
        start_frame=span.start_frame,
        end_frame=span.end_frame,
        label=labels[int(row.argmax())],
        probabilities=_by_label(row, labels),
    )


def _by_label(row: np.ndarray, labels: Sequence[str]) -> dict[str, float]:
    """Probabilities by label, the likeliest first."""
    order = np.argsort(-row, kind="stable")
    return {labels[i]: round(float(row[i]), 6) for i in order}


def _identity(weights: Path) -> str:
    """The first half of the weights' hash, as their card gives it."""
    return str(load_card(weights).get("sha256", ""))[:16]


def _hash_of(weights: Path) -> str:
    return hashlib.sha256(weights.read_bytes()).hexdigest()[:16]


@contextmanager
def _timed(stage: str, spent: dict[str, float]) -> Iterator[None]:
    """Add the seconds of a stage."""
    began = time.perf_counter()
    yield
    spent[stage] = spent.get(stage, 0.0) + time.perf_counter() - began
