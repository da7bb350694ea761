"""Choosing pose weights: the switch, and then the library anew, a few clips at a time.

Each clip is an analysis of its own on the queue ``pose``: it survives a lost worker, several
machines share the library, and new uploads need wait for a few clips only, never for all.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from webapp.accounts.models import Project, User
from webapp.accounts.services import lock_project
from webapp.core.errors import Conflict, Refused
from webapp.core.models import UNFINISHED, WorkState
from webapp.core.versions import VersionState
from webapp.estimators.models import PoseVersion
from webapp.estimators.selectors import active_pose
from webapp.estimators.services import activate_pose
from webapp.jobs import events
from webapp.jobs import services as jobs
from webapp.jobs.models import Job
from webapp.runs import services
from webapp.runs.models import PipelineRun, PoseChange
from webapp.runs.selectors import current_runs
from webapp.videos.models import Video

CLIPS_AT_ONCE = 4
"""So many clips of a change wait or work; a clip that is uploaded meanwhile comes after them."""


_BUSY = Q(runs__state__in=UNFINISHED)
TALLY = {
    "tally_done": Count("runs", filter=Q(runs__state=WorkState.DONE)),
    "tally_failed": Count(
        "runs", filter=Q(runs__state__in=(WorkState.FAILED, WorkState.CANCELLED))
    ),
    "tally_busy": Count("runs", filter=_BUSY),
    "tally_working": Sum("runs__job__progress", filter=_BUSY),
}


@dataclass(frozen=True)
class Counts:
    """Clips of a change."""

    total: int
    done: int
    failed: int
    progress: float


@transaction.atomic
def choose_pose(
    *, project: Project, version: PoseVersion | None, by: User, every: int = 1
) -> PoseChange:
    """Make weights active (None: the shipped ones) and have the library analysed anew by them.

    With the weights that are active already, the clips that other weights have analysed follow;
    all of them where the network shall look at every n-th frame for another n.

    Raises:
        Conflict: ``already_active`` and nothing to do, ``already_changing``, ``discarded``.
        Refused: the version is of another project.
    """
    lock_project(project.pk)
    if running_change(project.pk) is not None:
        raise Conflict("already_changing", "The library is being analysed anew: stop that first.")
    if version is not None and version.project_id != project.pk:
        raise Refused("unknown_version", "Expected a version of this project.")
    former = active_pose(project.pk)
    is_same = former == version and (former is None or former.every == every)
    if is_same and not outdated_runs(project.pk).exists():
        name = f"Version {version.number}" if version else "The shipped network"
        raise Conflict("already_active", f"{name} is active already, for every clip.")
    is_rollback = former != version and (version is None or version.state == VersionState.RETIRED)
    activate_pose(project_id=project.pk, version=version, every=every)
    change = PoseChange.objects.create(
        project=project,
        to_version=version,
        from_version=former,
        is_rollback=is_rollback,
        created_by=by,
    )
    _go_on(change)
    return change


@transaction.atomic
def cancel_change(*, change: PoseChange) -> None:
    """Stop analysing anew; the weights stay active, clips not reached keep their results."""
    lock_project(change.project_id)
    change.refresh_from_db()
    if change.state != WorkState.RUNNING:
        raise Conflict("not_running", f"The change is {change.state}: there is nothing to cancel.")
    _end(change, WorkState.CANCELLED)
    for run in change.runs.filter(state__in=UNFINISHED):
        jobs.request_cancellation(job_id=run.job_id)


def note_analysis_end(*, job: Job) -> None:
    """The end of any analysis; where the library is being analysed anew, the next clip follows."""
    services.note_job_end(job=job)
    advance(project_id=job.project_id)


@transaction.atomic
def advance(*, project_id: int) -> None:
    """Queue what a running change has room for, and end it where nothing is left."""
    if running_change(project_id) is None:
        return
    lock_project(project_id)
    if change := running_change(project_id):
        _go_on(change)


def advance_all() -> None:
    """Go on with changes whose last message was lost."""
    running = PoseChange.objects.filter(state=WorkState.RUNNING)
    for project_id in list(running.values_list("project_id", flat=True)):
        advance(project_id=project_id)


def running_change(project_id: int) -> PoseChange | None:
    return PoseChange.objects.filter(project_id=project_id, state=WorkState.RUNNING).first()


def changes_of(project_id: int) -> QuerySet[PoseChange]:
    """All changes, newest first."""
    return (
        PoseChange.objects.filter(project_id=project_id)
        .select_related("to_version", "from_version", "created_by")
        .annotate(**TALLY)
        .order_by("-pk")
    )


def outdated_runs(project_id: int) -> QuerySet[PipelineRun]:
    """Current runs by other weights than those that are active."""
    active = active_pose(project_id)
    return current_runs(project_id).exclude(_by(active))


def counts_of(change: PoseChange) -> Counts:
    """What became of a change's clips; while it runs, with those that still wait."""
    tally = {name: getattr(change, name, None) for name in TALLY}
    if tally["tally_done"] is None:  # not from ``changes_of``
        tally = PoseChange.objects.filter(pk=change.pk).aggregate(**TALLY)
    done, failed, busy = (tally[f"tally_{name}"] for name in ("done", "failed", "busy"))
    waiting = _waiting(change).count() if change.state == WorkState.RUNNING else 0
    total = done + failed + busy + waiting
    ended = done + failed + (tally["tally_working"] or 0.0)
    return Counts(total, done, failed, ended / total if total else 1.0)


def _by(version: PoseVersion | None) -> Q:
    """Runs that these weights made, in the form in which they are now."""
    sha256 = services.pose_sha256(version)
    if version is None:
        return Q(pose_version__isnull=True, pose_sha256=sha256)
    return Q(pose_version=version, pose_sha256=sha256, pose_every=version.every)


def _waiting(change: PoseChange) -> QuerySet[Video]:
    """Clips to be queued: with other weights' results, not at work, not tried before."""
    clips = outdated_runs(change.project_id).values("video")
    tried = change.runs.values("video")
    busy = PipelineRun.objects.filter(state__in=UNFINISHED).values("video")
    waiting = Video.objects.filter(pk__in=clips, state__in=services.PLAYABLE)
    return waiting.exclude(pk__in=tried).exclude(pk__in=busy).order_by("pk")


def _go_on(change: PoseChange) -> None:
    busy = change.runs.filter(state__in=UNFINISHED).count()
    queued = list(_waiting(change)[: max(0, CLIPS_AT_ONCE - busy)])
    for video in queued:
        services.start_run(video=video, by=change.created_by, pose_change=change)
    if busy or queued or _still_at_work_with_others(change):
        _publish(change)
    else:
        _end(change, WorkState.DONE)


def _still_at_work_with_others(change: PoseChange) -> bool:
    """Runs that began before the switch: once done, their clips are to be analysed anew."""
    running = PipelineRun.objects.filter(
        video__project_id=change.project_id, state=WorkState.RUNNING
    )
    return running.exclude(_by(change.to_version)).exists()


def _end(change: PoseChange, state: WorkState) -> None:
    change.state, change.finished_at = state, timezone.now()
    change.save(update_fields=["state", "finished_at"])
    _publish(change)


def _publish(change: PoseChange) -> None:
    counts = counts_of(change)
    events.publish(
        change.project_id,
        "pose_change",
        id=change.pk,
        state=str(change.state),
        total=counts.total,
        done=counts.done,
        failed=counts.failed,
        progress=counts.progress,
    )
