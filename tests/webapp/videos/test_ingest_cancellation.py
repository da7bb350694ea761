"""A person can stop the reading of a file that takes too long."""

import pytest

from tests.webapp import factories
from webapp.core.models import WorkState
from webapp.jobs.models import Job
from webapp.videos.models import VideoState


@pytest.fixture
def video(project):
    return factories.video(project, state=VideoState.INGESTING, sha256="")


def cancel(client, video):
    return client.post(f"/api/videos/{video.pk}/ingest-cancellation/")


def test_one_that_waits_is_stopped_at_once(client_of, reviewer, video):
    job = factories.job(video.project, subject_id=video.pk)
    answer = cancel(client_of(reviewer), video)
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    video.refresh_from_db()
    assert (video.state, video.error_code) == (VideoState.REJECTED, "cancelled")
    assert Job.objects.get(pk=job.pk).state == WorkState.CANCELLED


def test_a_worker_is_asked_to_stop(client_of, reviewer, video):
    factories.job(video.project, subject_id=video.pk, state=WorkState.RUNNING)
    answer = cancel(client_of(reviewer), video).json()
    assert (answer["state"], answer["cancel_requested"]) == ("running", True)


def test_without_an_ingest_there_is_nothing_to_cancel(client_of, reviewer, project):
    answer = cancel(client_of(reviewer), factories.video(project))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_running")


def test_reviewers_may(statuses, video):
    answers = statuses(lambda client: cancel(client, video))
    expected = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 409, "admin": 409}
    assert answers == expected
