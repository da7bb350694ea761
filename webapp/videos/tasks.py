"""Work on videos that is done outside of requests."""

from celery import shared_task

from webapp.jobs.work import running
from webapp.videos.ingest import ingest
from webapp.videos.models import Video


@shared_task
def ingest_video(video_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is None:
            return
        ingest(video=Video.objects.get(pk=video_id), report=report)
