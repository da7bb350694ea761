"""The life of a job: made, sent, claimed, kept alive, ended; lost ones are found again."""

import logging
from datetime import timedelta
from functools import partial
from typing import Any

import celery
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from webapp.core.models import WorkState
from webapp.jobs import events
from webapp.jobs.models import Job

logger = logging.getLogger(__name__)

OVER = (WorkState.DONE, WorkState.FAILED, WorkState.CANCELLED)
RETRY_SECONDS = 10
GAVE_UP = "The work was begun {n} times and its worker was lost each time; see the server's log."


class JobCancelled(Exception):
    """A person asked to stop; raised at the next report of progress."""

    code = "cancelled"
    message = "The work was cancelled."


class JobTookTooLong(Exception):
    """The work went on for longer than ``JOB_LIMIT_SECONDS`` allows for its kind."""

    code = "took_too_long"

    def __init__(self, limit_s: float) -> None:
        self.message = (
            f"This took longer than {limit_s / 60:.0f} minutes and was given up; "
            "is the file damaged, or much longer than it says?"
        )
        super().__init__(self.message)


class JobLost(Exception):
    """The lease ran out and the job is another worker's now: stop, and write nothing more."""


@transaction.atomic
def create_job(*, project_id: int, kind: str, subject_id: int, by: Any = None) -> Job:
    """Store a queued job; ``enqueue_job`` sends it to the workers."""
    job = Job.objects.create(
        project_id=project_id,
        kind=kind,
        subject_id=subject_id,
        created_by=by,
        lease_expires_at=_resend_time(),
    )
    _publish(job)
    return job


def enqueue_job(*, job: Job, delay_s: float = 0) -> None:
    """Send the job's task once this commits, to be begun after ``delay_s``.

    Without a broker the caller goes on: the job stays queued and ``recover_jobs`` sends it.
    """
    transaction.on_commit(partial(_send, job.kind, job.subject_id, job.pk, delay_s))


def claim_job(*, job_id: int, worker: str) -> Job | None:
    """Take a queued job, or a running one whose lease ran out; None where another has it.

    One conditional UPDATE decides: of two workers with the same message one goes on.
    """
    now = timezone.now()
    claimed = (
        Job.objects.filter(pk=job_id, attempts__lt=settings.JOB_MAX_ATTEMPTS)
        .filter(Q(state=WorkState.QUEUED) | Q(state=WorkState.RUNNING, lease_expires_at__lt=now))
        .update(
            state=WorkState.RUNNING,
            worker=worker[:200],
            attempts=F("attempts") + 1,
            started_at=now,
            lease_expires_at=_lease_end(),
            progress=0.0,
            stage="",
        )
    )
    if not claimed:
        return None
    job = Job.objects.get(pk=job_id)
    _publish(job)
    return job


def report_progress(
    *, job_id: int, stage: str, progress: float, attempt: int | None = None
) -> None:
    """Store progress, renew the lease and tell open pages.

    Args:
        job_id: a running job.
        stage: what is being done, for a person.
        progress: 0 to 1 over all stages.
        attempt: the claim's ``attempts``; guards against a worker that lost its lease.

    Raises:
        JobCancelled: a person asked to stop.
        JobLost: the job is over or another worker's.
    """
    mine = _running(job_id, attempt)
    progress = min(max(float(progress), 0.0), 1.0)
    if not mine.update(stage=stage[:40], progress=progress, lease_expires_at=_lease_end()):
        raise JobLost(f"Job {job_id} is not this worker's any more.")
    job = Job.objects.get(pk=job_id)
    if job.cancel_requested:
        raise JobCancelled
    _publish(job)


def reason_to_stop(*, job_id: int, attempt: int) -> JobCancelled | JobLost | None:
    """Whether the claim's worker should stop, and why."""
    wanted = _running(job_id, attempt).values_list("cancel_requested", flat=True).first()
    if wanted is None:
        return JobLost(f"Job {job_id} is not this worker's any more.")
    return JobCancelled() if wanted else None


def renew_lease(*, job_id: int, attempt: int) -> bool:
    """Keep a job that takes long between two reports; false where it was lost."""
    return bool(_running(job_id, attempt).update(lease_expires_at=_lease_end()))


@transaction.atomic
def finish_job(*, job_id: int, attempt: int | None = None) -> bool:
    """The work is done; false where the job was not running (any more)."""
    return _end(_running(job_id, attempt), job_id, WorkState.DONE, progress=1.0)


@transaction.atomic
def fail_job(*, job_id: int, code: str, message: str, attempt: int | None = None) -> bool:
    """The work cannot be done; the message is for a person."""
    problem = {"error_code": code[:40], "error_message": message}
    return _end(_running(job_id, attempt), job_id, WorkState.FAILED, **problem)


