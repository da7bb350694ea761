"""Celery's way into this app; ids in, the work is elsewhere."""

from celery import shared_task

from webapp.jobs.work import running
from webapp.runs import analysis, curves, model_pictures, pose_estimates, services


@shared_task(name="webapp.runs.tasks.analyse_new_video")
def analyse_new_video(video_id: int) -> None:
    """Sent after ingest; a video that has a run already is left alone."""
    services.start_first_run(video_id=video_id)


@shared_task(name="webapp.runs.tasks.analyse_video")
def analyse_video(run_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is not None:
            analysis.analyse(run_id=run_id, report=report)


@shared_task(name="webapp.runs.tasks.estimate_pose")
def estimate_pose(estimate_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is not None:
            pose_estimates.estimate(estimate_id=estimate_id, report=report)


@shared_task(name="webapp.runs.tasks.compute_curves")
def compute_curves(run_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is not None:
            curves.compute(run_id=run_id, report=report)


@shared_task(name="webapp.runs.tasks.draw_model_picture")
def draw_model_picture(run_id: int, frame: int) -> None:
    """No job: whoever waits for a picture asks again."""
    model_pictures.draw_picture(run_id=run_id, frame=frame)
