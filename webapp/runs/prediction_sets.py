"""Prediction sets: written in pieces while nobody sees them, shown as a whole, removed later.

A set holds all that one classifier version says. Readers look at the set of the active version,
and that changes in one transaction; so a set is only ever seen whole.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from webapp.accounts.services import lock_project
from webapp.classifiers.models import ClassifierVersion
from webapp.core.versions import VersionState
from webapp.runs import selectors
from webapp.runs.models import (
    PipelineRun,
    PredictionSet,
    SegmentPrediction,
    SetState,
    VideoPrediction,
)
from webapp.runs.predictions import Shares, clip_shares, shares_of, verdicts

BATCH = 500
ROWS_REMOVED_AT_ONCE = 5000
KEPT = 2
"""So many sets that were shown last stay beside the active one: the way back is then at once."""
GRACE = timedelta(hours=1)
"""Nothing is removed sooner after it was needed: readers may still be at it."""


@dataclass(frozen=True)
class Outputs:
    """A classifier's raw outputs for N segments of whole clips.

    Attributes:
        segment_ids: int64 [N].
        run_ids: int64 [N], the run of each.
        weights: float64 [N], how much each says about its clip.
        values: float32 [N, L].
    """

    segment_ids: npt.NDArray[np.int64]
    run_ids: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    values: npt.NDArray[np.float32]


@transaction.atomic
def open_set(*, version: ClassifierVersion) -> PredictionSet:
    """The version's set, ready to be written to; what was said with other labels in use is void.

    The set of the active version is shown, so it is never emptied.
    """
    lock_project(version.project_id)
    found = _set_of(version)
    if found.label_ids != _labels_in_use(version) and not _is_active(version):
        _remove_rows(VideoPrediction.objects.filter(classifier=version))
        found.state, found.label_ids = SetState.BUILDING, _labels_in_use(version)
    found.last_needed_at = timezone.now()
    found.save()
    return found


@transaction.atomic
def store_outputs(*, classifier: ClassifierVersion, outputs: Outputs) -> None:
    """Store what a version says of some clips; what it said of them before is replaced.

    The lock holds off those who delete a video; runs that are gone already are passed over.
    """
    lock_project(classifier.project_id)
    found = _set_of(classifier)
    found.last_needed_at = timezone.now()
    found.save(update_fields=["last_needed_at"])
    outputs = _still_there(outputs)
    usable = selectors.usable_label_ids(classifier.project_id)
    shares = shares_of(outputs.values, classifier.label_ids)
    _store(SegmentPrediction, "segment", outputs.segment_ids, shares, usable, classifier)
    clips, of_clips = clip_shares(shares, outputs.run_ids, outputs.weights)
    _store(VideoPrediction, "run", clips, of_clips, usable, classifier)


def is_ready(version: ClassifierVersion) -> bool:
    """Whether the version's set could be shown at once."""
    found = PredictionSet.objects.filter(classifier=version, state=SetState.COMPLETE).first()
    fits = found is not None and found.label_ids == _labels_in_use(version)
    return fits and not selectors.runs_without(version).exists()


@transaction.atomic
def complete_set(*, version: ClassifierVersion, tried: Collection[int] = ()) -> bool:
    """Note that the set lacks nothing; false, and nothing changed, where it does.

    Under the project's lock, in the transaction that shows the set: a run that finishes is
    either in it already or finds the version active. Runs that were ``tried`` and yet have no
    row are those of which the version can say nothing.
    """
    lock_project(version.project_id)
    found = _set_of(version)
    missing = set(selectors.runs_without(version).values_list("pk", flat=True))
    if missing.difference(tried) or found.label_ids != _labels_in_use(version):
        return False
    found.state = SetState.COMPLETE
    found.completed_at = found.last_needed_at = timezone.now()
    found.clips = VideoPrediction.objects.filter(classifier=version).count()
    found.segments = SegmentPrediction.objects.filter(classifier=version).count()
    found.save()
    return True


def note_not_shown(version: ClassifierVersion) -> None:
    """The version is not active any more: from now on its set gets older."""
    PredictionSet.objects.filter(classifier=version).update(last_needed_at=timezone.now())


