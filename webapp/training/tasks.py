"""Celery's way into this app; ids in, the work is elsewhere."""

from celery import shared_task

from webapp.jobs.work import running
from webapp.training import adapting, rebuilds, work


@shared_task(name="webapp.training.tasks.train_head")
def train_head(run_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is not None:
            work.train(run_id=run_id, report=report)


@shared_task(name="webapp.training.tasks.promote_classifier")
def promote_classifier(promotion_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is not None:
            work.promote(promotion_id=promotion_id, report=report)


@shared_task(name="webapp.training.tasks.rebuild_version")
def rebuild_version(run_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is not None:
            rebuilds.rebuild(run_id=run_id, report=report)


@shared_task(name="webapp.training.tasks.adapt_pose")
def adapt_pose(adaptation_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is not None:
            adapting.adapt(adaptation_id=adaptation_id, report=report)
