"""The live hint that a video changed."""

from webapp.jobs import events
from webapp.videos.models import Video


def publish_video(video: Video) -> None:
    events.publish(video.project_id, "video", id=video.pk, state=video.state)
