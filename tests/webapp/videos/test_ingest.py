import hashlib
import json
from datetime import timedelta
from fractions import Fraction
from io import BytesIO

import av
import cv2
import numpy as np
import pytest
from django.utils import timezone

from inference.video.coded import read_code
from inference.video.frames import read_clip
from tests.inference.conftest import VideoFactory
from tests.webapp import factories
from webapp.core import storage
from webapp.core.models import WorkState
from webapp.jobs import services as jobs
from webapp.jobs.models import Job
from webapp.videos import ingest as ingest_module
from webapp.videos import services
from webapp.videos.models import Video, VideoState
from webapp.videos.selectors import frame_times
from webapp.videos.tasks import ingest_video

NEXT_TASK = "webapp.runs.tasks.analyse_new_video"


@pytest.fixture
def make_video(tmp_path):
    return VideoFactory(tmp_path)


@pytest.fixture
def upload(project, reviewer, django_capture_on_commit_callbacks):
    """Send bytes as a file; returns the new video and its job."""

    def call(content, name="clip.mp4", into=project):
        with django_capture_on_commit_callbacks(execute=True):
            started = services.start_upload(
                project=into, name=name, size_bytes=len(content), by=reviewer
            )
            if content:
                started = services.append_chunk(upload=started, offset=0, data=content)
        return started.video, Job.objects.get(kind="ingest", subject_id=started.video.pk)

    return call


@pytest.fixture
def ingest(upload, django_capture_on_commit_callbacks):
    """Send bytes as a file and let the worker have them."""

    def call(content, name="clip.mp4", **more):
        video, job = upload(content, name, **more)
        with django_capture_on_commit_callbacks(execute=True):
            ingest_video(video.pk, job.pk)
        video.refresh_from_db()
        job.refresh_from_db()
        return video, job

    return call


def proxy_of(video):
    return read_clip(storage.path_of(video.proxy_file))


def originals():
    return sorted(path for path in storage.path_of("originals").rglob("*") if path.is_file())


def test_a_clip_becomes_playable_and_is_handed_on(ingest, make_video, sent_tasks):
    content = make_video(frames=12).read_bytes()
    video, job = ingest(content)
    assert (video.state, video.message) == (VideoState.READY, "")
    assert (job.state, job.progress) == (WorkState.DONE, 1.0)
    assert video.sha256 == hashlib.sha256(content).hexdigest()
    assert (video.width, video.height, video.frames) == (64, 48, 12)
    assert (video.fps, video.variable_fps) == (Fraction(30), False)
    assert video.duration_s == pytest.approx(0.4)
    assert sent_tasks[-1] == (NEXT_TASK, [video.pk])
    assert storage.path_of(video.original_file).read_bytes() == content
    assert cv2.imread(str(storage.path_of(video.poster_file))).shape == (48, 64, 3)
    assert [read_code(frame) for frame in proxy_of(video).frames] == list(range(12))


def test_ntsc_with_reordered_frames_keeps_its_frames_and_rate(ingest, make_video):
    path = make_video(frames=30, fps=Fraction(30000, 1001), b_frames=3)
    video, _ = ingest(path.read_bytes())
    assert video.fps == Fraction(30000, 1001)
    assert [read_code(frame) for frame in proxy_of(video).frames] == list(range(30))


def test_a_single_frame_is_a_clip(ingest, make_video):
    video, _ = ingest(make_video(frames=1).read_bytes())
    assert (video.state, video.frames) == (VideoState.READY, 1)
    assert len(frame_times(video)["times_s"]) == 2


@pytest.mark.parametrize("size", [(65, 49), (63, 48), (64, 47)])
def test_odd_sizes_keep_their_size(ingest, make_video, size):
    path = make_video(size=size, pix_fmt="yuv444p")
    video, _ = ingest(path.read_bytes())
    assert (video.state, video.width, video.height) == (VideoState.READY, *size)
    assert proxy_of(video).frames.shape[1] % 2 == 0


@pytest.mark.parametrize(("turn", "size"), [(90, (48, 64)), (180, (64, 48)), (-90, (48, 64))])
def test_a_rotated_clip_is_stored_upright(ingest, make_video, turn, size):
    video, _ = ingest(make_video(rotation=turn).read_bytes())
    assert (video.width, video.height) == size
    assert proxy_of(video).size == size


