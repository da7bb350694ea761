"""Takes corrections along when a video is analysed anew; the old rows stay where they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.core.models import WorkState
from webapp.reviews.models import Correction
from webapp.reviews.selectors import newest_corrections
from webapp.runs import poses
from webapp.runs.models import PipelineRun, Segment

LEAST_TIME_OVERLAP = 0.5
LEAST_BOX_OVERLAP = 0.3


@dataclass(frozen=True)
class Match:
    """An old corrected segment, a new one, and how well they agree (0 to 1)."""

    old: Segment
    new: Segment
    overlap: float


def carry_over_corrections(*, run: PipelineRun) -> None:
    """Give each corrected segment's label to the new run's segment that shows the same.

    Called in the transaction that finishes the run. What matches nothing stays in the history
    of the former run and is counted in ``run.carried_over``.
    """
    former = (
        PipelineRun.objects.filter(video=run.video_id, state=WorkState.DONE, pk__lt=run.pk)
        .order_by("-pk")
        .first()
    )
    if former is None:
        return
    corrections = newest_corrections(segment__track__run=former)
    if not corrections:
        return
    matches = best_matches(_matches(former, run, set(corrections)))
    for match in matches:
        _derive(corrections[match.old.pk], match.new, former)
    run.carried_over = {
        "from_run": former.pk,
        "carried": len(matches),
        "unmatched": len(corrections) - len(matches),
    }
    run.save(update_fields=["carried_over"])


def time_overlap(a: Segment, b: Segment) -> float:
    """Intersection over union of two half-open frame ranges."""
    shared = min(a.end_frame, b.end_frame) - max(a.start_frame, b.start_frame)
    union = max(a.end_frame, b.end_frame) - min(a.start_frame, b.start_frame)
    return max(shared, 0) / union


def best_matches(candidates: Sequence[Match]) -> list[Match]:
    """Best pairs first; each segment, old or new, is used at most once."""
    chosen: list[Match] = []
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for match in sorted(candidates, key=lambda m: (-m.overlap, m.old.pk, m.new.pk)):
        if match.old.pk not in taken_old and match.new.pk not in taken_new:
            chosen.append(match)
            taken_old.add(match.old.pk)
            taken_new.add(match.new.pk)
    return chosen


def _matches(former: PipelineRun, run: PipelineRun, corrected: set[int]) -> list[Match]:
    """All pairs that overlap enough in time and in place."""
    olds = Segment.objects.filter(pk__in=corrected).select_related("track")
    news = list(Segment.objects.filter(track__run=run).select_related("track"))
    if not news:
        return []
    boxes_before, boxes_now = poses.boxes_of(former.poses_file), poses.boxes_of(run.poses_file)
    matches = []
    for old in olds:
        for new in news:
            in_time = time_overlap(old, new)
            if in_time < LEAST_TIME_OVERLAP:
                continue
            in_place = poses.mean_box_overlap(
                boxes_before[old.track.index], boxes_now[new.track.index]
            )
            if in_place >= LEAST_BOX_OVERLAP:
                matches.append(Match(old, new, in_time * in_place))
    return matches


def _derive(correction: Correction, segment: Segment, former: PipelineRun) -> None:
    """A new row by the same author; the old one is not touched."""
    segment.version += 1
    segment.save(update_fields=["version"])
    Correction.objects.create(
        video_id=correction.video_id,
        segment=segment,
        label_id=correction.label_id,
        kind=correction.kind,
        segment_version=segment.version,
        shown_classifier_id=correction.shown_classifier_id,
        shown_label_id=correction.shown_label_id,
        author_id=correction.author_id,
        note=f"carried over from run {former.pk}",
    )
