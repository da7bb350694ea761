"""Skeletons on demand: a person draws a box, a worker finds the pose in it and follows it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from webapp.accounts.models import User
from webapp.core import storage
from webapp.core.errors import Conflict, Refused
from webapp.core.models import UNFINISHED, WorkState
from webapp.estimators.selectors import active_pose
from webapp.jobs import events
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, JobKind
from webapp.jobs.work import Report
from webapp.runs import gpu
from webapp.runs.models import PoseEstimate
from webapp.runs.poses import Floats, read_arrays
from webapp.runs.services import pose_sha256
from webapp.videos.models import Video

MOST_FRAMES = 300
"""Frames that one box is followed through: ten seconds at 30 a second."""

LEAST_SIDE = 4.0
"""px; nobody can be seen in less."""


@transaction.atomic
def start_estimate(
    *, video: Video, start_frame: int, end_frame: int, box_xyxy: Sequence[float], by: User
) -> PoseEstimate:
    """Queue the search for one person from a drawn box on.

    Raises:
        Conflict: ``no_frames`` where the clip cannot be played.
        Refused: ``bad_range``, ``bad_box``.
    """
    if not video.frames or not video.width or not video.height:
        raise Conflict("no_frames", _("%(name)s has no frames to look at.") % {"name": video.name})
    _expect_range(video.frames, start_frame, end_frame)
    made = PoseEstimate.objects.create(
        video=video,
        start_frame=start_frame,
        end_frame=min(end_frame, video.frames),
        box_xyxy=_within(box_xyxy, video.width, video.height),
        created_by=by,
    )
    made.job = jobs.create_job(
        project_id=video.project_id, kind=JobKind.ESTIMATE, subject_id=made.pk, by=by
    )
    made.save(update_fields=["job"])
    jobs.enqueue_job(job=made.job)
    return made


def _expect_range(frames: int, start_frame: int, end_frame: int) -> None:
    if not 0 <= start_frame < min(end_frame, frames):
        raise Refused(
            "bad_range",
            _("Expected frames within 0 to %(frames)s, got %(start)s to %(end)s.")
            % {"frames": frames, "start": start_frame, "end": end_frame},
        )
    if end_frame - start_frame > MOST_FRAMES:
        raise Refused(
            "bad_range",
            _("Expected at most %(most)s frames, got %(came)s.")
            % {"most": MOST_FRAMES, "came": end_frame - start_frame},
        )


def _within(box_xyxy: Sequence[float], width: int, height: int) -> list[float]:
    """The part of a box that lies in the picture."""
    low, high = np.array([-0.5, -0.5] * 2), np.array([width - 0.5, height - 0.5] * 2)
    box = np.clip(np.array(box_xyxy, np.float64), low, high)
    if not (box[2:] - box[:2] >= LEAST_SIDE).all():
        raise Refused(
            "bad_box",
            _("Expected a box of at least %(least)s px a side within the picture, got %(box)s.")
            % {"least": LEAST_SIDE, "box": [round(float(side), 1) for side in box_xyxy]},
        )
    return [float(side) for side in box]


def estimate(*, estimate_id: int, report: Report) -> None:
    """Find the person and store what was found; safe to do twice."""
    wanted = PoseEstimate.objects.select_related("video").get(pk=estimate_id)
    if wanted.state == WorkState.DONE:
        return
    _begin(wanted)
    version = active_pose(wanted.video.project_id)
    boxes, keypoints, skeleton = gpu.follow_person(
        storage.path_of(wanted.video.original_file),
        wanted.box_xyxy,
        (wanted.start_frame, wanted.end_frame),
        report,
        report.is_cancelled,
        gpu.PoseUse(version.weights_file if version else "", 1),
    )
    _store(wanted, boxes, keypoints, skeleton, pose_sha256(version))


@transaction.atomic
def _begin(wanted: PoseEstimate) -> None:
    wanted.state = WorkState.RUNNING
    wanted.save(update_fields=["state"])
    _publish(wanted)


@transaction.atomic
def _store(
    wanted: PoseEstimate, boxes: Floats, keypoints: Floats, skeleton: str, sha256: str
) -> None:
    fresh = PoseEstimate.objects.select_for_update(of=("self",)).get(pk=wanted.pk)
    if fresh.state != WorkState.RUNNING:  # ended meanwhile
        return
    name = storage.new_name("estimates", ".npz")
    with storage.atomic_path(name) as draft:
        np.savez_compressed(draft, boxes_xyxy=boxes[None], keypoints=keypoints[None])
    fresh.poses_file, fresh.found, fresh.skeleton = name, len(boxes), skeleton
    fresh.pose_sha256, fresh.state = sha256, WorkState.DONE
    fresh.save(update_fields=["poses_file", "found", "skeleton", "pose_sha256", "state"])
    _publish(fresh)


def note_job_end(*, job: Job) -> None:
    """Bring the estimate to the state in which its job ended, whoever ended it."""
    unfinished = PoseEstimate.objects.filter(job=job, state__in=UNFINISHED)
    if unfinished.update(state=job.state):
        _publish(PoseEstimate.objects.get(job=job))


def cancel_estimate(*, estimate: PoseEstimate) -> None:
    """Ask the worker to stop; one that still waits stops at once."""
    if estimate.job_id is None or not jobs.request_cancellation(job_id=estimate.job_id):
        raise Conflict(
            "not_running",
            _("The estimate is %(state)s: there is nothing to cancel.") % {"state": estimate.state},
        )


def found_poses(estimate: PoseEstimate) -> tuple[Floats, Floats]:
    """Boxes float32 [1, N, 4] px and keypoints float32 [1, N, K, 3] from ``start_frame`` on."""
    return read_arrays(estimate.poses_file)


def _publish(estimate: PoseEstimate) -> None:
    details: dict[str, Any] = {"id": estimate.pk, "state": str(estimate.state)}
    events.publish(estimate.video.project_id, "estimate", video=estimate.video_id, **details)
