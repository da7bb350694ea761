from datetime import timedelta

import pytest
from django.utils import timezone

from tests.webapp import factories
from webapp.core.models import WorkState
from webapp.jobs import services


@pytest.fixture
def job(project):
    return services.claim_job(job_id=factories.job(project).pk, worker="a")


def report(job, stage="detect", progress=0.5, **more):
    services.report_progress(job_id=job.pk, stage=stage, progress=progress, **more)
    job.refresh_from_db()


def test_a_report_is_stored_and_renews_the_lease(job):
    old = timezone.now() + timedelta(seconds=1)
    type(job).objects.filter(pk=job.pk).update(lease_expires_at=old)
    report(job)
    assert (job.stage, job.progress) == ("detect", 0.5)
    assert job.lease_expires_at > old


@pytest.mark.parametrize(("told", "stored"), [(-1, 0.0), (2, 1.0)])
def test_progress_stays_between_0_and_1(job, told, stored):
    report(job, progress=told)
    assert job.progress == stored


def test_a_report_after_a_request_to_stop_raises(job):
    assert services.request_cancellation(job_id=job.pk)
    with pytest.raises(services.JobCancelled):
        report(job)


def test_a_worker_that_lost_its_lease_is_stopped_and_cannot_end_the_job(job):
    type(job).objects.filter(pk=job.pk).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    second = services.claim_job(job_id=job.pk, worker="b")
    with pytest.raises(services.JobLost):
        report(job, attempt=job.attempts)
    assert not services.finish_job(job_id=job.pk, attempt=job.attempts)
    assert not services.renew_lease(job_id=job.pk, attempt=job.attempts)
    assert services.finish_job(job_id=job.pk, attempt=second.attempts)


def test_nothing_is_reported_on_a_job_that_is_over(job):
    assert services.finish_job(job_id=job.pk)
    with pytest.raises(services.JobLost):
        report(job)


def test_a_job_ends_once(job):
    assert services.fail_job(job_id=job.pk, code="not_a_video", message="It is a picture.")
    assert not services.finish_job(job_id=job.pk)
    assert not services.cancel_job_done(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (WorkState.FAILED, "not_a_video")
    assert job.error_message == "It is a picture."
    assert job.finished_at is not None


def test_a_queued_job_is_cancelled_at_once(project):
    job = factories.job(project)
    assert services.request_cancellation(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == WorkState.CANCELLED
    assert services.claim_job(job_id=job.pk, worker="a") is None


def test_a_job_that_is_over_cannot_be_cancelled(job):
    services.finish_job(job_id=job.pk)
    assert not services.request_cancellation(job_id=job.pk)


def test_whoever_ends_a_job_its_subject_is_told_in_the_same_breath(project, job, monkeypatch):
    told = []
    monkeypatch.setattr(
        "webapp.videos.services.note_job_end", lambda *, job: told.append(job.state)
    )
    services.cancel_job_done(job_id=job.pk)
    services.request_cancellation(job_id=factories.job(project).pk)
    assert told == [WorkState.CANCELLED, WorkState.CANCELLED]


def test_a_subject_that_cannot_be_told_keeps_the_job_from_ending(job, monkeypatch):
    def fails(*, job):
        raise RuntimeError("no such row")

    monkeypatch.setattr("webapp.videos.services.note_job_end", fails)
    with pytest.raises(RuntimeError, match="no such row"):
        services.finish_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == WorkState.RUNNING
