"""Celery's way into this app; ids in, the work is elsewhere."""

from celery import shared_task

from webapp.estimators import work
from webapp.jobs.work import running


@shared_task(name="webapp.estimators.tasks.import_checkpoint")
def import_checkpoint(import_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is not None:
            work.read_checkpoint(import_id=import_id, report=report)
