"""What people's judgements of a project are examples of: labelled segments and their features."""

from collections.abc import Container
from dataclasses import dataclass

from django.db.models import QuerySet

from webapp.reviews.edit_models import (
    DescribedSegment,
    HumanSegment,
    PoseEdit,
    TrackEdit,
)
from webapp.reviews.edits.verdicts import NO_VERDICTS, live_segments, verdicts_of
from webapp.reviews.models import Correction
from webapp.reviews.selectors import newest_corrections
from webapp.runs.models import PipelineRun, Segment
from webapp.runs.selectors import current_runs


@dataclass(frozen=True)
class Example:
    """A segment that people named, predicted or drawn, and the row that describes it."""

    video_id: int
    label_id: int
    segment_id: int | None
    annotation: str | None
    correction_id: int | None
    features_file: str
    features_sha256: str
    feature_row: int


@dataclass(frozen=True)
class Examples:
    """``pending`` counts those that a worker has not described yet."""

    rows: list[Example]
    pending: int


def examples_of(
    project_id: int, *, labels: Container[int], feature_version: str, is_edited: bool = True
) -> Examples:
    """All examples of the project's current runs with one of these labels.

    Left out are rejected segments, those sent back, whatever is in such clips, and predicted
    segments in the place of which somebody drew another. ``is_edited``: false where nobody made an
    edit in the project, which spares looking for them.
    """
    rows: list[Example] = []
    pending = 0
    verdicts = verdicts_of(project_id) if is_edited else NO_VERDICTS
    described = _described(project_id, feature_version) if is_edited else {}
    edited = edited_videos(project_id) if is_edited else set()
    closed = verdicts.closed_segments | verdicts.replaced
    for segment, correction in _corrected(project_id):
        video_id = correction.video_id
        if segment.pk in closed or video_id in verdicts.closed_clips:
            continue
        if correction.label_id not in labels:
            continue
        found = (
            described.get(("segment", segment.pk))
            if video_id in edited
            else _as_found(segment, feature_version)
        )
        pending += found is None
        if found is not None and found.features_file:
            rows.append(_example(found, video_id, correction.label_id, segment, correction))
    for human in _human(project_id) if is_edited else ():
        key = (human.video_id, str(human.key))
        if key in verdicts.closed_human or human.video_id in verdicts.closed_clips:
            continue
        if human.label_id not in labels:
            continue
        found = described.get(("annotation", human.pk))
        pending += found is None
        if found is not None and found.features_file:
            rows.append(_example(found, human.video_id, human.label_id, human=human))
    return Examples(rows, pending)


def edited_videos(project_id: int) -> set[int]:
    """Clips in which joints or tracks are not as the pipeline left them."""
    found: set[int] = set()
    for kind in (PoseEdit, TrackEdit):
        rows = kind.objects.filter(video__project_id=project_id, deleted=False)
        found |= set(rows.order_by().values_list("video_id", flat=True).distinct())
    return found


def _corrected(project_id: int) -> list[tuple[Segment, Correction]]:
    corrections = newest_corrections(segment__track__run__in=current_runs(project_id).values("pk"))
    segments = Segment.objects.filter(pk__in=corrections).select_related("track__run")
    return [(segment, corrections[segment.pk]) for segment in segments]


def _human(project_id: int) -> QuerySet[HumanSegment]:
    """Those in analysed clips: without skeletons there is nothing to learn from."""
    analysed = PipelineRun.objects.filter(video__project_id=project_id, is_current=True)
    return live_segments(project_id).filter(video__in=analysed.values("video"))


def _described(project_id: int, feature_version: str) -> dict[tuple[str, int], DescribedSegment]:
    rows = DescribedSegment.objects.filter(
        video__project_id=project_id, feature_version=feature_version, run__is_current=True
    )
    return {
        ("segment", row.segment_id) if row.segment_id else ("annotation", row.annotation_id): row
        for row in rows
    }


def _as_found(segment: Segment, feature_version: str) -> DescribedSegment | None:
    """The row that the run's analysis made; None where it is of another version."""
    run = segment.track.run
    if run.feature_version != feature_version:
        return None
    return DescribedSegment(
        features_file=run.features_file,
        features_sha256=run.features_sha256,
        feature_row=segment.feature_row,
    )


def _example(
    found: DescribedSegment,
    video_id: int,
    label_id: int,
    segment: Segment | None = None,
    correction: Correction | None = None,
    human: HumanSegment | None = None,
) -> Example:
    return Example(
        video_id=video_id,
        label_id=label_id,
        segment_id=segment.pk if segment else None,
        annotation=str(human.key) if human else None,
        correction_id=correction.pk if correction else None,
        features_file=found.features_file,
        features_sha256=found.features_sha256,
        feature_row=found.feature_row,
    )
