"""Runs over HTTP: who may do what, and the form of the skeletons."""

import numpy as np
import pytest

from tests.webapp import factories, factories_runs
from webapp.runs import services
from webapp.runs.models import PipelineRun
from webapp.videos.models import VideoState

pytestmark = pytest.mark.django_db

READERS = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}


@pytest.fixture
def run(project, label_set):
    factories_runs.shipped(project)
    return factories_runs.analysed(project, (((0, 30),), ((5, 20),)))


@pytest.mark.parametrize(
    "address", ["/api/videos/{v}/runs/", "/api/runs/{r}/", "/api/runs/{r}/poses/"]
)
def test_every_member_may_look(statuses, run, address):
    address = address.format(v=run.video_id, r=run.pk)
    assert statuses(lambda client: client.get(address)) == READERS


def test_reviewers_start_runs(statuses, run):
    answers = statuses(lambda client: client.post(f"/api/videos/{run.video_id}/runs/"))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 202, "admin": 409}
    assert answers == expected  # the admin comes second: one run at a time


def test_reviewers_cancel_runs(statuses, project, label_set):
    run = services.start_run(video=factories.video(project), by=None)
    answers = statuses(lambda client: client.post(f"/api/runs/{run.pk}/cancellation/"))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 202, "admin": 409}
    assert answers == expected


def test_starting_answers_with_the_run_and_its_job(client_of, reviewer, run):
    body = client_of(reviewer).post(f"/api/videos/{run.video_id}/runs/").json()
    assert (body["state"], body["job"]["state"], body["job"]["job_kind"]) == (
        "queued",
        "queued",
        "analysis",
    )
    assert body["created_by"] == "reviewer"


@pytest.mark.parametrize("state", [VideoState.INGESTING, VideoState.REJECTED, VideoState.DUPLICATE])
def test_only_playable_videos_are_analysed(client_of, reviewer, project, state):
    video = factories.video(project, state=state)
    response = client_of(reviewer).post(f"/api/videos/{video.pk}/runs/")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_playable")
    assert not PipelineRun.objects.exists()


def test_skeletons_come_as_raw_numbers(client_of, viewer, run):
    response = client_of(viewer).get(f"/api/runs/{run.pk}/poses/")
    assert response["Content-Type"] == "application/octet-stream"
    shape = [int(response[f"X-{name}"]) for name in ("People", "Frames", "Joints")]
    assert shape == [2, 30, 17]
    numbers = np.frombuffer(response.content, "<f4").reshape(2, 30, 4 + 17 * 3)
    expected = factories_runs.poses((((0, 30),), ((5, 20),)))
    np.testing.assert_array_equal(numbers[..., :4], expected.tracks.boxes_xyxy)
    np.testing.assert_array_equal(numbers[..., 4:].reshape(2, 30, 17, 3), expected.keypoints)


def test_skeletons_are_sent_once(client_of, viewer, run):
    client = client_of(viewer)
    tag = client.get(f"/api/runs/{run.pk}/poses/")["ETag"]
    again = client.get(f"/api/runs/{run.pk}/poses/", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_run_without_skeletons_has_none_to_give(client_of, viewer, project, label_set):
    run = services.start_run(video=factories.video(project), by=None)
    assert client_of(viewer).get(f"/api/runs/{run.pk}/poses/").status_code == 404


def test_the_list_of_runs_takes_as_many_queries_for_many(
    client_of, viewer, run, django_assert_max_num_queries
):
    for _ in range(5):
        factories_runs.analysed(run.video.project, video=run.video)
    client = client_of(viewer)
    with django_assert_max_num_queries(6):
        body = client.get(f"/api/videos/{run.video_id}/runs/").json()
    assert body["count"] == 6
    assert body["results"][0]["id"] > body["results"][-1]["id"]
