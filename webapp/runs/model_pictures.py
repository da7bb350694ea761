"""A frame exactly as the pose network was given it, drawn by a worker when somebody asks."""

import time
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path

import celery
from django.db import transaction
from django.utils.translation import gettext as _

from webapp.core import storage
from webapp.core.errors import Conflict, Refused
from webapp.runs import gpu
from webapp.runs.models import PipelineRun

TASK = "webapp.runs.tasks.draw_model_picture"
KEPT_S = 3600
"""Pictures can be drawn again at any time; older ones make room."""


def picture_name(run: PipelineRun, frame: int) -> str:
    """Named by all that decides what is on it."""
    key = sha256(f"{run.video.sha256}\n{run.fingerprint}\n{frame}".encode()).hexdigest()
    return f"seen/{key}.png"


def _outdated_name(run: PipelineRun) -> str:
    """Where a worker notes that it no longer works as the run did."""
    key = sha256(f"{run.video.sha256}\n{run.fingerprint}".encode()).hexdigest()
    return f"seen/{key}.outdated"


def picture_path(run: PipelineRun, frame: int) -> Path | None:
    """The picture, if it is there."""
    path = storage.path_of(picture_name(run, frame))
    return path if path.exists() else None


def is_outdated(run: PipelineRun) -> bool:
    """Whether the networks or their settings are others by now: the picture is lost."""
    return storage.path_of(_outdated_name(run)).exists()


@transaction.atomic
def ask_for_picture(*, run: PipelineRun, frame: int) -> None:
    """Have it drawn.

    Raises:
        Conflict: ``not_done`` where the run has no results; ``saw_nothing`` where nobody was there
            to be looked at.
        Refused: ``bad_frame`` where the clip has no such frame.
    """
    if not run.fingerprint:
        raise Conflict("not_done", _("The run is %(state)s.") % {"state": run.state})
    if "pose" not in run.exposure:
        raise Conflict("saw_nothing", _("The pose network was given nothing of this clip."))
    if not 0 <= frame < run.frames:
        raise Refused(
            "bad_frame",
            _("Expected a frame below %(frames)s, got %(frame)s.")
            % {"frames": run.frames, "frame": frame},
        )
    if picture_path(run, frame) is None and not is_outdated(run):
        transaction.on_commit(partial(_send, run.pk, frame))


def _send(run_id: int, frame: int) -> None:
    # Without a work queue there is no picture; whoever looks next asks again.
    with suppress(celery.exceptions.OperationalError, OSError):
        celery.current_app.send_task(TASK, args=[run_id, frame])


def draw_picture(*, run_id: int, frame: int) -> None:
    """Draw and store it; running twice is harmless."""
    run = PipelineRun.objects.select_related("video", "pose_version").filter(pk=run_id).first()
    if run is None or "pose" not in run.exposure or picture_path(run, frame) is not None:
        return
    _make_room()
    pose = gpu.PoseUse(run.pose_version.weights_file if run.pose_version else "", run.pose_every)
    if gpu.fingerprint(pose) != run.fingerprint:
        storage.write_atomically(_outdated_name(run), b"")
        return
    original = storage.path_of(run.video.original_file)
    png = gpu.seen_picture(original, frame, run.exposure["pose"], pose)
    storage.write_atomically(picture_name(run, frame), png)


def _make_room() -> None:
    folder = storage.path_of("seen/x").parent
    if not folder.exists():
        return
    for path in folder.iterdir():
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - KEPT_S:
                path.unlink()
