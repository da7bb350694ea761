"""The review queue: which segments nobody has judged, in an order, and why each is where it is.

The order is made anew after every so many judgements, as a batch: within a batch what was skipped
stays behind, and what was judged keeps its place for whoever goes on from there.
"""

import hashlib
import threading
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.cache import cache
from django.db.models import Count, Max

from webapp.classifiers.models import ClassifierVersion
from webapp.core.versions import VersionState
from webapp.labels.models import LabelSet
from webapp.reviews.columns import Columns, read_columns, read_probabilities, shown_runs
from webapp.reviews.edits.verdicts import verdicts_of
from webapp.reviews.models import Correction
from webapp.reviews.ordering import rank
from webapp.reviews.selectors import standing_corrections
from webapp.runs.models import PipelineRun, SegmentPrediction

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

EVERYONE, MAIN = "everyone", "main"
WHO = (MAIN, EVERYONE)
"""``main``: people who stand for their clip; ``everyone``: those in the background as well."""

LEAST_BATCH, MOST_BATCH = 10, 200
SPARE = 50
KEPT_S = 900
NO_OTHER = "No other version has judged these clips yet: ordered by how unsure this one is."


@dataclass(frozen=True)
class Asked:
    """All that decides an order: the same again gives the same order."""

    project_id: int
    kind: str
    who: str
    classifier_id: int | None
    other_id: int | None
    labels_version: int
    runs: tuple[int, int]
    said: int
    learnt_from: int


@dataclass(frozen=True)
class Queue:
    """Segments in order [M], with what the order went by; ``asked`` tells of what.

    ``segments`` holds those judged since the order was made as well; ``judged`` names them.
    """

    asked: Asked
    segments: Ints
    videos: Ints
    score: Floats
    uncertainty: Floats
    novelty: Floats
    disagreement: Floats
    labelled: int
    judged: frozenset[int]
    notice: str = ""

    @property
    def remaining(self) -> int:
        return len(self.segments) - len(self.judged)


def review_queue(
    project_id: int,
    *,
    classifier: ClassifierVersion | None,
    kind: str = "mixed",
    who: str = MAIN,
) -> Queue:
    """The project's queue now; ``kind`` as in ``ordering.KINDS``."""
    other = other_version(project_id, classifier) if kind == "disagreement" else None
    asked = _asked(project_id, kind, who, classifier, other)
    with _turn:  # of two people who open the queue, one makes the order
        made = _kept_order(asked)
    since = standing_corrections().filter(video__project_id=project_id, pk__gt=asked.learnt_from)
    judged = set(since.values_list("segment_id", flat=True)) & set(made.segments.tolist())
    judged |= _decided(project_id, made)
    notice = NO_OTHER if kind == "disagreement" and other is None else ""
    return replace(made, judged=frozenset(judged), notice=notice)


def _decided(project_id: int, queue: Queue) -> set[int]:
    """Segments of decided clips, decided segments, and those that people drew anew."""
    verdicts = verdicts_of(project_id)
    at_rest = verdicts.segments | verdicts.replaced
    done = np.isin(queue.videos, list(verdicts.clips)) | np.isin(queue.segments, list(at_rest))
    return set(queue.segments[done].tolist())


def following(queue: Queue, *, segment: int | None = None, video: int | None = None) -> int | None:
    """The segment that comes behind a segment, or behind a video's first one, round and round.

    None where nothing else is left. Past a video the next one of another video is meant.
    """
    place = place_of(queue, segment)
    if place is None and video is not None:
        place = next(iter(np.flatnonzero(queue.videos == video).tolist()), None)
    start = 0 if place is None else place + 1
    for at in chain(range(start, len(queue.segments)), range(start)):
        pk = int(queue.segments[at])
        is_same = pk == segment if segment is not None else queue.videos[at] == video
        if pk not in queue.judged and not is_same:
            return pk
    return None


def place_of(queue: Queue, segment: int | None) -> int | None:
    """Place of a segment in the order; None where it is not in it."""
    places = np.flatnonzero(queue.segments == segment) if segment is not None else []
    return int(places[0]) if len(places) else None


def video_of(queue: Queue, segment: int | None) -> int | None:
    """The video of a segment of the queue."""
    place = place_of(queue, segment)
    return None if place is None else int(queue.videos[place])


