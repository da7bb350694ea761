"""Changes to videos after their upload."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction

from webapp.core import storage
from webapp.core.errors import Conflict
from webapp.core.models import UNFINISHED, WorkState
from webapp.jobs import events
from webapp.jobs.models import Job, JobKind
from webapp.jobs.services import request_cancellation
from webapp.videos.events import publish_video
from webapp.videos.models import Upload, Video, VideoState
from webapp.videos.uploads import (
    append_chunk,
    cancel_upload,
    finish_upload,
    remove_stale_uploads,
    start_upload,
)

__all__ = [
    "append_chunk",
    "cancel_ingest",
    "cancel_upload",
    "claim_content",
    "delete_video",
    "finish_upload",
    "mark_ready",
    "note_job_end",
    "remove_stale_uploads",
    "set_video_state",
    "start_upload",
]

DERIVED = ("proxy_file", "poster_file", "frame_table_file", "thumbnails_file")
FILES = ("original_file", *DERIVED)
UNUSABLE = (VideoState.DUPLICATE, VideoState.REJECTED)


@transaction.atomic
def set_video_state(*, video_id: int, state: str, code: str = "", message: str = "") -> None:
    """Store a video's new state with the reason for it, and tell open pages."""
    video = Video.objects.select_for_update().get(pk=video_id)
    video.state, video.error_code, video.message = state, code, message
    video.save(update_fields=["state", "error_code", "message"])
    publish_video(video)


def claim_content(*, video: Video, sha256: str) -> Video | None:
    """Note the file's hash; where the project has these bytes already, return that video.

    Two workers with the same bytes at once: the database's constraint lets one through.
    """
    first = _same_bytes(video, sha256)
    if first is None:
        try:
            with transaction.atomic():
                video.sha256 = sha256
                video.save(update_fields=["sha256"])
        except IntegrityError:
            return claim_content(video=video, sha256=sha256)
    if first is not None:
        _mark_duplicate(video, sha256, first)
    return first


@transaction.atomic
def mark_ready(*, video: Video, facts: dict[str, Any]) -> None:
    """Store what ingest found out; the video can be played and analysed now."""
    for name, value in facts.items():
        setattr(video, name, value)
    video.state, video.error_code, video.message = VideoState.READY, "", ""
    video.save(update_fields=[*facts, "state", "error_code", "message"])
    publish_video(video)


def note_job_end(*, job: Job) -> None:
    """An ingest that failed or was stopped leaves a card that says why; the file is kept."""
    video = Video.objects.filter(pk=job.subject_id, state=VideoState.INGESTING).first()
    if video is None or job.state == WorkState.DONE:
        return
    code = job.error_code or "cancelled"
    message = job.error_message or "Reading this file was stopped."
    set_video_state(video_id=video.pk, state=VideoState.REJECTED, code=code, message=message)


@transaction.atomic
def cancel_ingest(*, video: Video) -> Job:
    """Ask the worker to stop reading the file; one that still waits is stopped at once."""
    job = Job.objects.filter(kind=JobKind.INGEST, subject_id=video.pk, state__in=UNFINISHED).first()
    if job is None or not request_cancellation(job_id=job.pk):
        raise Conflict("not_running", f"{video.name} is {video.state}: there is nothing to cancel.")
    job.refresh_from_db()
    return job


@transaction.atomic
def delete_video(*, video: Video) -> None:
    """Remove a video with its runs and files; refused while corrections are held by it.

    Files that another video (the same bytes, here or in another project) uses stay.
    """
    video = Video.objects.select_for_update().get(pk=video.pk)
    busy = Job.objects.filter(
        kind=JobKind.INGEST,
        subject_id=video.pk,
        state__in=UNFINISHED,
    )
    if busy.exists() or video.state == VideoState.ANALYSING:
        raise Conflict("busy", f"{video.name} is being worked on: wait, or cancel that first.")
    clean_up = partial(
        _remove_unused,
        original=video.original_file,
        derived=[getattr(video, field) for field in DERIVED],
        sha256=video.sha256,
    )
    video_id, project_id = video.pk, video.project_id
    Upload.objects.filter(video=video).delete()
    video.delete()
    events.publish(project_id, "video", id=video_id, state="deleted")
    transaction.on_commit(clean_up)


def bytes_are_in_use(sha256: str) -> bool:
    """Whether a video of any project has, or is just making, files named by these bytes."""
    return bool(sha256) and Video.objects.filter(sha256=sha256).exclude(state__in=UNUSABLE).exists()


def _remove_unused(*, original: str, derived: Iterable[str], sha256: str) -> None:
    names = [original, *([] if bytes_are_in_use(sha256) else derived)]
    for name in filter(None, names):
        used = any(Video.objects.filter(**{field: name}).exists() for field in FILES)
        if not used:
            storage.remove(name)


def _same_bytes(video: Video, sha256: str) -> Video | None:
    others = Video.objects.filter(project_id=video.project_id, sha256=sha256)
    return others.exclude(pk=video.pk).exclude(state__in=UNUSABLE).first()


@transaction.atomic
def _mark_duplicate(video: Video, sha256: str, first: Video) -> None:
    """Say whose bytes these are, and share that video's file: nothing is lost, no room wasted."""
    spare = video.original_file
    video.sha256, video.duplicate_of = sha256, first
    video.original_file = first.original_file
    video.state, video.error_code = VideoState.DUPLICATE, "duplicate"
    video.message = f"The same file is in the library already, as {first.name}."
    video.save()
    publish_video(video)
    if spare != first.original_file:
        transaction.on_commit(partial(storage.remove, spare))
