import cv2
import pytest

from inference.video.proxy import GOP, write_proxy
from tests.inference.conftest import VideoFactory
from tests.webapp import factories
from webapp.core import storage
from webapp.jobs import events
from webapp.videos import thumbnails
from webapp.videos.ingest import ingest
from webapp.videos.models import VideoState
from webapp.videos.tasks import make_thumbnails
from webapp.videos.thumbnails import KEY_EVERY, MOST_TILES, TASK, sheet_of

ANSWERS = {"anonymous": 401, "outsider": 404, "viewer": 202, "reviewer": 202, "admin": 202}


@pytest.fixture
def old_video(project, tmp_path):
    """A clip that was read before there were sheets."""
    write_proxy(VideoFactory(tmp_path)(frames=30), tmp_path / "proxy.mp4")
    proxy = factories.stored((tmp_path / "proxy.mp4").read_bytes(), "derived")
    return factories.video(project, proxy_file=proxy)


@pytest.fixture
def look(client_of, viewer, django_capture_on_commit_callbacks):
    def call(video):
        with django_capture_on_commit_callbacks(execute=True):
            return client_of(viewer).get(f"/api/videos/{video.pk}/thumbnails/")

    return call


@pytest.mark.parametrize("frames", [1, 2, 119, 120, 121, 1440, 1441, 15_000, 1_000_000])
def test_a_sheet_spans_the_clip_in_even_steps(frames):
    sheet = sheet_of(frames=frames, width=1280, height=720)
    steps = {b - a for a, b in zip(sheet.frames, sheet.frames[1:], strict=False)}
    assert sheet.frames[0] == 0 and len(sheet.frames) <= MOST_TILES and len(steps) <= 1
    assert frames - sheet.frames[-1] <= max(steps, default=1)


def test_of_long_clips_only_key_frames_are_taken():
    assert KEY_EVERY == GOP
    sheet = sheet_of(frames=15_000, width=1280, height=720)
    assert {frame % KEY_EVERY for frame in sheet.frames} == {0}
    assert len(sheet.frames) > MOST_TILES / 2


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (64, 48), (4000, 2), (2, 4000)])
def test_pictures_keep_the_clips_shape_inside_their_box(size):
    sheet = sheet_of(frames=10, width=size[0], height=size[1])
    assert 2 <= sheet.tile_width <= 128 and 2 <= sheet.tile_height <= 72
    if min(size) > 2:
        assert sheet.tile_width / sheet.tile_height == pytest.approx(size[0] / size[1], rel=0.02)


def test_ingest_makes_the_sheet(project, reviewer, tmp_path):
    original = factories.stored(VideoFactory(tmp_path)(frames=12).read_bytes())
    video = factories.video(project, state=VideoState.INGESTING, original_file=original, sha256="")

    def report(stage, fraction):
        assert 0 <= fraction <= 1

    report.is_cancelled = lambda: False
    report.part = lambda start, end: report
    ingest(video=video, report=report)
    video.refresh_from_db()
    shape = cv2.imread(str(storage.path_of(video.thumbnails_file))).shape
    assert shape == (2 * 72, 10 * 96, 3)


def test_an_old_clip_gets_its_sheet_when_first_looked_at(look, old_video, sent_tasks, monkeypatch):
    told = []
    monkeypatch.setattr(events, "publish", lambda *args, **detail: told.append(detail["id"]))
    waiting = look(old_video)
    assert (waiting.status_code, waiting.json()["url"]) == (202, None)
    assert sent_tasks == [(TASK, [old_video.pk])]

    make_thumbnails(old_video.pk)
    assert told == [old_video.pk]
    answer = look(old_video)
    assert answer.status_code == 200 and len(sent_tasks) == 1
    assert answer.json() == waiting.json() | {"url": f"/api/videos/{old_video.pk}/thumbnails.jpg"}
    assert answer.json()["frames"] == list(range(30))


def test_made_twice_the_work_is_done_once(old_video, monkeypatch):
    make_thumbnails(old_video.pk)

    def must_not_run(*_, **__):
        raise AssertionError("ran twice")

    monkeypatch.setattr(thumbnails, "write_sheet", must_not_run)
    make_thumbnails(old_video.pk)


def test_killed_before_the_row_was_written_the_file_is_kept(old_video, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(
            thumbnails, "publish_video", lambda _: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        make_thumbnails(old_video.pk)
    old_video.refresh_from_db()
    assert old_video.thumbnails_file == ""
    made = storage.path_of(thumbnails.sheet_name(old_video))
    before = made.stat().st_mtime_ns
    make_thumbnails(old_video.pk)
    old_video.refresh_from_db()
    assert storage.path_of(old_video.thumbnails_file) == made
    assert made.stat().st_mtime_ns == before


def test_a_clip_that_went_away_meanwhile_is_no_fault(db):
    make_thumbnails(999_999)


def test_without_a_work_queue_looking_is_no_fault(look, old_video, monkeypatch):
    def away(*_, **__):
        raise OSError("no broker")

    monkeypatch.setattr("webapp.config.celery.app.send_task", away)
    assert look(old_video).status_code == 202


def test_members_see_thumbnails(statuses, old_video):
    assert statuses(lambda c: c.get(f"/api/videos/{old_video.pk}/thumbnails/")) == ANSWERS
    make_thumbnails(old_video.pk)
    seen = statuses(lambda c: c.get(f"/api/videos/{old_video.pk}/thumbnails.jpg"))
    assert seen == {role: 200 if code == 202 else code for role, code in ANSWERS.items()}


def test_what_cannot_be_played_has_none(look, project):
    answer = look(factories.video(project, state="rejected"))
    assert answer.status_code == 404
    assert "rejected" in answer.json()["error"]["message"]
