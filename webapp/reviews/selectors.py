"""What segments and clips show now: the newest correction, else the active version's word."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.labels.models import Label
from webapp.reviews.models import Correction, CorrectionKind
from webapp.runs.models import PipelineRun, Prediction, Segment
from webapp.runs.predictions import renormalised, stored_shares
from webapp.runs.selectors import segment_predictions, tracks_of


@dataclass(frozen=True)
class Current:
    """What a segment shows; author and time where a person said it."""

    label: Label
    source: str
    author: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Predicted:
    """A stored prediction read with today's label set: archived labels are left out."""

    label: Label
    probability: float
    probabilities: list[tuple[Label, float]]
    classifier_id: int


def labels_by_id(project_id: int) -> dict[int, Label]:
    """Every label of the project, archived ones too."""
    return Label.objects.filter(label_set__project_id=project_id).in_bulk()


def read_prediction(prediction: Prediction | None, labels: Mapping[int, Label]) -> Predicted | None:
    """None where there is no prediction, or none of its labels is in use any more."""
    if prediction is None:
        return None
    usable = [pk for pk, label in labels.items() if not label.archived]
    ranked = renormalised(stored_shares(prediction.probabilities), usable)
    if not ranked:
        return None
    pairs = [(labels[pk], probability) for pk, probability in ranked.items()]
    return Predicted(*pairs[0], pairs, prediction.classifier_id)


def standing_corrections() -> QuerySet[Correction]:
    """What people's word is now: the newest row of each segment, unless that took it back.

    The row that made the segment's present version is its newest.
    """
    newest = Correction.objects.filter(segment_version=F("segment__version"))
    return newest.exclude(kind=CorrectionKind.UNDO)


def newest_corrections(**which: Any) -> dict[int, Correction]:
    """The standing correction of each segment that the filter picks, by segment id."""
    rows = standing_corrections().filter(**which)
    return {row.segment_id: row for row in rows.select_related("label", "author")}


def is_judged(segment: str = "pk", version: str = "version") -> Exists:
    """Whether people's word stands on the segment of an outer query."""
    rows = Correction.objects.filter(segment=OuterRef(segment), segment_version=OuterRef(version))
    return Exists(rows.exclude(kind=CorrectionKind.UNDO))


def corrections_of(segment: Segment) -> QuerySet[Correction]:
    """The whole history of a segment, newest first."""
    return (
        Correction.objects.filter(segment=segment)
        .select_related("label", "author", "shown_label", "shown_classifier")
        .order_by("-pk")
    )


def current_labels(
    segments: Iterable[Segment], classifier: ClassifierVersion | None
) -> dict[int, Current | None]:
    """What each of these segments (of one project) shows, by segment id."""
    ids = [segment.pk for segment in segments]
    corrections = newest_corrections(segment_id__in=ids)
    predictions = segment_predictions(ids, classifier)
    labels = labels_by_id(classifier.project_id) if classifier else {}
    return {
        pk: current_label(corrections.get(pk), read_prediction(predictions.get(pk), labels))
        for pk in ids
    }


def current_label(correction: Correction | None, predicted: Predicted | None) -> Current | None:
    """A person's word counts before the classifier's."""
    if correction is not None:
        author = correction.author.get_username()
        return Current(correction.label, "correction", author, correction.created_at)
    return Current(predicted.label, "prediction") if predicted else None


def segment_state(segment: Segment) -> dict[str, Any]:
    """One segment as the API shows it."""
    project_id = segment.track.run.video.project_id
    labels = labels_by_id(project_id)
    predictions = segment_predictions([segment.pk], active_classifier(project_id))
    corrections = newest_corrections(segment_id=segment.pk)
    return state_of(
        segment,
        read_prediction(predictions.get(segment.pk), labels),
        corrections.get(segment.pk),
    )


def state_of(
    segment: Segment, predicted: Predicted | None, correction: Correction | None
) -> dict[str, Any]:
    return {
        "id": segment.pk,
        "start_frame": segment.start_frame,
        "end_frame": segment.end_frame,
        "version": segment.version,
        "predicted": _predicted_state(predicted),
        "current": _current_state(current_label(correction, predicted)),
    }


def label_state(label: Label) -> dict[str, Any]:
    return {"id": label.pk, "name": label.name, "colour": label.colour}


def _predicted_state(predicted: Predicted | None) -> dict[str, Any] | None:
    if predicted is None:
        return None
    return {
        "label": label_state(predicted.label),
        "probability": predicted.probability,
        "probabilities": [
            {"label": label_state(label), "probability": probability}
            for label, probability in predicted.probabilities
        ],
    }


def _current_state(current: Current | None) -> dict[str, Any] | None:
    if current is None:
        return None
    return {
        "label": label_state(current.label),
        "source": current.source,
        "author": current.author,
        "created_at": current.created_at.isoformat() if current.created_at else None,
    }


def track_states(run: PipelineRun, classifier: ClassifierVersion | None) -> list[dict[str, Any]]:
    """All tracks of a run with their segments, in a fixed number of queries."""
    labels = labels_by_id(run.video.project_id)
    corrections = newest_corrections(segment__track__run=run)
    return [
        {
            "id": track.pk,
            "index": track.index,
            "start_frame": track.start_frame,
            "end_frame": track.end_frame,
            "segments": [
                state_of(
                    segment,
                    read_prediction(next(iter(segment.shown), None), labels),
                    corrections.get(segment.pk),
                )
                for segment in track.segments.all()
            ],
        }
        for track in tracks_of(run, classifier)
    ]
