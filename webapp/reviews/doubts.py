"""Labels given by people that all else speaks against: likely mistakes, surest first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.cache import cache
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from webapp.classifiers.models import ClassifierVersion
from webapp.labels.models import Label
from webapp.reviews.columns import read_probabilities, shown_runs
from webapp.reviews.entries import percent, segments_in_words
from webapp.reviews.models import Correction
from webapp.reviews.second_opinion import Examples, out_of_fold, suspects
from webapp.reviews.selectors import label_state, standing_corrections
from webapp.reviews.vectors import Vectors, base_rows, vectors_of

MOST_JUDGED = 20_000
MOST_SHOWN = 200
KEPT_S = 900
OUT_OF_FOLD, ACTIVE = "out_of_fold", "active"


@dataclass(frozen=True)
class Doubt:
    """A judged segment and the label that it looks like.

    ``source``: who says so, a model that never saw the segment's clip (``out_of_fold``) or the
    active version, where it was trained before the label was given (``active``).
    """

    segment: int
    correction: int
    looks_like: int
    probability: float
    given_probability: float
    lead: float
    source: str


def doubts_of(project_id: int, classifier: ClassifierVersion | None) -> list[Doubt]:
    """The likely mistakes among what people have judged; made once for each state of it."""
    rows = Correction.objects.filter(video__project_id=project_id)
    state = rows.aggregate(newest=Max("pk"), count=Count("pk"))
    version = classifier.pk if classifier else None
    key = f"review-doubts:{project_id}:{version}:{state['newest']}:{state['count']}"
    found = cache.get(key)
    if found is None:
        found = _doubts(project_id, classifier)
        cache.set(key, found, KEPT_S)
    return found


def doubts_in_words(
    doubts: Sequence[Doubt], project_id: int, classifier: ClassifierVersion | None
) -> list[dict[str, Any]]:
    """The entries that a page shows, in a fixed number of queries."""
    segments = segments_in_words([doubt.segment for doubt in doubts], project_id, classifier)
    given = Correction.objects.filter(pk__in=[doubt.correction for doubt in doubts])
    corrections = given.select_related("label", "author").in_bulk()
    labels = Label.objects.in_bulk([doubt.looks_like for doubt in doubts])
    found = []
    for doubt in doubts:
        row = corrections.get(doubt.correction)
        if row is None or doubt.segment not in segments:
            continue
        looks_like = labels[doubt.looks_like]
        found.append(
            segments[doubt.segment]
            | {
                "given": label_state(row.label),
                "given_probability": doubt.given_probability,
                "looks_like": label_state(looks_like),
                "looks_like_probability": doubt.probability,
                "author": row.author.get_username(),
                "judged_at": row.created_at,
                "source": doubt.source,
                "score": doubt.lead,
                "why": _why(doubt, row.label.name, looks_like.name),
            }
        )
    return found


def _why(doubt: Doubt, given: str, looks_like: str) -> str:
    figures = (
        f"{looks_like} {percent(doubt.probability)}, {given} {percent(doubt.given_probability)}"
    )
    if doubt.source == OUT_OF_FOLD:
        return _("Going by all other labelled clips: %(figures)s.") % {"figures": figures}
    text = _("The active version, which had not learnt from this label: %(figures)s.")
    return text % {"figures": figures}


def _doubts(project_id: int, classifier: ClassifierVersion | None) -> list[Doubt]:
    runs = shown_runs(project_id)
    judged = standing_corrections().filter(segment__track__run__in=runs)
    rows = list(judged.filter(label__archived=False).order_by("-pk")[:MOST_JUDGED])
    rows.sort(key=lambda row: row.segment_id)
    if not rows:
        return []
    labels = np.array(sorted(_labels(project_id)), np.int64)
    given = np.searchsorted(labels, [row.label_id for row in rows])
    said, sources = _opinions(rows, labels, given, runs, classifier)
    suspect, against, lead = suspects(said, given)
    found = [
        Doubt(
            segment=rows[at].segment_id,
            correction=rows[at].pk,
            looks_like=int(labels[other]),
            probability=round(float(said[at, other]), 4),
            given_probability=round(float(said[at, given[at]]), 4),
            lead=round(float(ahead), 4),
            source=sources[at],
        )
        for at, other, ahead in zip(suspect.tolist(), against.tolist(), lead, strict=True)
    ]
    return _without_checked(found)[:MOST_SHOWN]


def _labels(project_id: int) -> set[int]:
    labels = Label.objects.filter(label_set__project_id=project_id, archived=False)
    return set(labels.values_list("pk", flat=True))


def _opinions(
    rows: Sequence[Correction],
    labels: npt.NDArray[np.int64],
    given: npt.NDArray[np.int64],
    runs: Any,
    classifier: ClassifierVersion | None,
) -> tuple[npt.NDArray[np.float32], list[str]]:
    """[N, C] and whose they are: out of fold where possible, else the active version's."""
    ids = np.array([row.segment_id for row in rows], np.int64)
    said = np.full((len(rows), len(labels)), np.nan, np.float32)
    sources = [ACTIVE] * len(rows)
    if classifier is not None:
        active = read_probabilities(ids, runs, labels, classifier)
        fresh = [row.created_at > classifier.created_at for row in rows]
        said[fresh] = active[fresh]
    vectors = vectors_of(ids.tolist())
    at = np.searchsorted(ids, vectors.ids)
    videos = np.array([rows[place].video_id for place in at], np.int64)
    opinion = _out_of_fold(vectors, given[at], videos, labels)
    for place, row in zip(at, opinion if opinion is not None else [], strict=False):
        if np.isfinite(row).all():
            said[place], sources[place] = row, OUT_OF_FOLD
    return said, sources


def _out_of_fold(
    vectors: Vectors,
    given: npt.NDArray[np.int64],
    videos: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32] | None:
    if not len(vectors.ids):
        return None
    own = Examples(vectors.features, given, videos, np.ones(len(given), np.float32))
    return out_of_fold(own, _base_examples(vectors, labels), len(labels))


def _base_examples(vectors: Vectors, labels: npt.NDArray[np.int64]) -> Examples | None:
    """The base set's rows of labels that the project has, by name."""
    base = base_rows()
    if base is None or base.version != vectors.version:
        return None
    names = {
        label.name.casefold(): int(np.searchsorted(labels, label.pk))
        for label in Label.objects.filter(pk__in=labels.tolist())
    }
    column = np.array([names.get(name.casefold(), -1) for name in base.names], np.int64)
    kept = column >= 0
    if not kept.any():
        return None
    groups = np.zeros(int(kept.sum()), np.int64)
    return Examples(base.features[kept], column[kept], groups, base.weights[kept])


def _without_checked(doubts: Sequence[Doubt]) -> list[Doubt]:
    """Without those whose label two judgements in a row gave: somebody has looked twice."""
    history: dict[int, list[int]] = defaultdict(list)
    rows = Correction.objects.filter(segment_id__in=[doubt.segment for doubt in doubts])
    for segment, label in rows.order_by("-pk").values_list("segment_id", "label_id"):
        history[segment].append(label)
    return [
        doubt for doubt in doubts if len(said := history[doubt.segment]) < 2 or said[0] != said[1]
    ]
