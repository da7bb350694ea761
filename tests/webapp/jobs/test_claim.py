import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.webapp import factories
from webapp.core.models import WorkState
from webapp.jobs import services
from webapp.jobs.models import Job


def past():
    return timezone.now() - timedelta(seconds=1)


def test_a_queued_job_is_claimed_once(project):
    job = factories.job(project)
    claimed = services.claim_job(job_id=job.pk, worker="a")
    assert (claimed.state, claimed.worker, claimed.attempts) == (WorkState.RUNNING, "a", 1)
    assert claimed.lease_expires_at > timezone.now()
    assert services.claim_job(job_id=job.pk, worker="b") is None


@pytest.mark.parametrize("state", [WorkState.DONE, WorkState.FAILED, WorkState.CANCELLED])
def test_a_job_that_is_over_is_not_claimed(project, state):
    job = factories.job(project, state=state)
    assert services.claim_job(job_id=job.pk, worker="a") is None


def test_a_running_job_is_claimed_only_when_its_lease_ran_out(project):
    job = factories.job(project, state=WorkState.RUNNING, attempts=1, lease_expires_at=past())
    claimed = services.claim_job(job_id=job.pk, worker="b")
    assert (claimed.worker, claimed.attempts) == ("b", 2)
    assert services.claim_job(job_id=job.pk, worker="c") is None


def test_a_job_that_was_tried_too_often_is_not_claimed(project, settings):
    attempts = settings.JOB_MAX_ATTEMPTS
    job = factories.job(
        project, state=WorkState.RUNNING, attempts=attempts, lease_expires_at=past()
    )
    assert services.claim_job(job_id=job.pk, worker="b") is None


def test_a_job_that_is_not_there_is_not_claimed(db):
    assert services.claim_job(job_id=404, worker="a") is None


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_gets_the_job():
    job = factories.job(factories.project())
    start, winners = threading.Barrier(6), []

    def work(name):
        try:
            start.wait()
            if services.claim_job(job_id=job.pk, worker=name):
                winners.append(name)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
    assert Job.objects.get(pk=job.pk).worker == winners[0]
