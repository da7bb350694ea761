"""Analysed clips, classifiers and corrections; files are real but small, no network is needed."""

import io
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from inference.features.vector import describe
from inference.features.windows import SegmentSpan
from inference.poses_file import save_poses
from inference.skeleton import COCO17
from inference.types import Poses, Tracks
from tests.webapp import factories
from webapp.accounts.models import Project, User
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.services import install_shipped_classifier, register_candidate
from webapp.core import storage
from webapp.core.models import WorkState
from webapp.labels.models import Label
from webapp.reviews.models import Correction
from webapp.reviews.services import record_correction
from webapp.runs import gpu, services
from webapp.runs.models import PipelineRun, Segment
from webapp.videos.models import Video, VideoState

Spans = Sequence[Sequence[tuple[int, int]]]
"""For each person their segments, as (start_frame, end_frame)."""


def poses(spans: Spans = (((0, 30),),), frames: int = 30, seed: int = 0, shift: float = 0) -> Poses:
    """People who stand and sway where their segments say that they are."""
    rng = np.random.default_rng(seed)
    people = len(spans)
    boxes = np.full((people, frames, 4), np.nan, np.float32)
    keypoints = np.full((people, frames, len(COCO17), 3), np.nan, np.float32)
    for person, segments in enumerate(spans):
        start, end = segments[0][0], segments[-1][1]
        left = 10 + 25 * person + shift
        boxes[person, start:end] = (left, 5, left + 15, 45)
        place = np.array((left, 5)) + rng.uniform((0, 0), (15, 40), (end - start, 17, 2))
        keypoints[person, start:end, :, :2] = place
        keypoints[person, start:end, :, 2] = 0.9
    present = ~np.isnan(boxes[..., 0])
    scores = np.where(present, 0.8, np.nan).astype(np.float32)
    tracks = Tracks(boxes, scores, np.zeros((people, frames), bool))
    times = np.arange(frames) / 30
    return Poses(tracks, keypoints, COCO17.name, Fraction(30), (64, 48), times)


def shipped(project: Project) -> ClassifierVersion:
    """Version 1, active: the weights that come with the product."""
    return install_shipped_classifier(project=project, by=project.created_by)


def candidate(project: Project, **fields: Any) -> ClassifierVersion:
    """The next version: the shipped weights again, under the same labels."""
    first = ClassifierVersion.objects.filter(project=project).first() or shipped(project)
    made = register_candidate(
        project=project,
        weights_path=storage.path_of(first.weights_file),
        output_names=first.output_names,
        label_ids=first.label_ids,
        feature_version=first.feature_version,
        metrics={},
        by=project.created_by,
    )
    if fields:
        ClassifierVersion.objects.filter(pk=made.pk).update(**fields)
        made.refresh_from_db()
    return made


def label(project: Project, name: str) -> Label:
    return Label.objects.get(label_set__project=project, name=name)


def running_run(video: Video) -> PipelineRun:
    """A run whose worker has begun."""
    run = services.start_run(video=video, by=video.uploaded_by)
    services.mark_running(run=run)
    return run


def files_of(
    video: Video, spans: Spans = (((0, 30),),), *, fingerprint: str = "f", **made: Any
) -> dict[str, str]:
    """Stored poses and features of people like these."""
    poses_file = services.name_poses(video=video, fingerprint=fingerprint)
    cuts = [(p, *span) for p, person in enumerate(spans) for span in person]
    features_file = services.name_features(poses_file, gpu.feature_version(), cuts)
    contents = _contents(tuple(map(tuple, spans)), video.frames or 30, **made)
    for name, content in zip((poses_file, features_file), contents, strict=True):
        path = storage.path_of(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {"fingerprint": fingerprint, "poses_file": poses_file, "features_file": features_file}


@lru_cache
def _contents(spans: Spans, frames: int, **made: Any) -> tuple[bytes, bytes]:
    """Bytes of both files, made once for all tests."""
    seen = poses(spans, frames=frames, **made)
    features = io.BytesIO()
    np.savez(
        features,
        features=describe(seen, _library_spans(spans)),
        feature_version=np.array(gpu.feature_version()),
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "poses.npz"
        save_poses(path, seen)
        return path.read_bytes(), features.getvalue()


def _library_spans(spans: Spans) -> list[SegmentSpan]:
    return [SegmentSpan(p, *span) for p, person in enumerate(spans) for span in person]


def found(spans: Spans = (((0, 30),),), frames: int = 30) -> dict[str, Any]:
    """What ``gpu.compute_run`` says of people like these."""
    rows = iter(range(1000))
    lengths = [person[-1][1] - person[0][0] for person in spans]
    longest = lengths.index(max(lengths)) if lengths else None
    tracks = [
        {
            "index": index,
            "start_frame": person[0][0],
            "end_frame": person[-1][1],
            "segments": [
                {
                    "start_frame": start,
                    "end_frame": end,
                    "feature_row": next(rows),
                    "weight": float(end - start) if index == longest else 0.0,
                }
                for start, end in person
            ],
        }
        for index, person in enumerate(spans)
    ]
    return {
        "people": len(spans),
        "frames": frames,
        "skeleton": COCO17.name,
        "exposure": {},
        "feature_version": gpu.feature_version(),
        "models_used": {"pose": "test"},
        "timings_s": {},
        "tracks": tracks,
    }


def analysed(
    project: Project,
    spans: Spans = (((0, 30),),),
    *,
    video: Video | None = None,
    outputs: Sequence[Sequence[float]] | None = None,
    **made: Any,
) -> PipelineRun:
    """A finished run with rows, files and the active version's predictions.

    ``outputs``: raw outputs for each segment, else all outputs are alike.
    """
    video = video or factories.video(project)
    run = running_run(video)
    classifier = ClassifierVersion.objects.filter(project=project, state="active").first()
    count = sum(len(person) for person in spans)
    even = [[1 / 6] * 6] * count
    stored = services.store_results(
        run=run,
        found=found(spans, video.frames or 30),
        files=files_of(video, spans, **made),
        classifier=classifier,
        probabilities=outputs if outputs is not None else even,
    )
    assert stored
    run.refresh_from_db()
    assert (run.state, run.video.state) == (WorkState.DONE, VideoState.ANALYSED)
    return run


def main_segment(run: PipelineRun) -> Segment:
    return Segment.objects.select_related("track__run__video").get(pk=run.main_segment_id)


def correct(run: PipelineRun, name: str, by: User, segment: Segment | None = None) -> Correction:
    """The run's main segment (or another) gets this label."""
    segment = segment or main_segment(run)
    segment.refresh_from_db()
    return record_correction(
        segment=segment,
        label=label(run.video.project, name),
        by=by,
        expected_version=segment.version,
    )
