"""Work on videos that is done outside of requests."""

from celery import shared_task

from webapp.jobs.work import running
from webapp.videos.ingest import ingest
from webapp.videos.models import Video
from webapp.videos.thumbnails import make_missing_sheet


@shared_task
def ingest_video(video_id: int, job_id: int) -> None:
    with running(job_id) as report:
        if report is None:
            return
        ingest(video=Video.objects.get(pk=video_id), report=report)


@shared_task
def make_thumbnails(video_id: int) -> None:
    if video := Video.objects.filter(pk=video_id).first():
        make_missing_sheet(video=video)
