"""Adapting the pose network to a project's own cameras: started, followed, registered."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from webapp.accounts.models import Project, User
from webapp.accounts.services import lock_project
from webapp.core.errors import Conflict, Refused
from webapp.core.models import UNFINISHED, WorkState
from webapp.core.versions import VersionState
from webapp.estimators.keypoints import clip_of, keypoints_of
from webapp.estimators.models import PoseKind, PoseVersion
from webapp.estimators.selectors import active_pose
from webapp.estimators.services import register_pose_version
from webapp.jobs import events
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, JobKind
from webapp.reviews.filters import VideoFilters
from webapp.reviews.library import videos_of
from webapp.runs.selectors import runs_with_people
from webapp.training.models import Adaptation
from webapp.videos.models import Video

LEAST_CLIPS = 2
"""One to learn from, one to measure on."""

FILTERS = ("q", "label", "reviewed")


@transaction.atomic
def start_adaptation(
    *,
    project: Project,
    by: User,
    teacher: PoseVersion | None,
    minutes: float,
    steps: int | None = None,
    seed: int = 0,
    by_keypoints: bool = False,
    held_out: Sequence[str] = (),
    chosen_by: Mapping[str, Any] | None = None,
) -> Adaptation:
    """Queue an adaptation on the clips with people that the filter leaves (all, without one).

    It starts from the active weights where those came from an adaptation, else from the shipped
    ones: only they have the compact network's form. ``by_keypoints``: the project's keypoint files
    teach, on the clips that have one. ``held_out``: names of clips or takes to measure on, in the
    stead of a share of the clips; what no clip is called ends the work with a message.

    Raises:
        Conflict: another adaptation runs (``already_adapting``).
        Refused: too few clips (``too_few_clips``), or a teacher that cannot be used.
    """
    lock_project(project.pk)
    if adaptations_of(project.pk).filter(state__in=UNFINISHED).exists():
        raise Conflict("already_adapting", "An adaptation is running already: wait for it.")
    _expect_usable(teacher, project)
    if by_keypoints and teacher is not None:
        raise Refused("two_teachers", "Expected keypoint files or a pose version, got both.")
    chosen = {name: value for name, value in (chosen_by or {}).items() if value not in ("", None)}
    clips = clips_to_adapt_to(project.pk, chosen)
    if by_keypoints:
        clips = with_keypoints(project.pk, clips)
    if refusal := too_few(len(clips), by_keypoints=by_keypoints):
        raise Refused("too_few_clips", refusal)
    adaptation = Adaptation.objects.create(
        project=project,
        teacher=teacher,
        start=start_of(active_pose(project.pk)),
        config={
            "minutes": minutes,
            "steps": steps,
            "seed": seed,
            "by_keypoints": by_keypoints,
            "held_out": list(held_out),
        },
        clips=clips,
        chosen_by=chosen,
        created_by=by,
    )
    adaptation.job = jobs.create_job(
        project_id=project.pk, kind=JobKind.ADAPTATION, subject_id=adaptation.pk, by=by
    )
    adaptation.save(update_fields=["job"])
    _publish(adaptation)
    jobs.enqueue_job(job=adaptation.job)
    return adaptation


def clips_to_adapt_to(project_id: int, chosen_by: Mapping[str, Any]) -> list[int]:
    """Ids of the analysed clips with people that the library's filter leaves, oldest first."""
    with_people = runs_with_people(project_id).values("video")
    clips = VideoFilters(chosen_by, queryset=videos_of(project_id)).qs.filter(pk__in=with_people)
    return list(clips.order_by("pk").values_list("pk", flat=True))


def with_keypoints(project_id: int, clips: Sequence[int]) -> list[int]:
    """Those of the clips (ids) whose names are those of keypoint files, in the same order."""
    known = set(keypoints_of(project_id).values_list("clip", flat=True))
    names = dict(Video.objects.filter(pk__in=clips).values_list("pk", "name"))
    return [pk for pk in clips if pk in names and clip_of(names[pk]) in known]


