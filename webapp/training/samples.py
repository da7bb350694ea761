"""Gathers what a project can learn from: the base set and its own judged segments."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery

from webapp.accounts.models import Project
from webapp.classifiers.models import ClassifierVersion
from webapp.labels.models import Label
from webapp.reviews.edit_models import Edit
from webapp.reviews.edits.examples import Example, examples_of
from webapp.reviews.models import Correction
from webapp.training.base import BaseFacts, base_facts
from webapp.training.models import Part, SceneRule
from webapp.training.scenes import Split, split_of


@dataclass(frozen=True)
class Gathered:
    """All there is to learn from at one moment, in an order that depends on content alone."""

    base: BaseFacts
    base_labels: dict[str, int]
    labels: dict[int, str]
    samples: list[dict[str, Any]]
    scene_rule: str
    skipped: int
    last_correction_id: int
    last_edit_id: int

    @property
    def content_hash(self) -> str:
        return hash_of(self.manifest)

    @property
    def manifest(self) -> dict[str, Any]:
        """All that decides the outcome, with everything that is needed to read it again."""
        return {
            "base_sha256": self.base.sha256,
            "feature_version": self.base.feature_version,
            "base_labels": self.base_labels,
            "labels": {str(pk): name for pk, name in self.labels.items()},
            "samples": self.samples,
            "scene_rule": self.scene_rule,
            "skipped": self.skipped,
        }

    @property
    def summary(self) -> dict[str, Any]:
        """Counts by label, part and source."""
        corrected = Counter((s["label_id"], s["part"]) for s in self.samples)
        names = {pk: name for name, pk in self.base_labels.items()}
        rows = [
            {
                "label_id": pk,
                "name": name,
                "base_train": self.base.train.get(names.get(pk, ""), 0),
                "base_eval": self.base.eval.get(names.get(pk, ""), 0),
                "corrected_train": corrected[pk, Part.TRAIN.value],
                "corrected_eval": corrected[pk, Part.EVAL.value],
            }
            for pk, name in self.labels.items()
        ]
        totals = {
            part: sum(row[f"base_{part}"] + row[f"corrected_{part}"] for row in rows)
            for part in Part.values
        }
        return {"labels": rows, **totals, "skipped": self.skipped}


def hash_of(manifest: dict[str, Any]) -> str:
    """The name of a set: a hash of what decides the outcome of a training on it.

    Ids of labels are part of it (each has an output), their names and order on a page are not.
    """
    keys = ("features_sha256", "feature_row", "label_id", "part")
    content = {
        "base_sha256": manifest["base_sha256"],
        "feature_version": manifest["feature_version"],
        "base_labels": manifest["base_labels"],
        "labels": [int(pk) for pk in manifest["labels"]],
        "samples": [[sample[key] for key in keys] for sample in manifest["samples"]],
    }
    if manifest.get("scene_rule", SceneRule.CLIP) != SceneRule.CLIP:
        content["groups"] = [sample["group"] for sample in manifest["samples"]]
    packed = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode()).hexdigest()


def gather(project: Project) -> Gathered:
    """Read everything; writes nothing. Videos without a part get the one they would be given.

    A corrected segment counts with its newest label, one that somebody drew with its own.
    Archived labels are left out, and so (counted as skipped) are segments described by another
    version of the features, or not yet described since somebody edited them.
    """
    base = base_facts()
    labels = {
        label.pk: label.name
        for label in Label.objects.filter(label_set__project=project, archived=False).order_by("pk")
    }
    last_correction_id, last_edit_id = _last_words(project)
    is_edited = last_edit_id > 0
    found = examples_of(
        project.pk, labels=labels, feature_version=base.feature_version, is_edited=is_edited
    )
    split = split_of(project, is_drawn=is_edited)
    samples = [_sample(example, split) for example in found.rows]
    samples.sort(key=lambda s: (s["features_sha256"], s["feature_row"], s["segment_id"] or 0))
    return Gathered(
        base=base,
        base_labels=base_label_ids(project, base, labels),
        labels=labels,
        samples=samples,
        scene_rule=split.rule,
        skipped=found.pending,
        last_correction_id=last_correction_id,
        last_edit_id=last_edit_id,
    )


def _last_words(project: Project) -> tuple[int, int]:
    """Ids of the newest correction and edit known to the set, those without effect too."""
    newest = [
        Subquery(kind.objects.filter(video__project=project).order_by("-pk").values("pk")[:1])
        for kind in (Correction, Edit)
    ]
    said, edited = Project.objects.filter(pk=project.pk).values_list(*newest).get()
    return said or 0, edited or 0


def _sample(example: Example, split: Split) -> dict[str, Any]:
    return {
        "segment_id": example.segment_id,
        "annotation": example.annotation,
        "video_id": example.video_id,
        "correction_id": example.correction_id,
        "label_id": example.label_id,
        "part": split.parts[example.video_id],
        "group": split.scenes[example.video_id],
        "features_file": example.features_file,
        "features_sha256": example.features_sha256,
        "feature_row": example.feature_row,
    }


def base_label_ids(project: Project, base: BaseFacts, labels: dict[int, str]) -> dict[str, int]:
    """The project's label in use for each label of the base set that it has one for.

    By name, and by the outputs of version 1, so that a renamed label keeps its examples.
    """
    by_name = {name.casefold(): pk for pk, name in labels.items()}
    first = ClassifierVersion.objects.filter(project=project, number=1).first()
    known = dict(zip(first.output_names, first.label_ids, strict=True)) if first else {}
    ours = {name: pk for name, pk in known.items() if pk in labels}
    found = {name: ours.get(name) or by_name.get(name.casefold()) for name in base.labels}
    return {name: pk for name, pk in found.items() if pk}
