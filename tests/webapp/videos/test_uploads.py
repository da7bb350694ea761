import errno
import fcntl
import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.webapp import factories
from webapp.core import pieces, storage
from webapp.core.errors import AppError, Conflict, NotFound, Refused
from webapp.jobs.models import Job
from webapp.videos import services, uploads
from webapp.videos.models import Upload, Video, VideoState


@pytest.fixture
def begin(project, reviewer):
    def call(size_bytes=10, name="clip.mp4"):
        return services.start_upload(project=project, name=name, size_bytes=size_bytes, by=reviewer)

    return call


def path_of(upload):
    return storage.path_of(uploads.file_of(upload))


def test_pieces_become_a_video_and_its_ingest_is_sent(
    begin, sent_tasks, reviewer, django_capture_on_commit_callbacks
):
    upload = begin(10)
    services.append_chunk(upload=upload, offset=0, data=b"01234")
    assert Video.objects.count() == 0
    with django_capture_on_commit_callbacks(execute=True):
        upload = services.append_chunk(upload=upload, offset=5, data=b"56789")
    video = upload.video
    assert (video.name, video.state, video.size_bytes) == ("clip.mp4", VideoState.INGESTING, 10)
    assert storage.path_of(video.original_file).read_bytes() == b"0123456789"
    job = Job.objects.get()
    assert (job.kind, job.subject_id, job.created_by) == ("ingest", video.pk, reviewer)
    assert sent_tasks == [("webapp.videos.tasks.ingest_video", [video.pk, job.pk])]


def test_a_piece_at_the_wrong_place_is_refused_with_the_right_one(begin):
    upload = begin(10)
    services.append_chunk(upload=upload, offset=0, data=b"0123")
    for offset in (0, 3, 5):
        with pytest.raises(Conflict) as caught:
            services.append_chunk(upload=upload, offset=offset, data=b"x")
        assert caught.value.extra["received_bytes"] == 4
    assert path_of(upload).read_bytes() == b"0123"


def test_more_than_was_announced_is_refused(begin):
    upload = begin(3)
    with pytest.raises(Refused, match="3 bytes"):
        services.append_chunk(upload=upload, offset=0, data=b"0123")
    assert path_of(upload).read_bytes() == b""


def test_killed_between_file_and_row_the_files_length_counts(begin):
    upload = begin(6)
    path_of(upload).write_bytes(b"0123")  # written, then killed: the row knows nothing of it
    assert uploads.received_bytes(upload) == 4
    upload = services.append_chunk(upload=upload, offset=4, data=b"45")
    assert storage.path_of(upload.video.original_file).read_bytes() == b"012345"


def test_killed_before_the_video_was_made_an_empty_piece_completes(begin):
    upload = begin(4)
    path_of(upload).write_bytes(b"0123")
    upload = services.append_chunk(upload=upload, offset=4, data=b"")
    assert upload.video.state == VideoState.INGESTING


def test_completing_twice_makes_one_video(begin):
    upload = begin(4)
    path_of(upload).write_bytes(b"0123")
    first = services.finish_upload(upload=upload)
    second = services.finish_upload(upload=upload)
    assert first.video_id == second.video_id
    assert (Video.objects.count(), Job.objects.count()) == (1, 1)


def test_nothing_is_added_to_a_complete_upload(begin):
    upload = begin(4)
    services.append_chunk(upload=upload, offset=0, data=b"0123")
    for data in (b"", b"4"):
        with pytest.raises((Conflict, Refused)):
            services.append_chunk(upload=Upload.objects.get(), offset=4, data=data)
    assert path_of(upload).read_bytes() == b"0123"


def test_an_upload_that_is_not_complete_makes_no_video(begin):
    with pytest.raises(Refused, match="4 bytes"):
        services.finish_upload(upload=begin(4))


def test_an_empty_file_is_complete_at_once(begin):
    assert begin(0).video.size_bytes == 0


def test_two_writers_at_once_do_not_mix(begin):
    upload = begin(4)
    with path_of(upload).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Conflict) as caught:
            services.append_chunk(upload=upload, offset=0, data=b"0123")
    assert caught.value.code == "busy"


