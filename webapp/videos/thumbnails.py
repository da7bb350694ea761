"""The sheet of small pictures for scrubbing: which frames it holds, and having it made.

Ingest makes it. For clips that were read before there were sheets it is made when first asked for.
"""

from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import celery
from django.db import transaction
from django.urls import reverse

from webapp.core import storage
from webapp.core.errors import NotFound
from webapp.videos.events import publish_video
from webapp.videos.models import Video

RECIPE = "1"  # grows when sheets are made in another way
MOST_TILES = 120
TILE_BOX = (128, 72)  # px that a picture may take
COLUMNS = 10
KEY_EVERY = 12  # frames from one key frame of the proxy to the next: those are cheap to decode
TASK = "webapp.videos.tasks.make_thumbnails"


@dataclass(frozen=True)
class Sheet:
    """How a clip's pictures lie on their sheet, row by row."""

    tile_width: int
    tile_height: int
    columns: int
    frames: list[int]


def sheet_of(*, frames: int, width: int, height: int) -> Sheet:
    """The sheet of a clip; the same for who makes it and for who shows it."""
    step = -(-frames // MOST_TILES)
    if step > KEY_EVERY:
        step = -(-step // KEY_EVERY) * KEY_EVERY
    scale = min(TILE_BOX[0] / width, TILE_BOX[1] / height)
    tile = (max(2, round(width * scale)), max(2, round(height * scale)))
    return Sheet(*tile, COLUMNS, list(range(0, frames, step)))


def sheet_name(video: Video) -> str:
    return f"derived/{video.sha256[:2]}/{video.sha256}-{RECIPE}-thumbnails.jpg"


def write_sheet(name: str, proxy: str, sheet: Sheet) -> None:
    """Make the file, where it is not there."""
    from inference.video.thumbnails import write_thumbnails

    if storage.path_of(name).exists():
        return
    with storage.atomic_path(name) as draft:
        write_thumbnails(
            storage.path_of(proxy),
            draft,
            frames=sheet.frames,
            tile=(sheet.tile_width, sheet.tile_height),
            columns=sheet.columns,
        )


def make_missing_sheet(*, video: Video) -> None:
    """For a clip that was read before there were sheets; running twice is harmless."""
    if video.thumbnails_file or not video.proxy_file:
        return
    name = sheet_name(video)
    write_sheet(name, video.proxy_file, _sheet_of(video))
    with transaction.atomic():
        video.thumbnails_file = name
        video.save(update_fields=["thumbnails_file"])
        publish_video(video)


def describe_sheet(video: Video) -> dict[str, Any]:
    """What players need; ``url`` is None while the pictures are still to be made.

    Raises:
        NotFound: the clip cannot be played (yet), so it has no pictures either.
    """
    if not video.proxy_file:
        raise NotFound("no_file", f"{video.name} has no thumbnails: it is {video.state}.")
    there = bool(video.thumbnails_file)
    url = reverse("api-video-thumbnails-file", args=[video.pk]) if there else None
    return {"url": url, **asdict(_sheet_of(video))}


@transaction.atomic
def ask_for_sheet(*, video: Video) -> None:
    transaction.on_commit(partial(_send, video.pk))


def _send(video_id: int) -> None:
    # Without a work queue there are no pictures; whoever looks next asks again.
    with suppress(celery.exceptions.OperationalError, OSError):
        celery.current_app.send_task(TASK, args=[video_id])


def _sheet_of(video: Video) -> Sheet:
    return sheet_of(frames=video.frames, width=video.width, height=video.height)
