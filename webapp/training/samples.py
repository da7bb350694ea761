"""Gathers what a project can learn from: the base set and its own corrected segments."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from webapp.accounts.models import Project
from webapp.classifiers.models import ClassifierVersion
from webapp.labels.models import Label
from webapp.reviews.models import Correction
from webapp.reviews.selectors import newest_corrections
from webapp.runs.models import Segment
from webapp.runs.selectors import current_runs
from webapp.training.base import BaseFacts, base_facts
from webapp.training.models import Part, VideoPart

EVAL_EVERY = 5
"""Of every five videos that are corrected to a label first, the fifth is for evaluation."""


@dataclass(frozen=True)
class Gathered:
    """All there is to learn from at one moment, in an order that depends on content alone."""

    base: BaseFacts
    base_labels: dict[str, int]
    labels: dict[int, str]
    samples: list[dict[str, Any]]
    skipped: int
    last_correction_id: int

    @property
    def content(self) -> dict[str, Any]:
        """What decides the outcome of a training; the set is named by its hash."""
        keys = ("features_sha256", "feature_row", "label_id", "part")
        return {
            "base_sha256": self.base.sha256,
            "feature_version": self.base.feature_version,
            "base_labels": self.base_labels,
            "samples": [[sample[key] for key in keys] for sample in self.samples],
        }

    @property
    def content_hash(self) -> str:
        packed = json.dumps(self.content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(packed.encode()).hexdigest()

    @property
    def manifest(self) -> dict[str, Any]:
        """The content with everything that is needed to read it again."""
        return {
            "base_sha256": self.base.sha256,
            "feature_version": self.base.feature_version,
            "base_labels": self.base_labels,
            "labels": {str(pk): name for pk, name in self.labels.items()},
            "samples": self.samples,
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


def gather(project: Project) -> Gathered:
    """Read everything; writes nothing. Videos without a part get the one they would be given.

    A corrected segment counts with its newest label. Archived labels are left out, and so
    (counted as skipped) are segments described by another version of the features.
    """
    base = base_facts()
    labels = {
        label.pk: label.name
        for label in Label.objects.filter(label_set__project=project, archived=False)
    }
    corrections = newest_corrections(segment__track__run__in=current_runs(project.pk).values("pk"))
    segments = Segment.objects.filter(pk__in=corrections).select_related("track__run")
    parts = parts_of(project)
    samples, skipped = [], 0
    for segment in segments:
        correction = corrections[segment.pk]
        if correction.label_id not in labels:
            continue
        if segment.track.run.feature_version != base.feature_version:
            skipped += 1
            continue
        samples.append(_sample(segment, correction, parts[correction.video_id]))
    samples.sort(key=lambda s: (s["features_sha256"], s["feature_row"], s["segment_id"]))
    return Gathered(
        base=base,
        base_labels=base_label_ids(project, base, labels),
        labels=labels,
        samples=samples,
        skipped=skipped,
        last_correction_id=max((row.pk for row in corrections.values()), default=0),
    )


def _sample(segment: Segment, correction: Correction, part: str) -> dict[str, Any]:
    run = segment.track.run
    return {
        "segment_id": segment.pk,
        "video_id": correction.video_id,
        "correction_id": correction.pk,
        "label_id": correction.label_id,
        "part": part,
        "features_file": run.features_file,
        "features_sha256": run.features_sha256,
        "feature_row": segment.feature_row,
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


def parts_of(project: Project) -> dict[int, str]:
    """The part of each corrected video: the one it was given, else the one it is due."""
    first: dict[int, int] = {}
    rows = Correction.objects.filter(video__project=project).order_by("pk")
    for video_id, label_id in rows.values_list("video_id", "label_id").iterator():
        first.setdefault(video_id, label_id)
    given = dict(VideoPart.objects.filter(video__project=project).values_list("video_id", "part"))
    seen: Counter[int] = Counter()
    parts: dict[int, str] = {}
    for video_id, label_id in first.items():
        seen[label_id] += 1
        due = Part.EVAL if seen[label_id] % EVAL_EVERY == 0 else Part.TRAIN
        parts[video_id] = given.get(video_id, due.value)
    return parts
