from datetime import timedelta

import pytest
from django.utils import timezone

from tests.webapp import factories
from webapp.core.models import WorkState
from webapp.jobs import services

TASK = "webapp.videos.tasks.ingest_video"


def past():
    return timezone.now() - timedelta(seconds=1)


@pytest.fixture
def recover(django_capture_on_commit_callbacks):
    def call(**options):
        with django_capture_on_commit_callbacks(execute=True):
            return services.recover_jobs(**options)

    return call


def lost(project, **fields):
    fields = {"state": WorkState.RUNNING, "attempts": 1, "lease_expires_at": past()} | fields
    return factories.job(project, subject_id=7, **fields)


def test_a_lost_job_goes_back_to_the_queue_and_is_sent(project, recover, sent_tasks):
    job = lost(project)
    assert recover() == 1
    job.refresh_from_db()
    assert (job.state, job.worker, job.progress) == (WorkState.QUEUED, "", 0.0)
    assert sent_tasks == [(TASK, [7, job.pk])]
    assert recover() == 0


def test_a_job_lost_too_often_fails_with_a_message(project, recover, settings, sent_tasks):
    job = lost(project, attempts=settings.JOB_MAX_ATTEMPTS)
    recover()
    job.refresh_from_db()
    assert (job.state, job.error_code) == (WorkState.FAILED, "worker_lost")
    assert "3 times" in job.error_message
    assert sent_tasks == []


def test_a_lost_job_that_was_to_stop_is_cancelled(project, recover):
    job = lost(project, cancel_requested=True)
    recover()
    job.refresh_from_db()
    assert job.state == WorkState.CANCELLED


def test_living_and_finished_jobs_are_left_alone(project, recover, sent_tasks):
    services.claim_job(job_id=factories.job(project).pk, worker="a")
    factories.job(project, state=WorkState.DONE, lease_expires_at=None)
    factories.job(project)
    assert recover() == 0
    assert sent_tasks == []


def test_a_job_whose_message_was_lost_is_sent_again_after_a_while(project, recover, sent_tasks):
    job = factories.job(project, subject_id=7, lease_expires_at=past())
    assert recover() == 1
    assert recover() == 0
    assert sent_tasks == [(TASK, [7, job.pk])]


def test_after_a_start_all_queued_jobs_are_sent(project, recover, sent_tasks):
    jobs = [factories.job(project), factories.job(project)]
    recover(resend_all=True)
    assert [arguments[1] for _, arguments in sent_tasks] == [job.pk for job in jobs]


def test_without_a_broker_the_job_waits(
    project, recover, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*args, **kwargs):
        raise OSError("connection refused")

    monkeypatch.setattr("webapp.config.celery.app.send_task", away)
    job = factories.job(project)
    with django_capture_on_commit_callbacks(execute=True):
        services.enqueue_job(job=job)
    job.refresh_from_db()
    assert job.state == WorkState.QUEUED
