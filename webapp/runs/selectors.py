"""Questions about runs, their tracks, and what a classifier says of them."""

from collections.abc import Iterable

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from webapp.classifiers.models import ClassifierVersion
from webapp.core.models import UNFINISHED, WorkState
from webapp.labels.models import Label
from webapp.runs.models import PipelineRun, Segment, SegmentPrediction, Track
from webapp.videos.models import Video


def current_run_id(video: str = "pk") -> Subquery:
    """The newest finished run of each video of an outer query."""
    done = PipelineRun.objects.filter(video=OuterRef(video), state=WorkState.DONE)
    return Subquery(done.order_by("-id").values("pk")[:1])


def current_run(video: Video) -> PipelineRun | None:
    """The run whose tracks the video shows."""
    return PipelineRun.objects.filter(video=video, state=WorkState.DONE).order_by("-id").first()


def current_runs(project_id: int) -> QuerySet[PipelineRun]:
    """The current run of each video of the project."""
    videos = Video.objects.filter(project_id=project_id).annotate(current=current_run_id())
    return PipelineRun.objects.filter(pk__in=videos.values("current")).order_by("pk")


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
