"""Reads a whole library as columns of numbers, chunk by chunk: what orders and comparisons need.

100,000 segments are some 40 MB of arrays; no row objects are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from webapp.classifiers.models import ClassifierVersion
from webapp.reviews.selectors import standing_corrections
from webapp.reviews.sketches import SIZE, read_sketches, sketch_missing
from webapp.runs.models import PipelineRun, Segment, SegmentPrediction
from webapp.runs.selectors import current_runs, usable_label_ids
from webapp.videos.models import VideoState

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
AT_ONCE = 5000


@dataclass(frozen=True)
class Columns:
    """The segments that a project shows now, by ascending id.

    Attributes:
        ids, videos, runs: [N] ids of segment, video and run.
        weights: [N] how much a segment says about its clip; 0 for people in the background.
        ages: [N] seconds since an early time until the clip came, negated: larger is older.
        labels: [C] ids of the labels in use, in the order of ``probabilities``.
        probabilities: [N, C] of the version asked for; NaN where it said nothing.
        sketches: [N, 64]; zeros where there are no features.
        judged: [N] id of the standing correction, 0 where there is none.
        given: [N] id of the label that it gave, 0 where there is none.
    """

    ids: Ints
    videos: Ints
    runs: Ints
    weights: Floats
    ages: npt.NDArray[np.float64]
    labels: Ints
    probabilities: Floats
    sketches: Floats
    judged: Ints
    given: Ints

    def places(self, segment_ids: Sequence[int] | Ints) -> Ints:
        """The rows of these segments; those that are not here are left out."""
        wanted = np.asarray(segment_ids, np.int64)
        at = np.minimum(np.searchsorted(self.ids, wanted), max(len(self.ids) - 1, 0))
        return at[self.ids[at] == wanted] if len(self.ids) else at[:0]


def shown_runs(project_id: int) -> QuerySet[PipelineRun]:
    """The runs whose results the project's analysed clips show."""
    runs = current_runs(project_id).filter(video__state=VideoState.ANALYSED)
    return runs.order_by().values("pk")


def read_columns(project_id: int, classifier: ClassifierVersion | None) -> Columns:
    """Everything of the project's shown segments; missing sketches are made first."""
    runs = shown_runs(project_id)
    sketch_missing(run_ids=runs)
    rows = _read_segments(runs)
    ids = rows["id"]
    labels = np.array(sorted(usable_label_ids(project_id)), np.int64)
    sketches = np.zeros((len(ids), SIZE), np.float32)
    known, numbers = read_sketches(runs)
    _put(sketches, ids, known, numbers)
    judged, given = _read_judgements(runs, ids)
    return Columns(
        ids=ids,
        videos=rows["video"],
        runs=rows["run"],
        weights=rows["weight"].astype(np.float32),
        ages=-rows["time"],
        labels=labels,
        probabilities=read_probabilities(ids, runs, labels, classifier),
        sketches=sketches,
        judged=judged,
        given=given,
    )


def read_probabilities(
    ids: Ints, runs: QuerySet[PipelineRun], labels: Ints, classifier: ClassifierVersion | None
) -> Floats:
    """[N, C] shares of the labels in use, each row summing to 1; NaN where nothing was said."""
    out = np.full((len(ids), max(len(labels), 1)), np.nan, np.float32)
    if classifier is None or not len(labels):
        return out
    column = {str(label): place for place, label in enumerate(labels.tolist())}
    said = SegmentPrediction.objects.filter(classifier=classifier, segment__track__run__in=runs)
    found = said.order_by("segment_id").values_list("segment_id", "probabilities")
    part_ids: list[int] = []
    part = np.zeros((AT_ONCE, out.shape[1]), np.float32)
    for pk, shares in found.iterator(chunk_size=AT_ONCE):
        row = part[len(part_ids)]
        for label, share in shares.items():
            if (place := column.get(label)) is not None:
                row[place] = share
        part_ids.append(pk)
        if len(part_ids) == AT_ONCE:
            _put(out, ids, np.array(part_ids, np.int64), _as_shares(part))
            part_ids, part = [], np.zeros_like(part)
    _put(out, ids, np.array(part_ids, np.int64), _as_shares(part[: len(part_ids)]))
    return out


_SEGMENT = np.dtype(
    [("id", "i8"), ("video", "i8"), ("run", "i8"), ("weight", "f4"), ("time", "f8")]
)


def _read_segments(runs: QuerySet[PipelineRun]) -> npt.NDArray[Any]:
    found = (
        Segment.objects.filter(track__run__in=runs)
        .order_by("pk")
        .values_list(
            "pk", "track__run__video_id", "track__run_id", "weight", "track__run__video__created_at"
        )
    )
    rows = ((*row[:4], row[4].timestamp()) for row in found.iterator(chunk_size=AT_ONCE))
    return np.fromiter(rows, _SEGMENT)


def _read_judgements(runs: QuerySet[PipelineRun], ids: Ints) -> tuple[Ints, Ints]:
    rows = standing_corrections().filter(segment__track__run__in=runs).order_by()
    found = np.fromiter(
        rows.values_list("segment_id", "pk", "label_id").iterator(chunk_size=AT_ONCE),
        np.dtype([("segment", "i8"), ("correction", "i8"), ("label", "i8")]),
    )
    judged, given = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64)
    _put(judged, ids, found["segment"], found["correction"])
    _put(given, ids, found["segment"], found["label"])
    return judged, given


def _put(out: npt.NDArray[Any], ids: Ints, known: Ints, values: npt.NDArray[Any]) -> None:
    """Write the values of known ids into the rows of those that are in ``ids`` (ascending)."""
    if not len(ids) or not len(known):
        return
    at = np.minimum(np.searchsorted(ids, known), len(ids) - 1)
    fits = ids[at] == known
    out[at[fits]] = values[fits]


def _as_shares(rows: Floats) -> Floats:
    totals = rows.sum(axis=1, keepdims=True)
    return np.where(totals > 1e-9, rows / np.maximum(totals, 1e-9), np.nan).astype(np.float32)
