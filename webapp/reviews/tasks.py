"""Celery's way into this app; ids in, the work is elsewhere."""

from celery import shared_task

from webapp.jobs.work import running
from webapp.reviews.edits.describing import describe_clip


@shared_task(name="webapp.reviews.tasks.describe_edited")
def describe_edited(video_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is not None:
            report("describing", 0.0)
            describe_clip(video_id=video_id)
