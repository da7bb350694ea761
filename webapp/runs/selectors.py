"""Questions about runs, their tracks, and what a classifier says of them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from webapp.classifiers.models import ClassifierVersion
from webapp.core.models import UNFINISHED
from webapp.labels.models import Label
from webapp.runs.models import (
    PipelineRun,
    Segment,
    SegmentPrediction,
    Track,
    VideoPrediction,
)
from webapp.videos.models import Video


def current_of(video: Any) -> QuerySet[PipelineRun]:
    """The run whose tracks a video (or one of an outer query) shows: at most one."""
    return PipelineRun.objects.filter(video=video, is_current=True)


def current_run(video: Video) -> PipelineRun | None:
    """The run whose tracks the video shows."""
    return current_of(video).first()


def current_runs(project_id: int) -> QuerySet[PipelineRun]:
    """The current run of each video of the project."""
    runs = PipelineRun.objects.filter(video__project_id=project_id, is_current=True)
    return runs.order_by("pk")


def runs_of(video: Video) -> QuerySet[PipelineRun]:
    """All runs of a video, newest first."""
    return PipelineRun.objects.filter(video=video).select_related(
        "job", "created_by", "video", "pose_version"
    )


def unfinished_run(video: Video) -> PipelineRun | None:
    """The run that waits or works, if any."""
    return PipelineRun.objects.filter(video=video, state__in=UNFINISHED).first()


def runs_with_people(project_id: int) -> QuerySet[PipelineRun]:
    """Current runs that have something to classify."""
    return current_runs(project_id).filter(main_segment__isnull=False)


def runs_without(version: ClassifierVersion) -> QuerySet[PipelineRun]:
    """Current runs that have something to classify, of which the version has said nothing."""
    said = VideoPrediction.objects.filter(run=OuterRef("pk"), classifier=version)
    return runs_with_people(version.project_id).filter(~Exists(said))


def tracks_of(run: PipelineRun, classifier: ClassifierVersion | None) -> list[Track]:
    """Tracks with ``segments`` and, on each segment, ``shown`` (at most one prediction)."""
    said = SegmentPrediction.objects.filter(classifier=classifier)
    segments = Segment.objects.order_by("start_frame").prefetch_related(
        Prefetch("predictions", queryset=said, to_attr="shown")
    )
    return list(run.tracks.order_by("index").prefetch_related(Prefetch("segments", segments)))


def segment_predictions(
    segment_ids: Iterable[int], classifier: ClassifierVersion | None
) -> dict[int, SegmentPrediction]:
    """What the version says of each of these segments."""
    said = SegmentPrediction.objects.filter(classifier=classifier, segment_id__in=segment_ids)
    return {prediction.segment_id: prediction for prediction in said}


def usable_label_ids(project_id: int) -> set[int]:
    """Labels that may be shown and given: those not archived."""
    labels = Label.objects.filter(label_set__project_id=project_id, archived=False)
    return set(labels.values_list("pk", flat=True))
