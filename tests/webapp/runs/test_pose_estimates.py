"""Somebody whom the detector missed: a drawn box becomes a job, and the job a pose."""

import numpy as np
import pytest

from inference.errors import BadInput, Cancelled, TransientError
from tests.webapp import factories
from webapp.core import storage
from webapp.core.models import WorkState
from webapp.jobs.models import Job
from webapp.runs import gpu, pose_estimates, pose_pages, tasks
from webapp.runs.models import PoseEstimate

pytestmark = pytest.mark.django_db

ASKED = {"frame": 4, "end_frame": 10, "box_xyxy": [10, 5, 30, 45]}


class Network:
    """Finds a standing person in every frame that it is asked for, or what the test wants."""

    skeleton = "coco17"

    def __init__(self) -> None:
        self.calls, self.answer = [], None

    def follow(self, path, box, frames, *, progress, is_cancelled):
        self.calls.append((path, box.tolist(), frames))
        progress("pose", 0.5)
        if is_cancelled():
            raise Cancelled
        if self.answer is not None:
            raise self.answer
        count = 3
        return np.tile(box, (count, 1)), np.full((count, 17, 3), 0.5, np.float32)


@pytest.fixture
def network(monkeypatch):
    made = Network()
    made.weights = []
    monkeypatch.setattr(gpu, "pipeline", lambda pose=gpu.SHIPPED: made.weights.append(pose) or made)
    return made


@pytest.fixture
def video(project, label_set):
    return factories.video(project)


@pytest.fixture
def estimate(video, reviewer):
    return pose_estimates.start_estimate(
        video=video, start_frame=4, end_frame=10, box_xyxy=[10, 5, 30, 45], by=reviewer
    )


def work(estimate) -> tuple[str, str]:
    """States of estimate and job after the task."""
    tasks.estimate_pose(estimate.pk, estimate.job_id)
    estimate.refresh_from_db()
    return estimate.state, Job.objects.get(pk=estimate.job_id).state


def test_reviewers_ask_for_estimates(statuses, video):
    address = f"/api/videos/{video.pk}/pose-estimates/"
    answers = statuses(lambda client: client.post(address, ASKED, format="json"))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 202, "admin": 202}
    assert answers == expected


def test_every_member_sees_how_far_an_estimate_is(statuses, estimate):
    answers = statuses(lambda client: client.get(f"/api/pose-estimates/{estimate.pk}/"))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
    assert answers == expected


def test_every_member_may_read_what_was_found(statuses, estimate, network):
    work(estimate)
    answers = statuses(lambda client: client.get(f"/api/pose-estimates/{estimate.pk}/poses/"))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
    assert answers == expected


def test_reviewers_cancel_estimates(statuses, estimate):
    address = f"/api/pose-estimates/{estimate.pk}/cancellation/"
    answers = statuses(lambda client: client.post(address))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 202, "admin": 409}
    assert answers == expected
    estimate.refresh_from_db()
    assert estimate.state == WorkState.CANCELLED


def test_an_estimate_is_a_job_of_its_own_kind(
    client_of, reviewer, video, sent_tasks, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        address = f"/api/videos/{video.pk}/pose-estimates/"
        body = client_of(reviewer).post(address, ASKED, format="json").json()
    assert (body["state"], body["job"]["job_kind"], body["created_by"]) == (
        "queued",
        "estimate",
        "reviewer",
    )
    task = ("webapp.runs.tasks.estimate_pose", [body["id"], body["job"]["id"]])
    assert task in sent_tasks


def test_without_an_end_one_frame_is_looked_at(client_of, reviewer, video):
    asked = {"frame": 29, "box_xyxy": [10, 5, 30, 45]}
    address = f"/api/videos/{video.pk}/pose-estimates/"
    body = client_of(reviewer).post(address, asked, format="json").json()
    assert (body["start_frame"], body["end_frame"]) == (29, 30)


def test_what_the_worker_finds_is_kept_and_sent_in_pages(estimate, network, client_of, viewer):
    assert work(estimate) == (WorkState.DONE, WorkState.DONE)
    assert (estimate.found, estimate.skeleton, len(estimate.pose_sha256)) == (3, "coco17", 64)
    path = storage.path_of(estimate.video.original_file)
    assert network.calls == [(path, [10, 5, 30, 45], (4, 10))]
    sent = client_of(viewer).get(f"/api/pose-estimates/{estimate.pk}/poses/").content
    head = pose_pages.Header.unpack(sent)
    assert (head.people, head.first_frame, head.frames, head.joints) == (1, 4, 7, 17)


def test_a_task_that_comes_twice_works_once(estimate, network):
    work(estimate)
    work(estimate)
    assert len(network.calls) == 1


def test_a_worker_that_was_lost_half_way_is_followed_by_another(estimate, network):
    PoseEstimate.objects.update(state=WorkState.RUNNING)
    assert work(estimate) == (WorkState.DONE, WorkState.DONE)


def test_a_full_device_is_tried_again(estimate, network):
    network.answer = TransientError("out_of_memory", "The device's memory is full.")
    work(estimate)
    assert Job.objects.get(pk=estimate.job_id).state == WorkState.QUEUED
    network.answer = None
    assert work(estimate) == (WorkState.DONE, WorkState.DONE)


def test_a_file_that_cannot_be_read_fails_it_with_the_reason(estimate, network):
    network.answer = BadInput("unreadable", "The file is damaged.")
    assert work(estimate) == (WorkState.FAILED, WorkState.FAILED)
    assert Job.objects.get(pk=estimate.job_id).error_message == "The file is damaged."


def test_what_has_no_skeletons_yet_has_none_to_give(estimate, client_of, viewer):
    response = client_of(viewer).get(f"/api/pose-estimates/{estimate.pk}/poses/")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "no_poses")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"frame": 30, "end_frame": 31}, "bad_range"),
        ({"frame": 9, "end_frame": 9}, "bad_range"),
        ({"frame": 0, "end_frame": 400}, "bad_range"),
        ({"box_xyxy": [10, 10, 10, 40]}, "bad_box"),
        ({"box_xyxy": [100, 10, 130, 40]}, "bad_box"),
        ({"box_xyxy": [10, 10, 30]}, "invalid"),
        ({"frame": -1}, "invalid"),
    ],
)
def test_what_makes_no_sense_is_refused(client_of, reviewer, video, asked, code):
    address = f"/api/videos/{video.pk}/pose-estimates/"
    response = client_of(reviewer).post(address, ASKED | asked, format="json")
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    assert not PoseEstimate.objects.exists()


def test_boxes_are_cut_to_the_picture(client_of, reviewer, video):
    address = f"/api/videos/{video.pk}/pose-estimates/"
    asked = ASKED | {"box_xyxy": [-20, -20, 30, 400]}
    body = client_of(reviewer).post(address, asked, format="json").json()
    assert body["box_xyxy"] == [-0.5, -0.5, 30, 47.5]


def test_estimates_go_with_their_video(
    estimate, network, client_of, admin, django_capture_on_commit_callbacks
):
    work(estimate)
    path = storage.path_of(estimate.poses_file)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        client = client_of(admin)
        assert client.delete(f"/api/videos/{estimate.video_id}/").status_code == 204
    assert not path.exists()
