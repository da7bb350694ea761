"""Suggests the label of a judged segment for those that are nearly the same; people decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.utils.translation import gettext as _

from webapp.accounts.models import User
from webapp.classifiers.models import ClassifierVersion
from webapp.core.errors import Refused
from webapp.reviews.columns import shown_runs
from webapp.reviews.entries import segments_in_words
from webapp.reviews.models import Correction, Dismissal
from webapp.reviews.ordering import MOST_ANCHORS, ROWS_AT_ONCE, TINY
from webapp.reviews.selectors import label_state, standing_corrections
from webapp.reviews.services import record_correction
from webapp.reviews.sketches import read_sketches, sketch_missing, standardised
from webapp.reviews.vectors import vectors_of
from webapp.runs.models import Segment

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

NEAR = 0.15
"""Cosine distance of standardised features: of ARID's 150 training clips 26 have another so near,
and all of them its label."""
FARTHEST_ASKED = 0.5
SLACK = 0.12
"""What sketches may be wrong by, about three standard deviations at that distance."""
MOST_SHOWN = 200


@dataclass(frozen=True)
class Suggestion:
    """A segment that nobody has judged, the judged one it is like, and how far it is from that."""

    segment: int
    like: int
    correction: int
    label: int
    distance: float


def suggestions_of(
    project_id: int, *, like: int | None = None, distance: float = NEAR
) -> list[Suggestion]:
    """What the judged segments (or one, ``like``) suggest for others, nearest first."""
    runs = shown_runs(project_id)
    judged = standing_corrections().filter(segment__track__run__in=runs, label__archived=False)
    sources = judged if like is None else judged.filter(segment=like)
    anchors = {row.segment_id: row for row in sources.order_by("-pk")[:MOST_ANCHORS]}
    if not anchors:
        return []
    sketch_missing(run_ids=runs)
    ids, sketches = read_sketches(runs)
    known = np.array(sorted(set(judged.values_list("segment_id", flat=True))), np.int64)
    free = ~np.isin(ids, known)
    is_anchor = np.isin(ids, np.array(list(anchors), np.int64))
    pairs = near_pairs(sketches[free], sketches[is_anchor], distance + SLACK)
    found = [
        (int(ids[free][at]), int(ids[is_anchor][anchor])) for at, anchor in pairs[: 2 * MOST_SHOWN]
    ]
    return _not_dismissed(_checked(found, anchors, distance))[:MOST_SHOWN]


def near_pairs(rows: Floats, anchors: Floats, distance: float) -> list[tuple[int, int]]:
    """(row, its nearest anchor) of all within a cosine distance, nearest first; zeros never are."""
    rows, rows_known = _units(rows)
    anchors, anchors_known = _units(anchors)
    best, nearest = np.full(len(rows), -1.0, np.float32), np.zeros(len(rows), np.int64)
    for start in range(0, len(rows) if len(anchors) else 0, ROWS_AT_ONCE):
        cosine = rows[start : start + ROWS_AT_ONCE] @ anchors.T
        cosine[:, ~anchors_known] = -1.0
        nearest[start : start + ROWS_AT_ONCE] = cosine.argmax(axis=1)
        best[start : start + ROWS_AT_ONCE] = cosine.max(axis=1)
    near = np.flatnonzero(rows_known & (1.0 - best <= distance))
    near = near[np.argsort(-best[near], kind="stable")]
    return [(int(at), int(nearest[at])) for at in near]


def suggestions_in_words(
    suggestions: Sequence[Suggestion], project_id: int, classifier: ClassifierVersion | None
) -> list[dict[str, Any]]:
    """The entries that a page shows, in a fixed number of queries."""
    ids = {pk for one in suggestions for pk in (one.segment, one.like)}
    segments = segments_in_words(sorted(ids), project_id, classifier)
    given = Correction.objects.filter(pk__in=[one.correction for one in suggestions])
    corrections = given.select_related("label", "author").in_bulk()
    found = []
    for one in suggestions:
        row = corrections.get(one.correction)
        if row is None or one.segment not in segments or one.like not in segments:
            continue
        source = segments[one.like]
        found.append(
            segments[one.segment]
            | {
                "suggested": label_state(row.label),
                "correction": row.pk,
                "like": {
                    name: source[name]
                    for name in ("segment", "video", "name", "person", "start_frame", "end_frame")
                },
                "author": row.author.get_username(),
                "distance": one.distance,
                "why": _why(one.distance, source["name"], row),
            }
        )
    return found


def _why(distance: float, clip: str, said: Correction) -> str:
    text = _(
        "Nearly the same movement (distance %(distance)s) as %(clip)s, which %(author)s called "
        "%(label)s."
    )
    author = said.author.get_username()
    figures = {"distance": f"{distance:.2f}", "clip": clip, "author": author}
    return text % (figures | {"label": said.label.name})


def accept_suggestion(
    *, segment: Segment, source: Correction, by: User, expected_version: int
) -> Correction:
    """Give the segment the label of a judged one: a correction like any other."""
    _expect_same_project(segment, source)
    return record_correction(
        segment=segment,
        label=source.label,
        by=by,
        expected_version=expected_version,
        note=f"like segment {source.segment_id}",
    )


@transaction.atomic
def dismiss_suggestion(*, segment: Segment, source: Correction, by: User) -> Dismissal:
    """Never suggest this label for the segment again; twice is as good as once."""
    _expect_same_project(segment, source)
    dismissal, _ = Dismissal.objects.get_or_create(
        segment=segment, label=source.label, defaults={"source": source, "author": by}
    )
    return dismissal


def _expect_same_project(segment: Segment, source: Correction) -> None:
    if source.video.project_id != segment.track.run.video.project_id:
        raise Refused("unknown_correction", "Expected a correction of this project.")


def _checked(
    pairs: Sequence[tuple[int, int]], anchors: dict[int, Correction], distance: float
) -> list[Suggestion]:
    """Those that are near by their whole features too, nearest first."""
    vectors = vectors_of(sorted({pk for pair in pairs for pk in pair}))
    units, _ = _units(standardised(vectors.features, vectors.version))
    place = {int(pk): at for at, pk in enumerate(vectors.ids)}
    found = []
    for pk, like in pairs:
        if pk not in place or like not in place:
            continue
        apart = float(1.0 - units[place[pk]] @ units[place[like]])
        if apart <= distance:
            row = anchors[like]
            found.append(Suggestion(pk, like, row.pk, row.label_id, round(max(apart, 0.0), 4)))
    return sorted(found, key=lambda one: (one.distance, one.segment))


def _not_dismissed(found: Sequence[Suggestion]) -> list[Suggestion]:
    rows = Dismissal.objects.filter(segment_id__in=[one.segment for one in found])
    dismissed = set(rows.values_list("segment_id", "label_id"))
    return [one for one in found if (one.segment, one.label) not in dismissed]


def _units(rows: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Rows of length 1, and which had a length at all."""
    if rows.size == 0:
        return rows, np.zeros(len(rows), bool)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(lengths, TINY), lengths[:, 0] > 1e-6
