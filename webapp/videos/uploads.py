"""Uploads that arrive in pieces and survive a crash: the file's length is the truth."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import Project, User
from webapp.core import pieces, storage
from webapp.core.errors import Conflict, NotFound, Refused
from webapp.jobs.models import JobKind
from webapp.jobs.services import create_job, enqueue_job
from webapp.videos.events import publish_video
from webapp.videos.models import Upload, Video


def start_upload(*, project: Project, name: str, size_bytes: int, by: User) -> Upload:
    """Make room for a file; an empty one is complete at once."""
    pieces.expect_size(size_bytes, settings.MAX_UPLOAD_BYTES)
    name = pieces.clean_name(name)
    upload = Upload(project=project, name=name, size_bytes=size_bytes, created_by=by)
    with pieces.open_locked(file_of(upload)):
        upload.save(force_insert=True)
    return upload if size_bytes else finish_upload(upload=upload)


def append_chunk(*, upload: Upload, offset: int, data: bytes) -> Upload:
    """Add bytes at the end; the last ones make the video.

    A chunk that was cut short by a crash has left a good beginning: the caller reads the new
    length from the refusal (or by GET) and goes on from there. An empty chunk at the end
    completes an upload whose last answer was lost.

    Raises:
        Conflict: ``wrong_offset`` (with ``received_bytes``), or another request is writing.
        Refused: more bytes than were announced.
        NotFound: the upload was cancelled, maybe while this request was on its way.
        AppError: ``disk_full``; the file keeps its former length.
    """
    with pieces.open_locked(file_of(upload)) as file:
        _expect_there(upload)
        upload.received_bytes = pieces.write_piece(
            file,
            offset=offset,
            data=data,
            size_bytes=upload.size_bytes,
            is_over=bool(upload.video_id),
            extra={"video": upload.video_id},
        )
        rows = Upload.objects.filter(pk=upload.pk)
        if not rows.update(received_bytes=upload.received_bytes):
            raise _cancelled()
    return finish_upload(upload=upload) if _is_complete(upload) else upload


@transaction.atomic
def finish_upload(*, upload: Upload) -> Upload:
    """Make the video of a complete upload and queue its ingest; doing it twice is harmless."""
    upload = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if upload is None:
        raise _cancelled()
    if upload.video_id:
        return upload
    if not _is_complete(upload):
        raise Refused("incomplete", f"Expected {upload.size_bytes} bytes, fewer have come.")
    video = Video.objects.create(
        project_id=upload.project_id,
        name=upload.name,
        original_file=file_of(upload),
        size_bytes=upload.size_bytes,
        uploaded_by_id=upload.created_by_id,
    )
    upload.video = video
    upload.received_bytes = upload.size_bytes
    upload.save(update_fields=["video", "received_bytes"])
    job = create_job(
        project_id=video.project_id,
        kind=JobKind.INGEST,
        subject_id=video.pk,
        by=upload.created_by,
    )
    enqueue_job(job=job)
    publish_video(video)
    return upload


def cancel_upload(*, upload: Upload) -> None:
    """Forget an upload that is not complete."""
    deleted, _ = Upload.objects.filter(pk=upload.pk, video=None).delete()
    if not deleted:
        raise Conflict("complete", "This upload is complete; delete the video instead.")
    storage.remove(file_of(upload))


def remove_stale_uploads() -> int:
    """Forget uploads that nobody resumed for ``UPLOAD_KEEP_DAYS``; returns how many."""
    before = timezone.now() - timedelta(days=settings.UPLOAD_KEEP_DAYS)
    stale = [
        upload
        for upload in Upload.objects.filter(video=None, created_at__lt=before)
        if pieces.last_write(file_of(upload)) < before.timestamp()
    ]
    for upload in stale:
        cancel_upload(upload=upload)
    return len(stale)


def file_of(upload: Upload) -> str:
    """The file's name in the storage, from the first byte on: completing moves nothing."""
    key = upload.pk.hex
    return f"originals/{key[:2]}/{key}"


def received_bytes(upload: Upload) -> int:
    """How much is on disk, also after a crash between file and row."""
    return pieces.received_bytes(file_of(upload))


def _is_complete(upload: Upload) -> bool:
    return received_bytes(upload) == upload.size_bytes


def _expect_there(upload: Upload) -> None:
    """Read the row anew; a person may have cancelled the upload since."""
    try:
        upload.refresh_from_db()
    except Upload.DoesNotExist:
        storage.remove(file_of(upload))  # opening has made it again
        raise _cancelled() from None


def _cancelled() -> NotFound:
    return NotFound("cancelled", "This upload was cancelled.")
