"""Turns an uploaded file into a video that can be played frame by frame.

The pixel library is imported inside the functions: the web process never loads it.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import celery
from django.conf import settings

from webapp.core import storage
from webapp.jobs.work import Report
from webapp.videos import services
from webapp.videos.models import Video, VideoState
from webapp.videos.thumbnails import sheet_name, sheet_of, write_sheet

if TYPE_CHECKING:
    from inference.types import FrameTable

RECIPE = "1"  # grows when proxies or posters are made in another way


def ingest(*, video: Video, report: Report) -> None:
    """Hash, look for the same bytes, index the frames, make proxy, poster and thumbnails.

    Each step may have been done by a worker that was lost: finished files are kept.

    Raises:
        BadInput: the file cannot be used; the message speaks of it by the name it was given.
        TransientError: disk or broker are in trouble.
    """
    if video.state == VideoState.INGESTING:
        _read(video, report)
    if video.state == VideoState.READY:
        _send_on(video)


def _read(video: Video, report: Report) -> None:
    from inference.errors import BadInput

    original = storage.path_of(video.original_file)
    report("hash", 0.0)
    if services.claim_content(video=video, sha256=storage.hash_file(original)):
        return
    try:
        facts = _facts(video, original, report)
    except BadInput as error:
        text = error.message.replace(original.name, video.name)
        raise BadInput(error.code, text) from error
    services.mark_ready(video=video, facts=facts)


def _facts(video: Video, original: Path, report: Report) -> dict[str, Any]:
    """Make the derived files; returns the fields of the video that they fill."""
    from inference.video.frames import frame_table, probe
    from inference.video.poster import write_poster
    from inference.video.proxy import write_proxy

    report("probe", 0.1)
    info = probe(original)
    report("frames", 0.15)
    table = frame_table(
        original, max_frames=settings.MAX_VIDEO_FRAMES, is_cancelled=report.is_cancelled
    )
    names = {kind: _name(video, kind) for kind in ("frames.json", "proxy.mp4", "poster.jpg")}

    def proxy(path: Path) -> None:
        progress = report.part(0.3, 0.9)
        write_proxy(
            original, path, table=table, progress=progress, is_cancelled=report.is_cancelled
        )

    _make(names["frames.json"], lambda path: path.write_text(_as_json(table)))
    _make(names["proxy.mp4"], proxy)
    report("poster", 0.93)
    _make(names["poster.jpg"], lambda path: write_poster(original, path, table=table))
    report("thumbnails", 0.96)
    sheet = sheet_of(frames=len(table), width=info.width, height=info.height)
    write_sheet(sheet_name(video), names["proxy.mp4"], sheet)
    return {
        "frame_table_file": names["frames.json"],
        "proxy_file": names["proxy.mp4"],
        "poster_file": names["poster.jpg"],
        "thumbnails_file": sheet_name(video),
        "width": info.width,
        "height": info.height,
        "frames": len(table),
        "fps_num": table.fps.numerator,
        "fps_den": table.fps.denominator,
        "variable_fps": table.variable,
        "duration_s": table.duration_s,
    }


def _name(video: Video, kind: str) -> str:
    """Named by content and recipe: equal bytes share their files."""
    return f"derived/{video.sha256[:2]}/{video.sha256}-{RECIPE}-{kind}"


def _make(name: str, write: Callable[[Path], object]) -> None:
    if storage.path_of(name).exists():
        return
    with storage.atomic_path(name) as draft:
        write(draft)


def _as_json(table: "FrameTable") -> str:
    return json.dumps(
        {
            "pts": table.pts.tolist(),
            "end_pts": int(table.end_pts),
            "time_base": [table.time_base.numerator, table.time_base.denominator],
            "fps": [table.fps.numerator, table.fps.denominator],
            "variable": table.variable,
        }
    )


def _send_on(video: Video) -> None:
    """Hand the video to what comes next; that task bears to be sent twice."""
    from inference.errors import TransientError

    if not settings.AFTER_INGEST_TASK:
        return
    try:
        celery.current_app.send_task(settings.AFTER_INGEST_TASK, args=[video.pk])
    except (celery.exceptions.OperationalError, OSError) as error:
        raise TransientError("no_broker", f"The work queue is away: {error}") from error
