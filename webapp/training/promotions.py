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
from webapp.runs.selectors import runs_with_people, usable_label_ids
from webapp.training.base import base_facts
from webapp.training.models import Promotion
from webapp.training.services import end_with, is_outdated


@transaction.atomic
def start_promotion(*, version: ClassifierVersion, by: User) -> Promotion:
    """Queue the predictions of a candidate or retired version, which then becomes active."""
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
    if Promotion.objects.filter(project_id=version.project_id, state__in=UNFINISHED).exists():
        raise Conflict("already_promoting", "Another promotion is running: wait for it.")
    if not known_label_ids(version) & usable_label_ids(version.project_id):
        raise Refused("no_labels", f"Version {version.number} knows no label that is in use.")
    promotion = Promotion.objects.create(
        project_id=version.project_id,
        to_version=version,
        from_version=active_classifier(version.project_id),
        is_rollback=version.state == VersionState.RETIRED,
        created_by=by,
    )
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
    """Switch the active version; false, and nothing changed, where runs came in since.

    Takes turns with runs that finish (see ``runs.services.store_results``): a run is either
    among ``predicted`` or finds the new version active.
    """
    lock_project(promotion.project_id)
    promotion.refresh_from_db()
    if promotion.state != WorkState.RUNNING:  # ended meanwhile
        return True
    if set(runs_with_people(promotion.project_id).values_list("pk", flat=True)) - predicted:
        return False
    promotion.from_version = classifiers.activate_classifier(version=promotion.to_version)
    promotion.state, promotion.finished_at = WorkState.DONE, timezone.now()
    promotion.save(update_fields=["from_version", "state", "finished_at"])
    _publish_promotion(promotion)
    return True


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
