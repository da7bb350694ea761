"""Making a version active: first its word on every clip, then the switch; and the way back."""

from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import User
from webapp.accounts.services import lock_project
from webapp.classifiers import services as classifiers
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier, known_label_ids
from webapp.core.errors import Conflict, Refused
from webapp.core.models import UNFINISHED, WorkState
from webapp.core.versions import VersionState
from webapp.jobs import events
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, JobKind
from webapp.runs import prediction_sets
from webapp.runs.selectors import usable_label_ids
from webapp.training.base import base_facts
from webapp.training.models import Promotion, Trigger
from webapp.training.services import end_with, is_outdated


@transaction.atomic
def start_promotion(
    *, version: ClassifierVersion, by: User, trigger: str = Trigger.PERSON
) -> Promotion:
    """Queue the predictions of a candidate or retired version, which then becomes active.

    One whose predictions are all there still (the way back) becomes active at once, without a job.
    """
    lock_project(version.project_id)
    version.refresh_from_db()
    if version.state == VersionState.ACTIVE:
        raise Conflict("already_active", f"Version {version.number} is active already.")
    if version.state == VersionState.DISCARDED:
        raise Conflict("discarded", f"Version {version.number} was discarded.")
    if is_outdated(version):
        raise Refused(
            "outdated_features",
            f"Expected a version for the features {base_facts().feature_version!r}, "
            f"version {version.number} reads {version.feature_version!r}: train a new one.",
        )
    classifiers.expect_fitting_weights(version=version)
    if Promotion.objects.filter(project_id=version.project_id, state__in=UNFINISHED).exists():
        raise Conflict("already_promoting", "Another promotion is running: wait for it.")
    if not known_label_ids(version) & usable_label_ids(version.project_id):
        raise Refused("no_labels", f"Version {version.number} knows no label that is in use.")
    promotion = Promotion.objects.create(
        project_id=version.project_id,
        to_version=version,
        from_version=active_classifier(version.project_id),
        is_rollback=version.state == VersionState.RETIRED,
        trigger=trigger,
        created_by=by,
    )
    if prediction_sets.is_ready(version) and prediction_sets.complete_set(version=version):
        _switch(promotion)
        return promotion
    promotion.job = jobs.create_job(
        project_id=version.project_id, kind=JobKind.PROMOTION, subject_id=promotion.pk, by=by
    )
    promotion.save(update_fields=["job"])
    _publish_promotion(promotion)
    jobs.enqueue_job(job=promotion.job)
    return promotion


@transaction.atomic
def begin_promotion(*, promotion: Promotion) -> None:
    promotion.state = WorkState.RUNNING
    promotion.save(update_fields=["state"])
    _publish_promotion(promotion)


@transaction.atomic
def complete_promotion(*, promotion: Promotion, predicted: set[int]) -> bool:
    """Switch the active version; false, and nothing changed, where its set lacks clips.

    Takes turns with runs that finish (see ``runs.services.store_results``): a run is either in
    the set, or among ``predicted`` (tried in the last round), or finds the new version active.
    """
    lock_project(promotion.project_id)
    promotion.refresh_from_db()
    if promotion.state != WorkState.RUNNING:  # ended meanwhile
        return True
    if not prediction_sets.complete_set(version=promotion.to_version, tried=predicted):
        return False
    _switch(promotion)
    return True


def _switch(promotion: Promotion) -> None:
    """In one transaction: readers see all of the former set or all of this one."""
    promotion.from_version = classifiers.activate_classifier(version=promotion.to_version)
    if promotion.from_version is not None:
        prediction_sets.note_not_shown(promotion.from_version)
    promotion.state, promotion.finished_at = WorkState.DONE, timezone.now()
    promotion.save(update_fields=["from_version", "state", "finished_at"])
    _publish_promotion(promotion)


def cancel_promotion(*, promotion: Promotion) -> None:
    """Ask the worker to stop; the active version stays, and what was predicted is kept.

    One that still waits stops at once. Started again it goes on where it was stopped.
    """
    if promotion.state not in UNFINISHED or promotion.job_id is None:
        raise Conflict(
            "not_running", f"The promotion is {promotion.state}: there is nothing to cancel."
        )
    jobs.request_cancellation(job_id=promotion.job_id)


def note_job_end(*, job: Job) -> None:
    """Bring the promotion to the state in which its job ended, whoever ended it."""
    if promotion := end_with(Promotion.objects.filter(job=job), job):
        _publish_promotion(promotion)


@transaction.atomic
def discard_candidate(*, version: ClassifierVersion) -> ClassifierVersion:
    """Put a candidate aside, unless it is on its way to become active."""
    lock_project(version.project_id)
    if Promotion.objects.filter(to_version=version, state__in=UNFINISHED).exists():
        raise Conflict("promoting", f"Version {version.number} is being promoted.")
    return classifiers.discard_classifier(version=version)


def _publish_promotion(promotion: Promotion) -> None:
    events.publish(promotion.project_id, "promotion", id=promotion.pk, state=str(promotion.state))
