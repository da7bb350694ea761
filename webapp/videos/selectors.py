"""Reading videos and what was stored with them."""

import json
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from webapp.accounts.models import User
from webapp.core import storage
from webapp.core.errors import NotFound
from webapp.videos.models import Upload, Video


def media_urls(video: Video) -> dict[str, str | None]:
    """Addresses of a video's files; None for what it has not got (yet)."""

    def url(route: str, there: str) -> str | None:
        return reverse(route, args=[video.pk]) if there else None

    return {
        "poster_url": url("api-video-poster", video.poster_file),
        "proxy_url": url("api-video-proxy", video.proxy_file),
        "original_url": url("api-video-original", video.original_file),
        "frame_table_url": url("api-video-frames", video.frame_table_file),
    }


def frame_times(video: Video) -> dict[str, Any]:
    """The frame index for players: T + 1 times in seconds, the first 0, the last the end."""
    if not video.frame_table_file:
        raise NotFound("no_frames", f"{video.name} has no frame table: it is {video.state}.")
    table = json.loads(storage.path_of(video.frame_table_file).read_bytes())
    num, den = table["time_base"]
    first = table["pts"][0]
    stamps = [*table["pts"], table["end_pts"]]
    return {
        "frames": len(table["pts"]),
        "fps": table["fps"],
        "variable": table["variable"],
        "width": video.width,
        "height": video.height,
        "times_s": [(stamp - first) * num / den for stamp in stamps],
    }


def open_uploads(project_id: int, by: User) -> QuerySet[Upload]:
    """What this user has begun and not completed."""
    return Upload.objects.filter(project_id=project_id, created_by=by, video=None).order_by(
        "created_at"
    )