def too_few(count: int, *, by_keypoints: bool = False) -> str:
    """Why so few clips do not do; empty where they are enough."""
    if count >= LEAST_CLIPS:
        return ""
    if by_keypoints:
        text = _(
            "Expected at least %(least)d analysed clips with people and keypoint files of their "
            "names, one to learn from and one to measure on; found: %(count)d."
        )
    else:
        text = _(
            "Expected at least %(least)d analysed clips with people, one to learn from and one to "
            "measure on; found: %(count)d."
        )
    return text % {"least": LEAST_CLIPS, "count": count}


def start_of(active: PoseVersion | None) -> PoseVersion | None:
    """The weights that an adaptation begins with; None: the shipped ones."""
    return active if active is not None and active.kind == PoseKind.ADAPTED else None


@transaction.atomic
def begin_adaptation(*, adaptation: Adaptation) -> None:
    """A worker has begun; the curve of an attempt that was lost is dropped."""
    adaptation.state, adaptation.curve = WorkState.RUNNING, []
    adaptation.save(update_fields=["state", "curve"])
    _publish(adaptation)


def record_curve(*, adaptation: Adaptation, curve: Sequence[Mapping[str, float]]) -> None:
    """Store the curve so far and tell open pages its last point."""
    adaptation.curve = list(curve)
    adaptation.save(update_fields=["curve"])
    _publish(adaptation, point=adaptation.curve[-1])


@transaction.atomic
def finish_adaptation(
    *, adaptation: Adaptation, report: Mapping[str, Any], curve: Sequence[Mapping[str, float]]
) -> PoseVersion | None:
    """Register the weights as a candidate with the figures; None where it ended meanwhile."""
    fresh = Adaptation.objects.select_for_update(of=("self",)).get(pk=adaptation.pk)
    if fresh.state != WorkState.RUNNING:
        return fresh.candidate
    fresh.candidate = register_pose_version(
        project=fresh.project,
        kind=PoseKind.ADAPTED,
        weights_path=report["weights"],
        source_name=f"adaptation {fresh.pk}",
        by=fresh.created_by,
    )
    for name in ("before", "after", "improved", "clips_used", "seconds"):
        setattr(fresh, name, report[name])
    fresh.clips_skipped = [list(pair) for pair in report["clips_skipped"]]
    fresh.curve = list(curve)
    fresh.state, fresh.finished_at = WorkState.DONE, timezone.now()
    fresh.save()
    _publish(fresh)
    return fresh.candidate


def note_job_end(*, job: Job) -> None:
    """Bring the adaptation to the state in which its job ended, whoever ended it."""
    unfinished = Adaptation.objects.filter(job=job, state__in=UNFINISHED)
    if unfinished.update(state=job.state, finished_at=timezone.now()):
        _publish(Adaptation.objects.get(job=job))


def cancel_adaptation(*, adaptation: Adaptation) -> None:
    """Ask the worker to stop; one that still waits stops at once."""
    if adaptation.state not in UNFINISHED or adaptation.job_id is None:
        raise Conflict(
            "not_running", f"The adaptation is {adaptation.state}: there is nothing to cancel."
        )
    jobs.request_cancellation(job_id=adaptation.job_id)


def adaptations_of(project_id: int) -> QuerySet[Adaptation]:
    """All adaptations, newest first."""
    return (
        Adaptation.objects.filter(project_id=project_id)
        .select_related("job", "teacher", "start", "candidate__created_by", "created_by")
        .order_by("-pk")
    )


def _expect_usable(teacher: PoseVersion | None, project: Project) -> None:
    if teacher is None:
        return
    if teacher.project_id != project.pk:
        raise Refused("unknown_teacher", "Expected a pose version of this project as teacher.")
    if teacher.state == VersionState.DISCARDED:
        raise Refused("discarded", f"Version {teacher.number} was discarded.")


def _publish(adaptation: Adaptation, **more: Any) -> None:
    events.publish(
        adaptation.project_id,
        "adaptation",
        id=adaptation.pk,
        state=str(adaptation.state),
        **more,
    )
