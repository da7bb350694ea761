"""The cards of the library: each video with its state, its work, and what it shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)

from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core.models import UNFINISHED
from webapp.jobs.models import Job, JobKind
from webapp.labels.models import Label
from webapp.reviews.models import Correction
from webapp.reviews.selectors import (
    Predicted,
    labels_by_id,
    newest_corrections,
    read_prediction,
)
from webapp.runs.models import PipelineRun, VideoPrediction
from webapp.videos.models import Video
from webapp.videos.selectors import media_urls

ORDERINGS = {
    "created_at": ("created_at", "id"),
    "-created_at": ("-created_at", "-id"),
    "name": ("name", "id"),
    "-name": ("-name", "-id"),
    "duration_s": (F("duration_s").asc(nulls_last=True), "id"),
    "-duration_s": (F("duration_s").desc(nulls_last=True), "-id"),
    "probability": (F("probability").asc(nulls_last=True), "id"),
    "-probability": (F("probability").desc(nulls_last=True), "-id"),
}


@dataclass(frozen=True)
class Card:
    """A video and what is known of it."""

    video: Video
    run: PipelineRun | None
    job: Job | None
    predicted: Predicted | None
    classifier: ClassifierVersion | None
    corrected: Correction | None


def videos_of(project_id: int) -> QuerySet[Video]:
    """The project's videos with what can be filtered and sorted by.

    Adds ``run_id``, ``main_segment_id``, ``prediction_id``, ``probability``, ``predicted_id``,
    ``corrected_id``, ``label_id`` (corrected, else predicted) and ``reviewed``. All of it goes by
    the version that is active now, however late the rows are read.
    """
    said = VideoPrediction.objects.filter(
        run=OuterRef("run_id"), classifier=active_classifier(project_id)
    )
    return (
        Video.objects.filter(project_id=project_id)
        .select_related("uploaded_by")
        .annotate(current=FilteredRelation("runs", condition=Q(runs__is_current=True)))
        .annotate(run_id=F("current__pk"), main_segment_id=F("current__main_segment_id"))
        .annotate(
            prediction_id=Subquery(said.values("pk")),
            predicted_id=Subquery(said.values("label")),
            probability=Subquery(said.values("probability")),
            corrected_id=Subquery(_standing().values("label")),
            reviewed=Exists(_standing()),
        )
        .annotate(
            label_id=Case(
                When(corrected_id__isnull=False, then=F("corrected_id")),
                default=F("predicted_id"),
            )
        )
    )


def _standing() -> QuerySet[Correction]:
    """The correction that counts for the main segment of an outer query, at most one.

    The newest row of a segment bears the segment's own version; one that takes a label back
    leaves none.
    """
    newest = Correction.objects.filter(
        segment=OuterRef("main_segment_id"), segment_version=F("segment__version")
    )
    return newest.exclude(kind="undo")


def cards_of(videos: Iterable[Video], project_id: int) -> list[Card]:
    """Cards of videos from ``videos_of``, in a fixed number of queries.

    They show the predictions by which the videos were chosen and sorted, also where another
    version became active in between.
    """
    videos = list(videos)
    labels = labels_by_id(project_id)
    runs = PipelineRun.objects.in_bulk([video.run_id for video in videos if video.run_id])
    predictions = VideoPrediction.objects.select_related("classifier").in_bulk(
        [video.prediction_id for video in videos if video.prediction_id]
    )
    main = [video.main_segment_id for video in videos if video.main_segment_id]
    corrections = newest_corrections(segment_id__in=main)
    jobs = _jobs_of(videos)
    return [
        _card(
            video,
            predictions.get(video.prediction_id),
            labels,
            run=runs.get(video.run_id),
            job=jobs.get(video.pk),
            corrected=corrections.get(video.main_segment_id),
        )
        for video in videos
    ]


def _card(
    video: Video, prediction: VideoPrediction | None, labels: Mapping[int, Label], **known: Any
) -> Card:
    return Card(
        video=video,
        predicted=read_prediction(prediction, labels),
        classifier=prediction.classifier if prediction else None,
        **known,
    )


def _jobs_of(videos: Iterable[Video]) -> Mapping[int, Job]:
    """Unfinished work on each video: its analysis, else its ingest."""
    ids = [video.pk for video in videos]
    ingests = Job.objects.filter(kind=JobKind.INGEST, subject_id__in=ids, state__in=UNFINISHED)
    runs = PipelineRun.objects.filter(video__in=ids, state__in=UNFINISHED).select_related("job")
    jobs = {job.subject_id: job for job in ingests}
    return jobs | {run.video_id: run.job for run in runs if run.job}


def card_state(card: Card) -> dict[str, Any]:
    """A card as the API shows it."""
    video = card.video
    return {
        "id": video.pk,
        "name": video.name,
        "state": video.state,
        "error_code": video.error_code,
        "message": video.message,
        "duplicate_of": video.duplicate_of_id,
        "poster_url": media_urls(video)["poster_url"],
        "width": video.width,
        "height": video.height,
        "frames": video.frames,
        "fps": [video.fps_num, video.fps_den] if video.fps else None,
        "duration_s": video.duration_s,
        "created_at": video.created_at,
        "uploaded_by": video.uploaded_by.get_username(),
        "job": _job_state(card.job),
        "people": card.run.people if card.run else None,
        "predicted": _predicted_state(card),
        "corrected": _corrected_state(card.corrected),
        "reviewed": card.corrected is not None,
    }


def detail_state(card: Card) -> dict[str, Any]:
    """A card with the addresses of its media."""
    video = card.video
    return (
        card_state(card)
        | media_urls(video)
        | {
            "project": video.project_id,
            "size_bytes": video.size_bytes,
            "sha256": video.sha256,
            "variable_fps": video.variable_fps,
        }
    )


def _job_state(job: Job | None) -> dict[str, Any] | None:
    if job is None or job.state not in UNFINISHED:
        return None
    names = ("id", "stage", "progress", "state")
    return {name: getattr(job, name) for name in names} | {"job_kind": job.kind}


def _predicted_state(card: Card) -> dict[str, Any] | None:
    if card.predicted is None or card.classifier is None:
        return None
    return {
        "label": card.predicted.label,
        "probability": card.predicted.probability,
        "classifier": card.classifier.number,
    }


def _corrected_state(correction: Correction | None) -> dict[str, Any] | None:
    if correction is None:
        return None
    return {
        "label": correction.label,
        "author": correction.author.get_username(),
        "created_at": correction.created_at,
    }
