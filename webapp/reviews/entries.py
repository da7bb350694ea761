"""Puts rows of the queue, of doubts and of suggestions into what a page shows, reasons included."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from webapp.classifiers.models import ClassifierVersion
from webapp.reviews.queue import Queue, place_of, places_left
from webapp.reviews.selectors import Predicted, label_state, labels_by_id, read_prediction
from webapp.runs.models import Segment
from webapp.runs.selectors import segment_predictions
from webapp.videos.selectors import media_urls

DAY = "DATETIME_FORMAT"
SURE = 0.8
UNLIKE, SOMEWHAT_UNLIKE = 0.2, 0.08
"""Half cosine distances: three in four clips of the base set have another nearer than the first."""


def page_of(
    queue: Queue,
    *,
    classifier: ClassifierVersion | None,
    other: ClassifierVersion | None = None,
    start: int = 0,
    count: int = 20,
) -> list[dict[str, Any]]:
    """A page of what is left of the queue, in a fixed number of queries."""
    return entries(queue, places_left(queue, start=start, count=count), classifier, other, start)


def entry_of(
    queue: Queue,
    segment: int | None,
    *,
    classifier: ClassifierVersion | None,
    other: ClassifierVersion | None = None,
) -> dict[str, Any] | None:
    """One segment's entry; None where it is not in the queue."""
    place = place_of(queue, segment)
    if place is None:
        return None
    before = sum(pk in queue.judged for pk in queue.segments[:place].tolist())
    found = entries(queue, [place], classifier, other, place - before)
    return found[0] if found else None


def entries(
    queue: Queue,
    places: Sequence[int],
    classifier: ClassifierVersion | None,
    other: ClassifierVersion | None,
    first: int = 0,
) -> list[dict[str, Any]]:
    """The entries at these places; ``first``: how many are before them."""
    ids = [int(queue.segments[place]) for place in places]
    segments = segments_in_words(ids, queue.asked.project_id, classifier)
    others = segment_predictions(ids, other) if other else {}
    labels = labels_by_id(queue.asked.project_id)
    found = []
    for number, (place, pk) in enumerate(zip(places, ids, strict=True), start=first + 1):
        if pk not in segments:  # deleted since the order was made
            continue
        state = segments[pk]
        figures = {
            name: _figure(getattr(queue, name)[place])
            for name in ("score", "uncertainty", "novelty", "disagreement")
        }
        read = read_prediction(others.get(pk), labels)
        state |= {"rank": number, **figures}
        state["why"] = why(queue, state, (other.number, read) if other and read else None)
        found.append(state)
    return found


def segments_in_words(
    ids: Sequence[int], project_id: int, classifier: ClassifierVersion | None
) -> dict[int, dict[str, Any]]:
    """Where each segment is and what is predicted for it, by id."""
    labels = labels_by_id(project_id)
    said = segment_predictions(ids, classifier)
    rows = Segment.objects.filter(pk__in=ids).select_related("track__run__video")
    return {row.pk: _segment_state(row, read_prediction(said.get(row.pk), labels)) for row in rows}


def why(queue: Queue, state: Mapping[str, Any], other: tuple[int, Predicted] | None) -> str:
    """One or two sentences on why a segment is where it is."""
    kind = queue.asked.kind
    if kind == "age":
        return _("Waiting since %(day)s.") % {"day": date_format(state["created_at"], DAY)}
    if kind == "diversity":
        return novelty_in_words(queue.labelled, state["novelty"])
    if kind == "disagreement" and other is not None:
        number, before = other
        then = {"number": number, "label": before.label.name, "sure": percent(before.probability)}
        then_said = _("Version %(number)d said %(label)s %(sure)s.") % then
        return f"{_said_now(state)} {then_said}"
    sure = sureness_in_words(state)
    if kind == "mixed":
        return f"{sure} {novelty_in_words(queue.labelled, state['novelty'])}"
    return sure


def sureness_in_words(state: Mapping[str, Any]) -> str:
    """What the classifier says, and by how much."""
    shares = state["probabilities"]
    if not shares:
        return _("Nothing is predicted here.")
    first = f"{shares[0]['label']['name']} {percent(shares[0]['probability'])}"
    if len(shares) == 1:
        return f"{first}."
    second = f"{shares[1]['label']['name']} {percent(shares[1]['probability'])}"
    if shares[0]["probability"] >= SURE:
        return _("Rather sure: %(label)s.") % {"label": first}
    return _("Unsure: %(first)s, %(second)s.") % {"first": first, "second": second}


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def novelty_in_words(labelled: int, novelty: float | None) -> str:
    """How far from what people have judged."""
    if not labelled or novelty is None:
        return _("Nothing was labelled when this order was made.")
    if novelty >= UNLIKE:
        return _("Unlike all %(count)d labelled segments.") % {"count": labelled}
    if novelty >= SOMEWHAT_UNLIKE:
        return _("Somewhat unlike the %(count)d labelled segments.") % {"count": labelled}
    return _("Much like one that is labelled.")


def _said_now(state: Mapping[str, Any]) -> str:
    if not state["probabilities"]:
        return _("Nothing is predicted now.")
    now = {"label": state["label"]["name"], "sure": percent(state["probability"])}
    return _("Now %(label)s %(sure)s.") % now


def _segment_state(segment: Segment, predicted: Predicted | None) -> dict[str, Any]:
    video = segment.track.run.video
    shares = predicted.probabilities if predicted else []
    return {
        "segment": segment.pk,
        "version": segment.version,
        "video": video.pk,
        "name": video.name,
        "poster_url": media_urls(video)["poster_url"],
        "created_at": video.created_at,
        "person": segment.track.index,
        "start_frame": segment.start_frame,
        "end_frame": segment.end_frame,
        "fps": [video.fps_num, video.fps_den] if video.fps_num else None,
        "label": label_state(predicted.label) if predicted else None,
        "probability": predicted.probability if predicted else None,
        "probabilities": [
            {"label": label_state(label), "probability": share} for label, share in shares[:3]
        ],
    }


def _figure(value: Any) -> float | None:
    return None if value != value else round(float(value), 4)
