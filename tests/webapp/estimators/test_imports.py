"""A checkpoint file: received in pieces, read by a worker, a candidate or a reason."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inference.errors import BadInput
from tests.webapp import factories_pose
from webapp.core import storage
from webapp.core.errors import Conflict, NotFound, Refused, TooLarge
from webapp.estimators import gpu, imports, tasks
from webapp.estimators.models import PoseImport, PoseVersion
from webapp.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(monkeypatch, tmp_path):
    """Stands where the library reads a checkpoint; ``seen`` keeps the names of files."""

    class Reader:
        seen: list[str] = []
        content: list[bytes] = []
        fault: Exception | None = None

        def __call__(self, checkpoint, out):
            self.seen.append(checkpoint.name)
            self.content.append(checkpoint.read_bytes())
            if self.fault:
                raise self.fault
            return factories_pose.weights(tmp_path)

    made = Reader()
    made.seen, made.content = [], []
    monkeypatch.setattr(gpu, "import_checkpoint", made)
    return made


def begin(project, by, size_bytes=10, name="published_384x288.pth"):
    return imports.start_import(project=project, name=name, size_bytes=size_bytes, by=by)


def read(pose_import):
    tasks.import_checkpoint(pose_import.pk, pose_import.job_id)
    pose_import.refresh_from_db()
    return pose_import


def test_pieces_become_work_once_all_have_come(
    project, admin, sent_tasks, django_capture_on_commit_callbacks
):
    made = begin(project, admin)
    with django_capture_on_commit_callbacks(execute=True):
        assert imports.append_piece(pose_import=made, offset=0, data=b"0123").state == "receiving"
        whole = imports.append_piece(pose_import=made, offset=4, data=b"456789")
    assert (whole.state, whole.job.kind) == ("queued", "pose_import")
    assert sent_tasks == [("webapp.estimators.tasks.import_checkpoint", [made.pk, whole.job_id])]


def test_a_wrong_offset_says_how_much_has_come(project, admin):
    made = begin(project, admin)
    imports.append_piece(pose_import=made, offset=0, data=b"0123")
    with pytest.raises(Conflict) as error:
        imports.append_piece(pose_import=made, offset=2, data=b"23")
    assert error.value.extra == {"received_bytes": 4}
    with pytest.raises(Refused):
        imports.append_piece(pose_import=made, offset=4, data=b"4567890")


def test_what_is_too_large_or_empty_is_refused_at_once(project, admin, settings):
    settings.MAX_CHECKPOINT_BYTES = 100
    with pytest.raises(TooLarge, match="at most 100 bytes, got 101"):
        begin(project, admin, size_bytes=101)
    with pytest.raises(Refused):
        begin(project, admin, size_bytes=0)
    assert not PoseImport.objects.exists()


def test_a_checkpoint_becomes_a_candidate(project, admin, reader):
    done = read(factories_pose.received(project, admin))
    assert (done.state, done.version.state, done.version.kind) == ("done", "candidate", "imported")
    assert (done.version.source_name, done.version.created_by) == ("published_384x288.pth", admin)
    assert done.version.card["parameters"] == 10
    assert (reader.seen, reader.content) == (["published_384x288.pth"], [b"0123456789"])


def test_the_sent_file_is_not_kept(project, admin, reader, django_capture_on_commit_callbacks):
    made = factories_pose.received(project, admin)
    assert storage.path_of(made.file).exists()
    with django_capture_on_commit_callbacks(execute=True):
        read(made)
    assert not storage.path_of(made.file).exists()


def test_names_that_do_not_fit_reach_the_person(project, admin, reader):
    misfits = {"missing": ["conv1.weight", "bn1.bias"], "unknown": ["fc.weight"]}
    reader.fault = BadInput("bad_checkpoint", "2 missing; 1 unknown.", {"misfits": misfits})
    failed = read(factories_pose.received(project, admin))
    assert (failed.state, failed.job.error_code) == ("failed", "bad_checkpoint")
    assert (failed.misfits, failed.job.error_message) == (misfits, "2 missing; 1 unknown.")
    assert not PoseVersion.objects.exists()


@pytest.mark.parametrize("name", ["..", "x" * 250 + ".pth", "é" * 200 + ".pth"])
def test_odd_names_do_no_harm(project, admin, reader, name):
    made = begin(project, admin, size_bytes=1, name=name)
    assert read(imports.append_piece(pose_import=made, offset=0, data=b"0")).state == "done"


def test_a_second_message_does_nothing(project, admin, reader):
    done = read(factories_pose.received(project, admin))
    read(done)
    assert (len(reader.seen), PoseVersion.objects.count()) == (1, 1)


class Killed(BaseException):
    """As when the process is gone: nothing gets to clean up."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_at_the_end_leaves_work_that_another_finishes(
    project, admin, reader, monkeypatch, when
):
    made = factories_pose.received(project, admin)
    finish = imports.finish_import

    def die(**kwargs):
        if when == "after":
            finish(**kwargs)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(imports, "finish_import", die)
        tasks.import_checkpoint(made.pk, made.job_id)
    Job.objects.update(lease_expires_at=timezone.now() - timedelta(hours=1))
    assert read(made).state == "done"
    assert PoseVersion.objects.count() == 1


def test_an_upload_is_forgotten_and_its_next_piece_told_so(project, admin):
    made = begin(project, admin)
    imports.cancel_import(pose_import=PoseImport.objects.get())
    assert not storage.path_of(made.file).exists()
    with pytest.raises(NotFound):
        imports.append_piece(pose_import=made, offset=0, data=b"0")
    assert not storage.path_of(made.file).exists()


def test_pieces_after_the_last_one_are_refused_and_leave_nothing(
    project, admin, reader, django_capture_on_commit_callbacks
):
    made = factories_pose.received(project, admin)
    with pytest.raises(Conflict):
        imports.append_piece(pose_import=made, offset=0, data=b"0")
    assert storage.path_of(made.file).read_bytes() == b"0123456789"
    with django_capture_on_commit_callbacks(execute=True):
        read(made)
    with pytest.raises(Conflict):
        imports.append_piece(pose_import=made, offset=0, data=b"0")
    assert not storage.path_of(made.file).exists()


def test_the_last_piece_may_come_again_where_its_answer_was_lost(project, admin, monkeypatch):
    made = begin(project, admin)
    with monkeypatch.context() as patch:
        patch.setattr(imports, "_queue", lambda pose_import: pose_import)
        imports.append_piece(pose_import=made, offset=0, data=b"0123456789")
    assert imports.append_piece(pose_import=made, offset=10, data=b"").state == "queued"


def test_an_import_that_waits_is_cancelled_at_once(project, admin, reader):
    made = factories_pose.received(project, admin)
    imports.cancel_import(pose_import=made)
    assert read(made).state == "cancelled"
    assert reader.seen == []
    with pytest.raises(Conflict):
        imports.cancel_import(pose_import=made)


def test_files_that_nobody_goes_on_sending_are_removed(project, admin, settings):
    begin(project, admin)
    assert imports.remove_stale_imports() == 0
    long_ago = timezone.now() - timedelta(days=settings.UPLOAD_KEEP_DAYS + 1)
    PoseImport.objects.update(created_at=long_ago)
    assert imports.remove_stale_imports() == 0  # its last piece is recent
    settings.UPLOAD_KEEP_DAYS = 0
    assert imports.remove_stale_imports() == 1
    assert not PoseImport.objects.exists()
