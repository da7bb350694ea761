import time
from datetime import timedelta

import pytest
from django.utils import timezone

from inference.errors import BadInput, Cancelled, ModelError, TransientError
from tests.webapp import factories
from webapp.core.models import WorkState
from webapp.jobs import services
from webapp.jobs.models import Job
from webapp.jobs.work import running


@pytest.fixture
def job(project):
    return factories.job(project)


def run(job, body=lambda report: None):
    with running(job.pk, "worker") as report:
        if report is None:
            return "taken"
        body(report)
    job.refresh_from_db()
    return job.state


def raising(error):
    def body(report):
        raise error

    return body


def test_work_that_ends_well_is_done(job):
    assert run(job) == WorkState.DONE
    assert job.progress == 1.0


def test_running_it_twice_does_nothing_the_second_time(job):
    run(job)
    assert run(job, raising(RuntimeError("must not run"))) == "taken"


@pytest.mark.parametrize("kind", [BadInput, ModelError])
def test_an_expected_error_is_kept_for_the_person(job, kind):
    assert run(job, raising(kind("no_frames", "It holds no frames."))) == WorkState.FAILED
    assert (job.error_code, job.error_message) == ("no_frames", "It holds no frames.")


def test_an_unexpected_error_is_logged_and_called_ours(job, caplog):
    assert run(job, raising(ZeroDivisionError("secret path"))) == WorkState.FAILED
    assert job.error_code == "internal"
    assert "secret path" not in job.error_message
    assert "secret path" in caplog.text


@pytest.mark.parametrize("error", [Cancelled(), services.JobCancelled()])
def test_work_that_stops_when_asked_is_cancelled(job, error):
    assert run(job, raising(error)) == WorkState.CANCELLED


def test_trouble_that_may_pass_is_tried_again_but_not_for_ever(job, settings):
    trouble = TransientError("busy", "The device is busy.")
    states = [run(job, raising(trouble)) for _ in range(settings.JOB_MAX_ATTEMPTS)]
    assert states == [WorkState.QUEUED, WorkState.QUEUED, WorkState.FAILED]
    assert job.error_code == "busy"


def test_progress_reaches_the_row_at_most_a_few_times_a_second(job, monkeypatch):
    told = []
    monkeypatch.setattr(services, "report_progress", lambda **report: told.append(report))

    def body(report):
        for step in range(1000):
            report("detect", step / 1000)
        report("pose", 0.99)

    run(job, body)
    assert [report["stage"] for report in told][-1] == "pose"
    assert len(told) <= 4


def test_a_stages_own_fraction_becomes_its_share_of_the_whole(job):
    def body(report):
        report.part(0.2, 0.6)("pose", 0.5)

    run(job, body)
    with running(factories.job(job.project).pk) as report:
        report.part(0.2, 0.6)("pose", 0.5)
        assert Job.objects.get(pk=report.job.pk).progress == pytest.approx(0.4)


def test_a_person_who_cancels_stops_work_that_reports(job):
    def body(report):
        services.request_cancellation(job_id=job.pk)
        report("pose", 0.5)
        raise AssertionError("must have stopped")

    assert run(job, body) == WorkState.CANCELLED


def test_a_person_who_cancels_stops_work_that_asks(job):
    def body(report):
        assert not report.is_cancelled()
        services.request_cancellation(job_id=job.pk)
        report._next_look = 0.0
        assert report.is_cancelled()
        raise Cancelled

    assert run(job, body) == WorkState.CANCELLED


def test_a_worker_that_was_thought_dead_ends_nothing(job):
    def body(report):
        Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        assert services.claim_job(job_id=job.pk, worker="other")
        report("pose", 0.5)

    assert run(job, body) == WorkState.RUNNING
    assert job.worker == "other"


def test_killed_half_way_the_job_is_found_and_done_by_another(job):
    killed = services.claim_job(job_id=job.pk, worker="killed")  # and never heard of again
    assert run(job) == "taken"
    Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    services.recover_jobs()
    assert run(job) == WorkState.DONE
    assert job.attempts == killed.attempts + 1


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_kept_while_work_says_nothing(settings):
    settings.JOB_LEASE_SECONDS = 0.6
    job = factories.job(factories.project())

    def body(report):
        before = Job.objects.get(pk=job.pk).lease_expires_at
        time.sleep(0.7)
        assert Job.objects.get(pk=job.pk).lease_expires_at > before
        assert services.claim_job(job_id=job.pk, worker="thief") is None

    assert run(job, body) == WorkState.DONE


def test_work_past_its_limit_stops_when_it_reports(job, settings):
    settings.JOB_LIMIT_SECONDS = {job.kind: 0.001}

    def body(report):
        time.sleep(0.01)
        report("proxy", 0.5)
        raise AssertionError("must have stopped")

    assert run(job, body) == WorkState.FAILED
    assert job.error_code == "took_too_long"


def test_work_past_its_limit_stops_when_it_asks(job, settings):
    settings.JOB_LIMIT_SECONDS = {job.kind: 0.001}

    def body(report):
        time.sleep(0.01)
        assert report.is_cancelled()
        raise Cancelled

    assert run(job, body) == WorkState.FAILED
    assert job.error_code == "took_too_long"


def test_kinds_without_a_limit_may_take_their_time(job, settings):
    settings.JOB_LIMIT_SECONDS = {"other": 0.001}
    assert run(job, lambda report: time.sleep(0.01)) == WorkState.DONE


@pytest.mark.django_db(transaction=True)
def test_work_that_hangs_is_given_up_for_it(settings, caplog):
    settings.JOB_LEASE_SECONDS = 0.3
    job = factories.job(factories.project())
    settings.JOB_LIMIT_SECONDS = {job.kind: 0.05}
    states = []

    def body(report):
        until = time.monotonic() + 10
        while Job.objects.get(pk=job.pk).state == WorkState.RUNNING and time.monotonic() < until:
            time.sleep(0.05)
        states.append(Job.objects.get(pk=job.pk).state)

    assert run(job, body) == WorkState.FAILED
    assert states == [WorkState.FAILED]
    assert job.error_code == "took_too_long"
    assert "hangs" in caplog.text
