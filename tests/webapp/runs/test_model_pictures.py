"""What the pose network saw of a frame is drawn by a worker, for every member who asks."""

import os

import cv2
import numpy as np
import pytest

from tests.webapp import factories_runs
from webapp.core import storage
from webapp.runs import gpu, model_pictures
from webapp.runs.tasks import draw_model_picture

pytestmark = pytest.mark.django_db

SEEN = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


@pytest.fixture
def run(project, label_set):
    factories_runs.shipped(project)
    run = factories_runs.analysed(project, (((0, 30),),))
    run.fingerprint = "scripted"
    run.exposure = {"pose": {"treatment": "curve", "averaged": True, "mean": 0.1}}
    run.save()
    return run


@pytest.fixture
def seeing(pipeline):
    """The pipeline shows every frame as ``SEEN``."""
    asked = []
    pipeline.seen = lambda *given, **decided: asked.append((*given, decided)) or SEEN
    return asked


def address(run, frame=3, rest=""):
    return f"/api/runs/{run.pk}/model-pictures/{frame}/{rest}"


def test_every_member_may_ask_and_look(statuses, run, seeing):
    asked = statuses(lambda client: client.post(address(run)))
    assert asked == {
        "anonymous": 401, "outsider": 404, "viewer": 202, "reviewer": 202, "admin": 202,
    }  # fmt: skip
    draw_model_picture(run.pk, 3)
    for rest in ("", "picture.png"):
        looked = statuses(lambda client, rest=rest: client.get(address(run, rest=rest)))
        assert looked == {
            "anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200,
        }  # fmt: skip


def test_the_picture_holds_the_very_pixels(client_of, reviewer, run, seeing):
    client = client_of(reviewer)
    assert client.get(address(run)).json() == {"state": "waiting", "url": None}
    draw_model_picture(run.pk, 3)
    found = client.get(address(run)).json()
    assert found["state"] == "done"
    png = np.frombuffer(client.get(found["url"]).content, np.uint8)
    np.testing.assert_array_equal(cv2.imdecode(png, cv2.IMREAD_COLOR)[..., ::-1], SEEN)
    decided = {"treatment": "curve", "averaged": True}
    assert seeing == [(storage.path_of(run.video.original_file), 3, decided)]


def test_asking_sends_work_once_it_is_stored_and_only_for_what_is_not_there(
    client_of, reviewer, run, seeing, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(model_pictures, "_send", lambda *given: sent.append(given))
    for expected in ([(run.pk, 3)], [(run.pk, 3)]):
        with django_capture_on_commit_callbacks(execute=True):
            client_of(reviewer).post(address(run))
        assert sent == expected
        draw_model_picture(run.pk, 3)


def test_drawing_twice_draws_once(run, seeing):
    draw_model_picture(run.pk, 3)
    draw_model_picture(run.pk, 3)
    assert len(seeing) == 1


def test_a_run_by_other_networks_is_never_drawn_by_these(client_of, reviewer, run, seeing):
    run.fingerprint = "of another time"
    run.save()
    draw_model_picture(run.pk, 3)
    assert client_of(reviewer).get(address(run)).json() == {"state": "outdated", "url": None}
    assert seeing == []


def test_the_weights_of_the_run_are_used(run, seeing, pipeline):
    run.pose_every = 4
    run.save()
    draw_model_picture(run.pk, 3)
    assert pipeline.weights[-1] == gpu.PoseUse("", 4)


@pytest.mark.parametrize(("frame", "code"), [(30, "bad_frame"), (10_000, "bad_frame")])
def test_frames_that_the_clip_has_not_are_refused(client_of, reviewer, run, frame, code):
    run.frames = 30
    run.save()
    response = client_of(reviewer).post(address(run, frame))
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)


def test_a_run_without_results_has_no_pictures(client_of, reviewer, run):
    run.fingerprint = ""
    run.save()
    response = client_of(reviewer).post(address(run))
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_done")


def test_a_clip_in_which_nobody_was_looked_at_has_no_pictures(client_of, reviewer, run):
    run.exposure = {"detector": {"treatment": "raw"}}
    run.save()
    response = client_of(reviewer).post(address(run))
    assert (response.status_code, response.json()["error"]["code"]) == (409, "saw_nothing")


def test_old_pictures_make_room(run, seeing):
    draw_model_picture(run.pk, 3)
    old = model_pictures.picture_path(run, 3)
    os.utime(old, (1, 1))
    draw_model_picture(run.pk, 4)
    assert not old.exists()
    assert model_pictures.picture_path(run, 4) is not None