def test_a_disk_that_fills_up_leaves_what_was_there(begin, monkeypatch):
    upload = begin(8)
    services.append_chunk(upload=upload, offset=0, data=b"0123")

    def no_room(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(AppError) as caught:
        services.append_chunk(upload=upload, offset=4, data=b"4567")
    assert caught.value.status == 507
    assert path_of(upload).read_bytes() == b"0123"


def test_without_room_nothing_begins(begin, settings):
    settings.DISK_RESERVE_BYTES = 1 << 62
    with pytest.raises(AppError) as caught:
        begin(10)
    assert caught.value.code == "disk_full"
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("clip.mp4", "clip.mp4"),
        ("/etc/../clip.mp4", "clip.mp4"),
        ("C:\\videos\\clip.mp4", "clip.mp4"),
        ("Ночь 1.mp4", "Ночь 1.mp4"),
        ("a\x00b\n.mp4", "ab.mp4"),
        ("x" * 400 + ".mp4", "x" * 251 + ".mp4"),
    ],
)
def test_names_are_kept_as_far_as_they_are_names(begin, sent, kept):
    assert begin(name=sent).name == kept


def test_a_file_without_a_name_is_refused(begin):
    with pytest.raises(Refused):
        begin(name="folder/")


def test_a_cancelled_upload_leaves_nothing(begin):
    upload = begin()
    path = path_of(upload)
    services.cancel_upload(upload=upload)
    assert not path.exists()
    assert Upload.objects.count() == 0


def test_only_uploads_that_nobody_resumes_are_cleared_away(begin, settings):
    old, resumed, fresh, complete = begin(), begin(), begin(), begin(0)
    before = timezone.now() - timedelta(days=settings.UPLOAD_KEEP_DAYS + 1)
    Upload.objects.exclude(pk=fresh.pk).update(created_at=before)
    stamp = time.time() - (settings.UPLOAD_KEEP_DAYS + 1) * 86400
    for upload in (old, complete):
        os.utime(path_of(upload), (stamp, stamp))
    assert services.remove_stale_uploads() == 1
    assert set(Upload.objects.all()) == {resumed, fresh, complete}
    assert not path_of(old).exists()
    assert path_of(complete).exists()


def test_a_deleted_video_takes_its_upload_along(begin, django_capture_on_commit_callbacks):
    video = begin(0).video
    Job.objects.update(state="done")
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_video(video=video)
    assert (Upload.objects.count(), Video.objects.count()) == (0, 0)
    assert not storage.path_of(video.original_file).exists()


def test_a_file_that_another_video_uses_stays(project, django_capture_on_commit_callbacks):
    first = factories.video(project, proxy_file=factories.stored(folder="derived"))
    second = factories.video(project, proxy_file=first.proxy_file)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_video(video=first)
    assert storage.path_of(second.proxy_file).exists()
    assert storage.path_of(second.original_file).exists()
    assert not storage.path_of(first.original_file).exists()


def test_a_video_at_work_is_not_deleted(project):
    video = factories.video(project, state=VideoState.ANALYSING)
    with pytest.raises(Conflict):
        services.delete_video(video=video)


def test_a_piece_that_arrives_after_the_upload_was_cancelled_is_refused(begin):
    upload = begin()
    services.cancel_upload(upload=Upload.objects.get())
    with pytest.raises(NotFound, match="cancelled"):
        services.append_chunk(upload=upload, offset=0, data=b"0123")
    assert not path_of(upload).exists()


def test_cancelling_while_a_piece_is_written_is_told_to_its_sender(begin, monkeypatch):
    upload = begin(4)
    append = pieces.append

    def cancelled_meanwhile(*arguments):
        append(*arguments)
        services.cancel_upload(upload=Upload.objects.get())

    monkeypatch.setattr(pieces, "append", cancelled_meanwhile)
    with pytest.raises((NotFound, Refused)):
        services.append_chunk(upload=upload, offset=0, data=b"0123")
    assert Video.objects.count() == 0
    assert not path_of(upload).exists()


def test_a_disk_that_takes_only_a_part_leaves_what_was_there(begin, monkeypatch):
    upload = begin(8)
    services.append_chunk(upload=upload, offset=0, data=b"0123")

    class SmallDisk(pieces.FileIO):
        def write(self, data):
            if len(data) < 4:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data[:2])

    monkeypatch.setattr(pieces, "FileIO", SmallDisk)
    with pytest.raises(AppError) as caught:
        services.append_chunk(upload=upload, offset=4, data=b"4567")
    assert caught.value.code == "disk_full"
    assert path_of(upload).read_bytes() == b"0123"