@transaction.atomic
def cancel_job_done(*, job_id: int, attempt: int | None = None) -> bool:
    """The worker has stopped as it was asked to."""
    return _end(_running(job_id, attempt), job_id, WorkState.CANCELLED)


@transaction.atomic
def request_cancellation(*, job_id: int) -> bool:
    """Stop a queued job at once, a running one at its next report; false where it is over."""
    queued = Job.objects.filter(pk=job_id, state=WorkState.QUEUED)
    if _end(queued, job_id, WorkState.CANCELLED, cancel_requested=True):
        return True
    return bool(_running(job_id, None).update(cancel_requested=True))


@transaction.atomic
def put_back(*, job_id: int, attempt: int | None = None) -> bool:
    """Queue a running job again, after a pause that grows with its attempts."""
    if not _running(job_id, attempt).update(**_queued_again()):
        return False
    job = Job.objects.get(pk=job_id)
    enqueue_job(job=job, delay_s=RETRY_SECONDS * job.attempts)
    _publish(job)
    return True


def recover_jobs(*, resend_all: bool = False) -> int:
    """Look after jobs whose worker or message was lost; returns how many were touched.

    A running job with an expired lease goes back to the queue, is cancelled where that was
    asked, or fails after ``JOB_MAX_ATTEMPTS``. A job that has been queued for
    ``JOB_RESEND_SECONDS`` (any queued job with ``resend_all``) is sent again: two messages for
    one job do no harm, for only one worker can claim it.
    """
    now = timezone.now()
    lost = Job.objects.filter(state=WorkState.RUNNING, lease_expires_at__lt=now)
    touched = sum(_recover(job) for job in lost)
    queued = Job.objects.filter(state=WorkState.QUEUED)
    if not resend_all:
        queued = queued.filter(lease_expires_at__lt=now)
    return touched + sum(_resend(job) for job in queued.order_by("pk"))


@transaction.atomic
def _recover(job: Job) -> bool:
    still_lost = Job.objects.filter(
        pk=job.pk, state=WorkState.RUNNING, lease_expires_at=job.lease_expires_at
    )
    if job.cancel_requested:
        return _end(still_lost, job.pk, WorkState.CANCELLED)
    if job.attempts >= settings.JOB_MAX_ATTEMPTS:
        problem = {"error_code": "worker_lost", "error_message": GAVE_UP.format(n=job.attempts)}
        return _end(still_lost, job.pk, WorkState.FAILED, **problem)
    logger.warning("Job %s (%s) lost its worker %s; queued again.", job.pk, job.kind, job.worker)
    if not still_lost.update(**_queued_again()):
        return False
    job = Job.objects.get(pk=job.pk)
    enqueue_job(job=job)
    _publish(job)
    return True


@transaction.atomic
def _resend(job: Job) -> bool:
    unclaimed = Job.objects.filter(pk=job.pk, state=WorkState.QUEUED)
    if not unclaimed.update(lease_expires_at=_resend_time()):
        return False
    enqueue_job(job=job)
    return True


def _running(job_id: int, attempt: int | None) -> Any:
    mine = Job.objects.filter(pk=job_id, state=WorkState.RUNNING)
    return mine if attempt is None else mine.filter(attempts=attempt)


def _queued_again() -> dict[str, Any]:
    return {
        "state": WorkState.QUEUED,
        "stage": "",
        "progress": 0.0,
        "worker": "",
        "lease_expires_at": _resend_time(),
    }


def _end(jobs: Any, job_id: int, state: WorkState, **fields: Any) -> bool:
    """End the job if it is still among ``jobs``, and tell its subject in the same transaction."""
    fields |= {"state": state, "finished_at": timezone.now(), "lease_expires_at": None}
    if not jobs.update(**fields):
        return False
    job = Job.objects.get(pk=job_id)
    if ended := settings.JOB_ENDED.get(job.kind):
        import_string(ended)(job=job)
    _publish(job)
    return True


def _send(kind: str, subject_id: int, job_id: int, delay_s: float) -> None:
    try:
        celery.current_app.send_task(
            settings.JOB_TASKS[kind], args=[subject_id, job_id], countdown=delay_s or None
        )
    except (celery.exceptions.OperationalError, OSError) as error:
        logger.warning("Job %s waits for a broker: %s", job_id, error)


def _publish(job: Job) -> None:
    events.publish(
        job.project_id,
        "job",
        id=job.pk,
        job_kind=job.kind,
        subject_id=job.subject_id,
        state=job.state,
        stage=job.stage,
        progress=job.progress,
        message=job.error_message,
    )


def _lease_end() -> Any:
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _resend_time() -> Any:
    return timezone.now() + timedelta(seconds=settings.JOB_RESEND_SECONDS)
