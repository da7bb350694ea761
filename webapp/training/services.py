"""Freezing training sets, training on them, and making versions active."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from webapp.accounts.models import Project, User
from webapp.accounts.services import lock_project
from webapp.classifiers import services as classifiers
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core import storage
from webapp.core.errors import Conflict
from webapp.core.models import UNFINISHED, WorkState
from webapp.jobs import events
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, JobKind
from webapp.training.base import base_facts, keep_base
from webapp.training.evaluations import store_evaluation
from webapp.training.models import TrainingRun, TrainingSet, Trigger
from webapp.training.samples import Gathered, gather
from webapp.training.scenes import give_parts

WORTH_REPEATING = (WorkState.FAILED, WorkState.CANCELLED)


@transaction.atomic
def freeze_training_set(*, project: Project, by: User | None) -> TrainingSet:
    """Store what there is to learn from now; the same content gives the same row."""
    lock_project(project.pk)
    give_parts(project)
    return _freeze(project, gather(project), by)


def _freeze(project: Project, gathered: Gathered, by: User | None) -> TrainingSet:
    found = TrainingSet.objects.filter(project=project, content_hash=gathered.content_hash).first()
    if found is not None:
        return _note_what_is_new(found, gathered)
    keep_base()
    name = f"training/{project.pk}/{gathered.content_hash}.json"
    storage.write_atomically(name, json.dumps(gathered.manifest, indent=1).encode())
    return TrainingSet.objects.create(
        project=project,
        content_hash=gathered.content_hash,
        manifest_file=name,
        label_set_version=project.label_set.version if gathered.labels else 0,
        summary=gathered.summary,
        last_correction_id=gathered.last_correction_id,
        last_edit_id=gathered.last_edit_id,
        created_by=by,
    )


def _note_what_is_new(found: TrainingSet, gathered: Gathered) -> TrainingSet:
    """The same content, but people have spoken since, or segments wait to be described."""
    found.last_correction_id = max(found.last_correction_id, gathered.last_correction_id)
    found.last_edit_id = max(found.last_edit_id, gathered.last_edit_id)
    found.summary = found.summary | {"skipped": gathered.skipped}
    found.save(update_fields=["last_correction_id", "last_edit_id", "summary"])
    return found


@transaction.atomic
def start_training(
    *,
    project: Project,
    by: User | None,
    seed: int = 0,
    config: Mapping[str, Any] | None = None,
    trigger: str = Trigger.PERSON,
) -> TrainingRun:
    """Freeze a set and queue a training on it.

    Where the active version reads older features than this installation writes, the base set
    alone is worth a training, and the worker describes the corrected clips anew first; so it does
    with segments that were edited and not described since.

    Raises:
        Conflict: another training runs (``already_training``), nobody has corrected anything
            (``no_corrections``), or the same was trained before (``nothing_new``).
    """
    lock_project(project.pk)
    running = TrainingRun.objects.filter(project=project, state__in=UNFINISHED).first()
    if running is not None:
        raise Conflict("already_training", "A training is running already: wait for it.")
    training_set = freeze_training_set(project=project, by=by)
    wanted = {"training_set": training_set, "seed": seed, "config": dict(config or {})}
    active = active_classifier(project.pk)
    skipped = training_set.summary["skipped"]
    expect_something_new(
        corrected=_corrected(training_set),
        outdated=bool(skipped) or is_outdated(active),
        done=None if skipped else already_trained(**wanted),
    )
    run = TrainingRun.objects.create(
        project=project, created_by=by, baseline=active, trigger=trigger, **wanted
    )
    run.job = jobs.create_job(
        project_id=project.pk, kind=JobKind.TRAINING, subject_id=run.pk, by=by
    )
    run.save(update_fields=["job"])
    _publish_training(run)
    jobs.enqueue_job(job=run.job)
    return run


def is_outdated(version: ClassifierVersion | None) -> bool:
    """Whether the version reads other features than this installation writes."""
    return version is not None and version.feature_version != base_facts().feature_version


def expect_something_new(*, corrected: int, outdated: bool, done: TrainingRun | None) -> None:
    if not corrected and not outdated:
        raise Conflict("no_corrections", _("There are no corrections to learn from yet."))
    if done is not None:
        raise Conflict(
            "nothing_new",
            _("Nothing has changed since training run %(run)d.") % {"run": done.pk},
            extra={"training_run": done.pk},
        )


def already_trained(
    *, training_set: TrainingSet, seed: int, config: Mapping[str, Any]
) -> TrainingRun | None:
    """A run on the same set with the same seed and configuration that did not break off."""
    runs = TrainingRun.objects.filter(training_set=training_set, seed=seed, config=config)
    return runs.exclude(state__in=WORTH_REPEATING).first()


def _corrected(training_set: TrainingSet) -> int:
    rows = training_set.summary["labels"]
    return sum(row["corrected_train"] + row["corrected_eval"] for row in rows)


@transaction.atomic
def begin_training(*, run: TrainingRun) -> None:
    """A worker has begun; curves of an attempt that was lost are dropped."""
    run.state, run.curves = WorkState.RUNNING, []
    run.save(update_fields=["state", "curves"])
    _publish_training(run)


@transaction.atomic
def freeze_anew(*, run: TrainingRun) -> None:
    """The clips that the run's set had to skip were described anew: take them in."""
    run.training_set = freeze_training_set(project=run.project, by=run.created_by)
    run.save(update_fields=["training_set"])


