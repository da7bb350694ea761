"""The cards of the library: each video with its state, its work, and what it shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, When

from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core.models import UNFINISHED
from webapp.jobs.models import Job, JobKind
from webapp.reviews.models import Correction
from webapp.reviews.selectors import (
    Predicted,
    labels_by_id,
    newest_corrections,
    read_prediction,
)
from webapp.runs.models import PipelineRun, VideoPrediction
from webapp.runs.selectors import current_run_id
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

    Adds ``run_id``, ``main_segment_id``, ``probability``, ``predicted_id``, ``corrected_id``,
    ``label_id`` (corrected, else predicted) and ``reviewed``.
    """
    run = PipelineRun.objects.filter(pk=OuterRef("run_id"))
    said = VideoPrediction.objects.filter(
        run=OuterRef("run_id"), classifier=active_classifier(project_id)
    )
    judged = Correction.objects.filter(segment=OuterRef("main_segment_id")).order_by("-pk")
    return (
        Video.objects.filter(project_id=project_id)
        .select_related("uploaded_by")
        .annotate(run_id=current_run_id())
        .annotate(main_segment_id=Subquery(run.values("main_segment")))
        .annotate(
            predicted_id=Subquery(said.values("label")[:1]),
            probability=Subquery(said.values("probability")[:1]),
            corrected_id=Subquery(judged.values("label")[:1]),
            reviewed=Exists(judged),
        )
        .annotate(
            label_id=Case(
                When(corrected_id__isnull=False, then=F("corrected_id")),
                default=F("predicted_id"),
            )
        )
    )


def cards_of(videos: Iterable[Video], project_id: int) -> list[Card]:
    """Cards of videos from ``videos_of``, in a fixed number of queries."""
    videos = list(videos)
    classifier = active_classifier(project_id)
    labels = labels_by_id(project_id)
    runs = PipelineRun.objects.in_bulk([video.run_id for video in videos if video.run_id])
    predictions = VideoPrediction.objects.filter(run__in=runs, classifier=classifier)
    by_run = {prediction.run_id: prediction for prediction in predictions}
    main = [video.main_segment_id for video in videos if video.main_segment_id]
    corrections = newest_corrections(segment_id__in=main)
    jobs = _jobs_of(videos)
    return [
        Card(
            video=video,
            run=runs.get(video.run_id),
            job=jobs.get(video.pk),
            predicted=read_prediction(by_run.get(video.run_id), labels),
            classifier=classifier,
            corrected=corrections.get(video.main_segment_id),
        )
        for video in videos
    ]


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