def compared_with(queue: Queue) -> ClassifierVersion | None:
    """The other version, where the order goes by disagreement."""
    return ClassifierVersion.objects.filter(pk=queue.asked.other_id).first()


def places_left(queue: Queue, *, start: int, count: int) -> list[int]:
    """Places in ``segments`` of a page of those that are not judged."""
    left = (place for place, pk in enumerate(queue.segments) if pk not in queue.judged)
    return list(islice(left, start, start + count))


def other_version(
    project_id: int, classifier: ClassifierVersion | None
) -> ClassifierVersion | None:
    """The version that was active last before this one and whose predictions are still kept."""
    versions = ClassifierVersion.objects.filter(
        project_id=project_id, state=VersionState.RETIRED
    ).exclude(pk=classifier.pk if classifier else None)
    for version in versions.order_by("-activated_at", "-number"):
        if SegmentPrediction.objects.filter(classifier=version).exists():
            return version
    return None


_turn = threading.Lock()


def _asked(
    project_id: int,
    kind: str,
    who: str,
    classifier: ClassifierVersion | None,
    other: ClassifierVersion | None,
) -> Asked:
    runs = PipelineRun.objects.filter(pk__in=shown_runs(project_id))
    counted = runs.aggregate(newest=Max("pk"), count=Count("pk"))
    newest_said = (
        SegmentPrediction.objects.filter(classifier=classifier).order_by("-pk").values("pk").first()
    )
    labels = LabelSet.objects.filter(project_id=project_id).values_list("version", flat=True)
    return Asked(
        project_id=project_id,
        kind=kind,
        who=who,
        classifier_id=classifier.pk if classifier else None,
        other_id=other.pk if other else None,
        labels_version=labels.first() or 0,
        runs=(counted["newest"] or 0, counted["count"]),
        said=newest_said["pk"] if newest_said else 0,
        learnt_from=_last_of_former_batch(project_id, counted["count"]),
    )


def _last_of_former_batch(project_id: int, clips: int) -> int:
    """Id of the newest correction that the present order knows of."""
    size = min(max(clips // 100, LEAST_BATCH), MOST_BATCH)
    rows = Correction.objects.filter(video__project_id=project_id)
    whole = rows.count() // size * size
    if not whole:
        return 0
    return rows.order_by("pk").values_list("pk", flat=True)[whole - 1]


def _kept_order(asked: Asked) -> Queue:
    """Made once for each state of the project; an order of 100,000 takes some 4 MB."""
    key = "review-queue:" + hashlib.sha256(repr(asked).encode()).hexdigest()
    made = cache.get(key)
    if made is None:
        made = _order(asked)
        cache.set(key, made, KEPT_S)
    return made


def _order(asked: Asked) -> Queue:
    classifier = ClassifierVersion.objects.filter(pk=asked.classifier_id).first()
    columns = read_columns(asked.project_id, classifier)
    others = None
    if asked.other_id is not None:
        other = ClassifierVersion.objects.get(pk=asked.other_id)
        runs = shown_runs(asked.project_id)
        others = read_probabilities(columns.ids, runs, columns.labels, other)
    known = (columns.judged > 0) & (columns.judged <= asked.learnt_from)
    kind = "entropy" if asked.kind == "disagreement" and others is None else asked.kind
    if not len(columns.ids):
        return _queue(asked, columns, np.zeros(0, np.int64), None, 0)
    ranking = rank(
        kind,
        probabilities=columns.probabilities,
        features=columns.sketches,
        labelled=known,
        others=others,
        ages=columns.ages,
        batch=MOST_BATCH + SPARE,
    )
    index = ranking.index
    if asked.who == MAIN:
        index = index[columns.weights[index] > 0]
    return _queue(asked, columns, index, ranking, int(known.sum()))


def _queue(asked: Asked, columns: Columns, index: Ints, ranking: Any, labelled: int) -> Queue:
    def column(name: str) -> Floats:
        return getattr(ranking, name)[index] if ranking else np.zeros(0, np.float32)

    return Queue(
        asked=asked,
        segments=columns.ids[index],
        videos=columns.videos[index],
        score=column("score"),
        uncertainty=column("uncertainty"),
        novelty=column("novelty"),
        disagreement=column("disagreement"),
        labelled=labelled,
        judged=frozenset(),
    )
