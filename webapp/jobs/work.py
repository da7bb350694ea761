"""What a task wraps its work in: claim, heartbeat, progress, and one end for every way out."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from webapp.jobs import services
from webapp.jobs.models import Job
from webapp.jobs.services import JobCancelled, JobLost, JobTookTooLong

logger = logging.getLogger(__name__)

OUR_FAULT = "Something went wrong on our side; the server's log says what."
SECONDS_BETWEEN_REPORTS = 0.25


class Report:
    """Given to the work: call it with a stage and the progress over all stages.

    Calls may be frequent: at most four a second reach the database. Each raises
    ``JobCancelled`` soon after a person asked to stop, ``JobLost`` after the lease was lost, and
    ``JobTookTooLong`` past the limit of the job's kind.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._limit_s = settings.JOB_LIMIT_SECONDS.get(job.kind)
        self._started = time.monotonic()
        self._stage = ""
        self._next = 0.0
        self._next_look = 0.0
        self._stopped: Exception | None = None

    def __call__(self, stage: str, progress: float) -> None:
        now = time.monotonic()
        self._look_at_clock(now)
        if self._stopped:
            raise self._stopped
        if stage == self._stage and now < self._next:
            return
        self._stage, self._next = stage, now + SECONDS_BETWEEN_REPORTS
        try:
            services.report_progress(
                job_id=self.job.pk, stage=stage, progress=progress, attempt=self.job.attempts
            )
        except (JobCancelled, JobLost) as stopped:
            self._stopped = stopped
            raise

    def part(self, start: float, end: float) -> Callable[[str, float], None]:
        """A progress callback for a stage that counts its own 0 to 1: ``start`` to ``end``."""
        return lambda stage, fraction: self(stage, start + (end - start) * fraction)

    def is_cancelled(self) -> bool:
        """For work that asks rather than reports; true for each reason to stop."""
        now = time.monotonic()
        self._look_at_clock(now)
        if self._stopped is None and now >= self._next_look:
            self._next_look = now + SECONDS_BETWEEN_REPORTS
            self._stopped = services.reason_to_stop(job_id=self.job.pk, attempt=self.job.attempts)
        return self._stopped is not None

    def lose(self) -> None:
        """The heartbeat found that the job is another worker's."""
        self._stopped = self._stopped or JobLost(f"Job {self.job.pk} is another worker's now.")

    @property
    def reason(self) -> Exception | None:
        """Why the work should stop, or has."""
        return self._stopped

    def overdue(self) -> JobTookTooLong | None:
        """Whether the limit is past."""
        self._look_at_clock(time.monotonic())
        return self._stopped if isinstance(self._stopped, JobTookTooLong) else None

    def _look_at_clock(self, now: float) -> None:
        if self._stopped is None and self._limit_s and now - self._started > self._limit_s:
            self._stopped = JobTookTooLong(self._limit_s)


@contextmanager
def running(job_id: int, worker: str = "") -> Iterator[Report | None]:
    """Claim the job, keep its lease alive during the block, and end it as the block ends.

    Gives None, and the block must return, where another worker has the job or it is over.
    Expected errors (anything with a text ``code`` and ``message``) fail the job with them;
    a ``TransientError`` puts it back while attempts are left; any other error is logged and
    fails the job as ours. Nothing is raised to the task: the row is the truth.
    """
    job = services.claim_job(job_id=job_id, worker=worker or default_worker())
    if job is None:
        yield None
        return
    report = Report(job)
    try:
        with _heartbeat(report):
            yield report
    except Exception as error:
        asked_to_stop = getattr(error, "code", None) == "cancelled"
        _end_badly(job, report.reason or error if asked_to_stop else error)
    else:
        services.finish_job(job_id=job.pk, attempt=job.attempts)


def default_worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_native_id()}"


def _end_badly(job: Job, error: Exception) -> None:
    mine = {"job_id": job.pk, "attempt": job.attempts}
    code, message = getattr(error, "code", None), getattr(error, "message", None)
    if isinstance(error, JobLost):
        logger.warning("%s", error)
    elif isinstance(error, JobCancelled) or code == "cancelled":
        services.cancel_job_done(**mine)
    elif _is_transient(error) and job.attempts < settings.JOB_MAX_ATTEMPTS:
        logger.warning("Job %s is tried again: %s", job.pk, error)
        services.put_back(**mine)
    elif isinstance(code, str) and isinstance(message, str):
        services.fail_job(**mine, code=code, message=message)
    else:
        logger.error("Job %s failed.", job.pk, exc_info=error)
        services.fail_job(**mine, code="internal", message=OUR_FAULT)


def _is_transient(error: Exception) -> bool:
    """By name, for this app must not import the inference library."""
    return any(kind.__name__ == "TransientError" for kind in type(error).__mro__)


@contextmanager
def _heartbeat(report: Report) -> Iterator[None]:
    """Renew the lease from a thread: it lives as long as this process does, busy or not.

    Work that hangs in foreign code never asks whether to stop: past its limit the thread ends
    the job for it, so that people learn of it and no other worker tries.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(report, stop), daemon=True, name="heartbeat")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(report: Report, stop: threading.Event) -> None:
    try:
        overdue = False
        while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
            if overdue:  # one beat later it still has not stopped
                return _give_up(report)
            _renew(report)
            overdue = report.overdue() is not None
    finally:
        connections.close_all()  # this thread's own


def _give_up(report: Report) -> None:
    job, error = report.job, report.overdue()
    logger.error("Job %s (%s %s) hangs; its thread is lost.", job.pk, job.kind, job.subject_id)
    if error:
        services.fail_job(
            job_id=job.pk, attempt=job.attempts, code=error.code, message=error.message
        )


def _renew(report: Report) -> None:
    job: Any = report.job
    try:
        if not services.renew_lease(job_id=job.pk, attempt=job.attempts):
            report.lose()
    except DatabaseError as error:  # tried again before the lease ends
        logger.warning("Heartbeat of job %s failed: %s", job.pk, error)
    finally:
        close_old_connections()
