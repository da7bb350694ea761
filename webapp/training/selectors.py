"""Questions about training: what is new, what is known, what is running."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from webapp.accounts.models import Project
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier, known_label_ids
from webapp.core.errors import Conflict
from webapp.core.models import UNFINISHED
from webapp.labels.models import Label, LabelSet, Overlap
from webapp.reviews.edit_models import Edit
from webapp.reviews.models import Correction
from webapp.training import services
from webapp.training.models import Promotion, TrainingRun, TrainingSet
from webapp.training.samples import Gathered, gather

CARRIED_OVER = "carried over from run "
JUDGING = ("segment", "review")
"""Families of edits that are judgements; joints and tracks change what is learned, too."""


@dataclass(frozen=True)
class LabelExamples:
    """A label and what there is of it."""

    label: Label
    base_examples: int
    corrected_examples: int
    known_to_model: bool

    @property
    def examples(self) -> int:
        return self.base_examples + self.corrected_examples


def label_examples(
    project: Project, gathered: Gathered, active: ClassifierVersion | None
) -> list[LabelExamples]:
    """Every label of the project, archived ones too, in their order."""
    known = known_label_ids(active) - _empty_outputs(active)
    base = {pk: gathered.base.examples(name) for name, pk in gathered.base_labels.items()}
    corrected = Counter(sample["label_id"] for sample in gathered.samples)
    labels = Label.objects.filter(label_set__project=project)
    return [
        LabelExamples(label, base.get(label.pk, 0), corrected[label.pk], label.pk in known)
        for label in labels
    ]


def _empty_outputs(version: ClassifierVersion | None) -> set[int]:
    """Labels whose output the version has learned nothing for: there was no example of them."""
    if version is None:
        return set()
    run = TrainingRun.objects.filter(candidate=version).select_related("training_set").first()
    if run is None:
        return set()
    rows = run.training_set.summary["labels"]
    return {row["label_id"] for row in rows if not row["base_train"] + row["corrected_train"]}


def label_set_state(project: Project) -> dict[str, Any]:
    """The label set as the API shows it."""
    label_set = LabelSet.objects.filter(project=project).first()
    rows = label_examples(project, gather(project), active_classifier(project.pk))
    names = ("id", "name", "colour", "hotkey", "order", "archived")
    return {
        "version": label_set.version if label_set else 0,
        "overlap": label_set.overlap if label_set else Overlap.PER_PERSON,
        "labels": [
            {name: getattr(row.label, name) for name in names}
            | {"examples": row.examples, "known_to_model": row.known_to_model}
            for row in rows
        ],
    }


def training_state(project: Project) -> dict[str, Any]:
    """What is new since the active version, and whether a training is worth while."""
    active = active_classifier(project.pk)
    gathered = gather(project)
    running = training_runs_of(project.pk).filter(state__in=UNFINISHED).first()
    outdated = bool(gathered.skipped) or services.is_outdated(active)
    code, reason = _reason_not_to(project, gathered, outdated, running)
    rows = label_examples(project, gathered, active)
    return {
        "active": active,
        "new_corrections": new_corrections(project.pk, active, gathered.last_edit_id),
        "corrected_segments": len(gathered.samples),
        "skipped_segments": gathered.skipped,
        "labels": [row for row in rows if not row.label.archived],
        "can_train": not code,
        "reason_code": code,
        "reason": reason,
        "notice": _notice(active),
        "running": running,
        "latest": training_runs_of(project.pk).first(),
    }


def new_corrections(project_id: int, active: ClassifierVersion | None, newest_edit: int) -> int:
    """What people have said since the set of the active version was frozen."""
    runs = TrainingRun.objects.filter(candidate=active).select_related("training_set")
    run = runs.first() if active else None
    known = run.training_set if run else TrainingSet()
    said = _corrections_since(project_id, known.last_correction_id)
    if newest_edit > known.last_edit_id:
        said += _segments_edited_since(project_id, known.last_edit_id)
    return said


def corrections_since_training(project_id: int) -> int:
    """What people have said since a set was frozen last, whatever became of it."""
    frozen = TrainingSet.objects.filter(project_id=project_id)
    last = frozen.aggregate(said=Max("last_correction_id"), edited=Max("last_edit_id"))
    said = _corrections_since(project_id, last["said"] or 0)
    return said + _segments_edited_since(project_id, last["edited"] or 0)


def _corrections_since(project_id: int, last_correction_id: int) -> int:
    rows = Correction.objects.filter(video__project_id=project_id, pk__gt=last_correction_id)
    return rows.exclude(note__startswith=CARRIED_OVER).count()


def _segments_edited_since(project_id: int, last_edit_id: int) -> int:
    """Segments that were drawn, changed or decided on, each once."""
    edits = Edit.objects.filter(video__project_id=project_id, pk__gt=last_edit_id)
    drawn = edits.filter(family__in=JUDGING).order_by().values("video", "family", "target")
    return drawn.distinct().count()


def _notice(active: ClassifierVersion | None) -> str:
    if active is None or not services.is_outdated(active):
        return ""
    text = _(
        "Version %(number)d reads an older description of skeletons than this installation "
        "writes: new clips get no predictions. Retrain, and promote the new version."
    )
    return text % {"number": active.number}


def _reason_not_to(
    project: Project, gathered: Gathered, outdated: bool, running: TrainingRun | None
) -> tuple[str, str]:
    """Code and sentence of why a training would be refused; empty where it would not be."""
    if running is not None:
        return "already_training", _("A training is running already: wait for it.")
    found = TrainingSet.objects.filter(project=project, content_hash=gathered.content_hash).first()
    is_known = found is not None and not gathered.skipped
    done = services.already_trained(training_set=found, seed=0, config={}) if is_known else None
    try:
        services.expect_something_new(corrected=len(gathered.samples), outdated=outdated, done=done)
    except Conflict as refusal:
        return refusal.code, refusal.message
    return "", ""


def training_runs_of(project_id: int) -> QuerySet[TrainingRun]:
    """All runs, newest first."""
    return (
        TrainingRun.objects.filter(project_id=project_id)
        .select_related("job", "candidate__created_by", "baseline__created_by", "training_set")
        .select_related("created_by")
        .order_by("-pk")
    )


def promotions_of(project_id: int) -> QuerySet[Promotion]:
    """Who made which version active and when, newest first."""
    return (
        Promotion.objects.filter(project_id=project_id)
        .select_related("job", "to_version", "from_version", "created_by")
        .order_by("-pk")
    )
