"""A checkpoint's way in: received in pieces, read by a worker, registered as a version."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import Project, User
from webapp.core import pieces, storage
from webapp.core.errors import Conflict, NotFound, Refused
from webapp.core.models import UNFINISHED
from webapp.estimators.models import ImportState, PoseImport, PoseKind, PoseVersion
from webapp.estimators.selectors import READING
from webapp.estimators.services import register_pose_version
from webapp.jobs import events
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, JobKind

OPEN = {"state": ImportState.RECEIVING}


def start_import(*, project: Project, name: str, size_bytes: int, by: User) -> PoseImport:
    """Make room for a checkpoint file."""
    if not size_bytes:
        raise Refused("empty", "Expected a checkpoint, got an empty file.")
    pieces.expect_size(size_bytes, settings.MAX_CHECKPOINT_BYTES)
    made = PoseImport(
        project=project,
        name=pieces.clean_name(name),
        size_bytes=size_bytes,
        file=storage.new_name("checkpoints"),
        created_by=by,
    )
    with pieces.open_locked(made.file):
        made.save(force_insert=True)
    return made


def append_piece(*, pose_import: PoseImport, offset: int, data: bytes) -> PoseImport:
    """Add bytes at the end; the last ones send the file to a worker.

    Raises:
        Conflict: ``wrong_offset`` (with ``received_bytes``), or another request is writing.
        Refused: more bytes than were announced.
        NotFound: the upload was cancelled.
    """
    with pieces.open_locked(pose_import.file) as file:
        _expect_receiving(pose_import)
        size = pose_import.size_bytes
        length = pieces.write_piece(file, offset=offset, data=data, size_bytes=size)
    return _queue(pose_import) if length == size else pose_import


@transaction.atomic
def _queue(pose_import: PoseImport) -> PoseImport:
    """Send a complete file to a worker, once."""
    fresh = PoseImport.objects.select_for_update(of=("self",)).get(pk=pose_import.pk)
    if fresh.state != ImportState.RECEIVING:
        return fresh
    fresh.job = jobs.create_job(
        project_id=fresh.project_id,
        kind=JobKind.POSE_IMPORT,
        subject_id=fresh.pk,
        by=fresh.created_by,
    )
    fresh.state = ImportState.QUEUED
    fresh.save(update_fields=["job", "state"])
    publish_import(fresh)
    jobs.enqueue_job(job=fresh.job)
    return fresh


@transaction.atomic
def begin_import(*, pose_import: PoseImport) -> None:
    """A worker has begun; what an attempt that was lost had noted is dropped."""
    pose_import.state, pose_import.misfits = ImportState.RUNNING, {}
    pose_import.save(update_fields=["state", "misfits"])
    publish_import(pose_import)


def note_misfits(*, pose_import: PoseImport, misfits: dict[str, Any]) -> None:
    """Names of weights that the file lacks or that nothing takes, for people to read."""
    pose_import.misfits = {
        str(what): [str(name) for name in names] for what, names in misfits.items()
    }
    pose_import.save(update_fields=["misfits"])


@transaction.atomic
def finish_import(*, pose_import: PoseImport, weights_path: Path) -> PoseVersion | None:
    """Register what was read; None where the import ended meanwhile."""
    fresh = PoseImport.objects.select_for_update(of=("self",)).get(pk=pose_import.pk)
    if fresh.state != ImportState.RUNNING:
        return fresh.version
    fresh.version = register_pose_version(
        project=fresh.project,
        kind=PoseKind.IMPORTED,
        weights_path=weights_path,
        source_name=fresh.name,
        by=fresh.created_by,
    )
    fresh.state, fresh.finished_at = ImportState.DONE, timezone.now()
    fresh.save(update_fields=["version", "state", "finished_at"])
    _drop_file(fresh)
    publish_import(fresh)
    return fresh.version


def note_job_end(*, job: Job) -> None:
    """Bring the import to the state in which its job ended, whoever ended it."""
    unfinished = PoseImport.objects.filter(job=job, state__in=UNFINISHED)
    if unfinished.update(state=job.state, finished_at=timezone.now()):
        ended = PoseImport.objects.get(job=job)
        _drop_file(ended)
        publish_import(ended)


def cancel_import(*, pose_import: PoseImport) -> None:
    """Forget a file that has not all come, or ask the worker to stop reading it."""
    if pose_import.state == ImportState.RECEIVING:
        deleted, _ = PoseImport.objects.filter(pk=pose_import.pk, **OPEN).delete()
        if deleted:
            storage.remove(pose_import.file)
            return
        pose_import.refresh_from_db()
    if pose_import.job_id is None or not jobs.request_cancellation(job_id=pose_import.job_id):
        raise Conflict(
            "not_running", f"The import is {pose_import.state}: there is nothing to cancel."
        )


def remove_stale_imports() -> int:
    """Forget files that nobody went on sending for ``UPLOAD_KEEP_DAYS``; returns how many."""
    before = timezone.now() - timedelta(days=settings.UPLOAD_KEEP_DAYS)
    stale = [
        one
        for one in PoseImport.objects.filter(created_at__lt=before, **OPEN)
        if pieces.last_write(one.file) < before.timestamp()
    ]
    for one in stale:
        cancel_import(pose_import=one)
    return len(stale)


def publish_import(pose_import: PoseImport) -> None:
    events.publish(
        pose_import.project_id, "pose_import", id=pose_import.pk, state=str(pose_import.state)
    )


def _expect_receiving(pose_import: PoseImport) -> None:
    """Read the row anew: it may be gone or at work by now, and opening has made its file again."""
    state = PoseImport.objects.filter(pk=pose_import.pk).values_list("state", flat=True).first()
    if state not in (ImportState.RECEIVING, *READING):
        storage.remove(pose_import.file)
    if state is None:
        raise NotFound("cancelled", "This upload was cancelled.")
    if state != ImportState.RECEIVING:
        raise Conflict(
            "wrong_offset",
            f"{pose_import.name} has come whole already.",
            {"received_bytes": pose_import.size_bytes},
        )


def _drop_file(pose_import: PoseImport) -> None:
    """What was sent is not kept: read, it lives on in our form; unreadable, it is of no use."""
    name = pose_import.file
    transaction.on_commit(lambda: storage.remove(name))