def remove_old_sets() -> int:
    """Remove sets that nobody needs, a few thousand rows at a time; returns how many sets."""
    return sum(_remove_set(found) for found in _old_sets())


def _old_sets() -> list[PredictionSet]:
    """Not shown, not among the last that were, and untouched for a while."""
    before = timezone.now() - GRACE
    sets = PredictionSet.objects.exclude(classifier__state=VersionState.ACTIVE)
    sets = sets.select_related("classifier").order_by("classifier__project_id", "-last_needed_at")
    old: list[PredictionSet] = []
    seen: dict[int, int] = {}
    for found in sets:
        project_id = found.classifier.project_id
        complete = found.state == SetState.COMPLETE
        seen[project_id] = seen.get(project_id, 0) + complete
        is_kept = complete and seen[project_id] <= KEPT
        if not is_kept and (found.last_needed_at is None or found.last_needed_at < before):
            old.append(found)
    return old


def _remove_set(found: PredictionSet) -> bool:
    """False where somebody needed it meanwhile: what is left of it will be completed."""
    rows = [model.objects.filter(classifier=found.classifier_id) for model in _ROWS]
    while True:
        with transaction.atomic():
            lock_project(found.classifier.project_id)
            same = PredictionSet.objects.filter(
                pk=found.pk, last_needed_at=found.last_needed_at
            ).exclude(classifier__state=VersionState.ACTIVE)
            if not same.update(state=SetState.BUILDING):
                return False
            if not any(_remove_some(part) for part in rows):
                same.delete()
                return True


_ROWS: Sequence[type[Model]] = (VideoPrediction, SegmentPrediction)
"""Clips first: what is left of a clip that has none is written anew with it."""


def _remove_some(rows: QuerySet[Any]) -> int:
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_REMOVED_AT_ONCE])
    return rows.model.objects.filter(pk__in=ids)._raw_delete(rows.db) if ids else 0


def _remove_rows(rows: QuerySet[Any]) -> None:
    rows._raw_delete(rows.db)


def _set_of(version: ClassifierVersion) -> PredictionSet:
    """The version's set; that of an active version is complete from its first clip on."""
    active = _is_active(version)
    defaults = {
        "state": SetState.COMPLETE if active else SetState.BUILDING,
        "feature_version": version.feature_version,
        "label_ids": _labels_in_use(version),
    }
    found, _ = PredictionSet.objects.get_or_create(classifier=version, defaults=defaults)
    return found


def _is_active(version: ClassifierVersion) -> bool:
    return ClassifierVersion.objects.filter(pk=version.pk, state=VersionState.ACTIVE).exists()


def _labels_in_use(version: ClassifierVersion) -> list[int]:
    return sorted(selectors.usable_label_ids(version.project_id))


def _still_there(outputs: Outputs) -> Outputs:
    asked = np.unique(outputs.run_ids).tolist()
    runs = PipelineRun.objects.filter(pk__in=asked).values_list("pk", flat=True)
    kept = np.isin(outputs.run_ids, list(runs))
    if kept.all():
        return outputs
    return Outputs(
        outputs.segment_ids[kept],
        outputs.run_ids[kept],
        outputs.weights[kept],
        outputs.values[kept],
    )


def _store(
    model: type[Any],
    subject: str,
    ids: npt.NDArray[np.int64],
    shares: Shares,
    usable: set[int],
    classifier: ClassifierVersion,
) -> None:
    """One row for each id of which something can be said, some hundred at a time."""
    said = verdicts(shares, usable)
    columns = (ids, said.label_ids, np.round(said.probabilities, 9), said.said)
    rows = zip(*(column.tolist() for column in columns), shares.stored(), strict=True)
    made = (
        model(
            **{f"{subject}_id": pk},
            classifier_id=classifier.pk,
            label_id=label_id,
            probability=probability,
            probabilities=stored,
        )
        for pk, label_id, probability, is_said, stored in rows
        if is_said
    )
    while part := list(islice(made, BATCH)):  # all at once would hold every row in memory
        model.objects.bulk_create(
            part,
            update_conflicts=True,
            unique_fields=[subject, "classifier"],
            update_fields=["label", "probability", "probabilities"],
        )