@transaction.atomic
def record_curves(*, run: TrainingRun, curves: list[dict[str, float]]) -> None:
    """Store the curves so far and tell open pages the newest point."""
    run.curves = curves
    run.save(update_fields=["curves"])
    _publish_training(run, epoch=curves[-1])


@transaction.atomic
def finish_training(
    *, run: TrainingRun, trained: Mapping[str, Any], weights: Path
) -> ClassifierVersion | None:
    """Register the candidate with its figures; None where the run was ended meanwhile."""
    lock_project(run.project_id)
    run.refresh_from_db()
    if run.state != WorkState.RUNNING:
        return None
    run.candidate = classifiers.register_candidate(
        project=run.project,
        weights_path=weights,
        output_names=trained["output_names"],
        label_ids=trained["label_ids"],
        feature_version=trained["feature_version"],
        metrics=trained["metrics"],
        by=run.created_by,
        training_set_hash=run.training_set.content_hash,
    )
    run.state, run.finished_at = WorkState.DONE, timezone.now()
    run.curves, run.metrics = trained["curves"], trained["metrics"]
    run.baseline_metrics, run.comparison = trained["baseline_metrics"], trained["comparison"]
    run.record = trained["record"]
    run.evaluation_file = store_evaluation(
        project_id=run.project_id, evaluation=trained["evaluation"]
    )
    run.save()
    _publish_training(run)
    return run.candidate


def note_job_end(*, job: Job) -> None:
    """Bring the run to the state in which its job ended, whoever ended it."""
    if run := end_with(TrainingRun.objects.filter(job=job), job):
        _publish_training(run)


def end_with(subjects: QuerySet[Any], job: Job) -> Any | None:
    """End the job's subject as the job ended, unless its results are stored already.

    One conditional UPDATE: a lost worker may be storing its results at this moment.
    """
    unfinished = subjects.filter(state__in=UNFINISHED)
    changed = unfinished.update(state=job.state, finished_at=timezone.now())
    return subjects.first() if changed else None


def cancel_training(*, run: TrainingRun) -> None:
    """Ask the worker to stop; a run that still waits stops at once."""
    if run.state not in UNFINISHED or run.job_id is None:
        raise Conflict("not_running", f"The training is {run.state}: there is nothing to cancel.")
    jobs.request_cancellation(job_id=run.job_id)


def _publish_training(run: TrainingRun, **more: Any) -> None:
    events.publish(run.project_id, "training", id=run.pk, state=str(run.state), **more)
