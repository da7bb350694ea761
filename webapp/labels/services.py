"""Changes to a project's labels; each makes a new version of its label set."""

import re
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from webapp.accounts.models import Project
from webapp.core.errors import Conflict, Refused
from webapp.jobs import events
from webapp.labels.models import Label, LabelSet, Overlap

HOTKEYS = "1234567890-"

# The actions of ARID in alphabetical order. The colours keep apart for the common kinds of
# colour blindness (they differ in lightness too) and show on dark video: contrast against
# #101418 is at least 4.5 for each.
ARID = [
    ("Drink", "#4cc9f0"),
    ("Jump", "#ffd166"),
    ("Pick", "#ef6f6c"),
    ("Pour", "#7b9cff"),
    ("Push", "#06d6a0"),
    ("Run", "#ff9f1c"),
    ("Sit", "#c77dff"),
    ("Stand", "#f4f1de"),
    ("Turn", "#f48fb1"),
    ("Walk", "#9ef01a"),
    ("Wave", "#a98467"),
]


@transaction.atomic
def create_label_set(*, project: Project) -> LabelSet:
    """The project's label set; an empty one is made where there is none."""
    label_set, _ = LabelSet.objects.get_or_create(project=project)
    return label_set


@transaction.atomic
def create_arid_labels(project: Project) -> LabelSet:
    """Give the project ARID's eleven actions; running it twice adds nothing."""
    label_set = create_label_set(project=project)
    for order, (name, colour) in enumerate(ARID):
        Label.objects.get_or_create(
            label_set=label_set,
            name=name,
            defaults={"colour": colour, "hotkey": HOTKEYS[order], "order": order},
        )
    return label_set


@transaction.atomic
def set_overlap(*, label_set: LabelSet, overlap: str) -> LabelSet:
    """Which segments of people may lie over each other; what is drawn already stays."""
    _lock(label_set)
    if overlap not in Overlap.values:
        expected = ", ".join(Overlap.values)
        raise Refused("bad_overlap", f"Expected one of {expected}, got {overlap!r}.")
    LabelSet.objects.filter(pk=label_set.pk).update(overlap=overlap)
    _note_change(label_set)
    label_set.refresh_from_db(fields=["overlap"])
    return label_set


@transaction.atomic
def create_label(
    *, label_set: LabelSet, name: str, colour: str, hotkey: str = "", order: int | None = None
) -> Label:
    _lock(label_set)
    if order is None:
        last = label_set.labels.aggregate(last=Max("order"))["last"]
        order = 0 if last is None else last + 1
    label = Label(label_set=label_set)
    _set(label, name=name, colour=colour, hotkey=hotkey, order=order)
    label.save()
    _note_change(label_set)
    return label


@transaction.atomic
def change_label(*, label: Label, **changes: Any) -> Label:
    """Change any of ``name, colour, hotkey, order, archived``; labels are never deleted."""
    _lock(label.label_set)
    label = Label.objects.get(pk=label.pk)
    _set(label, **changes)
    label.save()
    _note_change(label.label_set)
    return label


def _lock(label_set: LabelSet) -> None:
    """Changes to a set take turns, so that a name or key is found taken, not refused below."""
    LabelSet.objects.select_for_update().get(pk=label_set.pk)


def _set(label: Label, **fields: Any) -> None:
    """Put checked values on the label."""
    for name, value in fields.items():
        setattr(label, name, value.strip() if isinstance(value, str) else value)
    label.colour = label.colour.lower()
    label.hotkey = label.hotkey.lower()
    if not label.name:
        raise Refused("bad_name", "Expected a name for the label, got an empty one.")
    if not re.fullmatch(r"#[0-9a-f]{6}", label.colour):
        raise Refused("bad_colour", f"Expected a colour such as #4cc9f0, got {label.colour!r}.")
    if label.hotkey and label.hotkey not in HOTKEYS:
        raise Refused(
            "bad_hotkey",
            f"Expected one of the keys {' '.join(HOTKEYS)} or none, got {label.hotkey!r}.",
        )
    _expect_free(label)


def _expect_free(label: Label) -> None:
    others = Label.objects.filter(label_set_id=label.label_set_id).exclude(pk=label.pk)
    if others.filter(name__iexact=label.name).exists():
        raise Conflict("name_taken", f"There is a label {label.name!r} already.")
    if label.archived or not label.hotkey:
        return
    holder = others.filter(hotkey=label.hotkey, archived=False).first()
    if holder:
        raise Conflict(
            "hotkey_taken", f"The key {label.hotkey!r} belongs to the label {holder.name!r}."
        )


def _note_change(label_set: LabelSet) -> None:
    LabelSet.objects.filter(pk=label_set.pk).update(version=F("version") + 1)
    label_set.refresh_from_db(fields=["version"])
    events.publish(label_set.project_id, "labels", id=label_set.pk, version=label_set.version)