def test_a_variable_frame_rate_is_kept_frame_by_frame(ingest, make_video):
    stamps = [0, 1, 2, 6, 7, 12, 13, 14, 30, 31]
    path = make_video(pts=stamps, time_base=Fraction(1, 30))
    video, _ = ingest(path.read_bytes())
    assert (video.state, video.variable_fps) == (VideoState.READY, True)
    times = frame_times(video)["times_s"]
    assert times[:-1] == pytest.approx([stamp / 30 for stamp in stamps])
    assert proxy_of(video).table.times_s == pytest.approx(times[:-1])


def test_a_live_recording_without_duration_is_read(ingest, make_video):
    video, _ = ingest(make_video("live.mkv", container_options={"live": "1"}).read_bytes())
    assert (video.state, video.frames) == (VideoState.READY, 12)


def sound_only(tmp_path):
    path = tmp_path / "sound.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=8000)
        stream.layout = "mono"
        for _ in range(4):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate = 8000
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path.read_bytes()


def picture(kind):
    return cv2.imencode(kind, np.zeros((48, 64, 3), np.uint8))[1].tobytes()


def no_frames(tmp_path):
    out = BytesIO()
    with av.open(out, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    return out.getvalue()


BAD_FILES = {
    "a text": (lambda tmp: b"This is no video at all.\n" * 40, "not_a_video"),
    "noise": (lambda tmp: np.random.default_rng(0).bytes(5000), "not_a_video"),
    "an empty file": (lambda tmp: b"", "no_frames"),
    "a container without frames": (no_frames, "no_frames"),
    "sound alone": (sound_only, "audio_only"),
    "a renamed JPEG": (lambda tmp: picture(".jpg"), "not_a_video"),
    "a renamed PNG": (lambda tmp: picture(".png"), "not_a_video"),
    "a cut MP4": (
        lambda tmp: VideoFactory(tmp)("whole.mp4").read_bytes()[:-900],
        "truncated",
    ),
    "a playlist": (
        lambda tmp: (
            b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
            + str(VideoFactory(tmp)("inside.mp4")).encode()
            + b"\n#EXT-X-ENDLIST\n"
        ),
        "not_a_video",
    ),
    "a list of files": (
        lambda tmp: (
            b"ffconcat version 1.0\nfile '" + str(VideoFactory(tmp)("inside.mp4")).encode() + b"'\n"
        ),
        "not_a_video",
    ),
    "an address": (
        lambda tmp: b"[InternetShortcut]\nURL=http://127.0.0.1:9/clip.mp4\n",
        "not_a_video",
    ),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_cannot_be_used_says_why_and_is_kept(ingest, sent_tasks, tmp_path, kind):
    make, code = BAD_FILES[kind]
    content = make(tmp_path)
    video, job = ingest(content, "holiday.mp4")
    assert (video.state, video.error_code) == (VideoState.REJECTED, code)
    assert (job.state, job.error_code) == (WorkState.FAILED, code)
    assert video.message == job.error_message
    assert storage.path_of(video.original_file).read_bytes() == content
    assert storage.path_of(video.original_file).name not in video.message
    assert str(storage.path_of("x").parent) not in video.message
    assert NEXT_TASK not in [name for name, _ in sent_tasks]
    assert not storage.path_of("derived").exists() or not list(
        path for path in storage.path_of("derived").rglob("*.mp4")
    )


def test_a_bad_file_harms_no_other(ingest, make_video):
    ingest(b"nonsense", "bad.mp4")
    video, _ = ingest(make_video().read_bytes())
    assert video.state == VideoState.READY


def test_the_same_file_twice_is_found_said_and_stored_once(ingest, make_video, sent_tasks):
    content = make_video().read_bytes()
    first, _ = ingest(content, "one.mp4")
    second, job = ingest(content, "two.mp4")
    assert (second.state, second.duplicate_of) == (VideoState.DUPLICATE, first)
    assert "one.mp4" in second.message
    assert job.state == WorkState.DONE
    assert len(originals()) == 1
    assert storage.path_of(second.original_file).read_bytes() == content
    assert sent_tasks.count((NEXT_TASK, [second.pk])) == 0


def test_the_same_file_in_another_project_is_no_duplicate(ingest, make_video):
    content = make_video().read_bytes()
    first, _ = ingest(content)
    other, _ = ingest(content, into=factories.project("Other"))
    assert other.state == VideoState.READY
    assert other.proxy_file == first.proxy_file


def test_a_rejected_file_may_be_sent_again(ingest):
    ingest(b"nonsense")
    video, _ = ingest(b"nonsense")
    assert video.state == VideoState.REJECTED


def test_two_workers_with_the_same_bytes_at_once_make_one_video(
    ingest, upload, make_video, monkeypatch
):
    """Both have looked before either has written: the database's constraint decides."""
    content = make_video().read_bytes()
    first, _ = ingest(content, "one.mp4")
    second, job = upload(content, "two.mp4")
    real, looks = services._same_bytes, []

    def too_early(video, sha256):
        looks.append(sha256)
        return None if len(looks) == 1 else real(video, sha256)

    monkeypatch.setattr(services, "_same_bytes", too_early)
    ingest_video(second.pk, job.pk)
    second.refresh_from_db()
    assert (second.state, second.duplicate_of) == (VideoState.DUPLICATE, first)


def test_running_the_task_twice_does_the_work_once(ingest, make_video, monkeypatch):
    video, job = ingest(make_video().read_bytes())

    def must_not_run(**_):
        raise AssertionError("ran twice")

    monkeypatch.setattr("webapp.videos.tasks.ingest", must_not_run)
    ingest_video(video.pk, job.pk)
    video.refresh_from_db()
    assert video.state == VideoState.READY


@pytest.mark.parametrize("step", ["probe", "frames", "proxy", "poster", "thumbnails"])
def test_killed_half_way_another_worker_completes_it(upload, make_video, monkeypatch, step):
    class Killed(BaseException):
        """Like a signal: nothing gets to write a last word."""

    video, job = upload(make_video().read_bytes())
    real = jobs.report_progress

    def killed(*, stage, **report):
        if stage == step:
            raise Killed
        real(stage=stage, **report)

    monkeypatch.setattr(jobs, "report_progress", killed)
    with pytest.raises(Killed):
        ingest_video(video.pk, job.pk)
    monkeypatch.setattr(jobs, "report_progress", real)
    job.refresh_from_db()
    assert job.state == WorkState.RUNNING
    ingest_video(video.pk, job.pk)  # a second message while the lease lasts: nothing
    video.refresh_from_db()
    assert video.state == VideoState.INGESTING

    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    jobs.recover_jobs()
    ingest_video(video.pk, job.pk)
    video.refresh_from_db()
    assert (video.state, video.frames) == (VideoState.READY, 12)
    assert not list(storage.path_of("drafts").iterdir())


def test_a_file_that_kills_every_worker_is_rejected_in_the_end(upload, make_video, settings):
    video, job = upload(make_video().read_bytes())
    for _ in range(settings.JOB_MAX_ATTEMPTS):
        assert jobs.claim_job(job_id=job.pk, worker="doomed")
        Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        jobs.recover_jobs()
    video.refresh_from_db()
    assert (video.state, video.error_code) == (VideoState.REJECTED, "worker_lost")


def test_without_a_broker_the_video_is_handed_on_later(upload, make_video, monkeypatch, sent_tasks):
    video, job = upload(make_video().read_bytes())
    app = ingest_module.celery.current_app
    real = app.send_task

    def away(*args, **kwargs):
        raise OSError("connection refused")

    monkeypatch.setattr(app, "send_task", away)
    ingest_video(video.pk, job.pk)
    video.refresh_from_db()
    job.refresh_from_db()
    assert (video.state, job.state) == (VideoState.READY, WorkState.QUEUED)
    monkeypatch.setattr(app, "send_task", real)
    ingest_video(video.pk, job.pk)
    assert sent_tasks[-1] == (NEXT_TASK, [video.pk])


def test_a_fault_of_ours_is_not_blamed_on_the_file(upload, make_video, monkeypatch, caplog):
    video, job = upload(make_video().read_bytes())

    def broken(path):
        raise ZeroDivisionError

    monkeypatch.setattr("inference.video.frames.probe", broken)
    ingest_video(video.pk, job.pk)
    video.refresh_from_db()
    assert (video.state, video.error_code) == (VideoState.REJECTED, "internal")
    assert "our side" in video.message
    assert storage.path_of(video.original_file).exists()


def test_a_stopped_ingest_says_so(upload, make_video):
    video, job = upload(make_video().read_bytes())
    jobs.request_cancellation(job_id=job.pk)
    video.refresh_from_db()
    assert (video.state, video.error_code) == (VideoState.REJECTED, "cancelled")
    assert Video.objects.count() == 1


def test_the_stored_frame_table_is_the_decoders(ingest, make_video):
    video, _ = ingest(make_video(pts=[5, 6, 8], time_base=Fraction(1, 30)).read_bytes())
    table = json.loads(storage.path_of(video.frame_table_file).read_bytes())
    clip = read_clip(storage.path_of(video.original_file))
    assert table["pts"] == clip.table.pts.tolist()
    assert Fraction(*table["time_base"]) == clip.table.time_base
