"""One label for many segments at once: shown first, given in one transaction, and taken back.

Nothing is overwritten: each segment gets a correction of its own, only from the version that the
person was shown, and whatever changed meanwhile is left alone and reported.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils import timezone

from webapp.accounts.models import Project, User
from webapp.accounts.services import lock_project
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core.errors import Conflict, Refused
from webapp.jobs import events
from webapp.labels.models import Label
from webapp.reviews import library
from webapp.reviews.filters import VideoFilters
from webapp.reviews.models import Correction, CorrectionKind, Relabel, RelabelState
from webapp.reviews.selectors import Current, current_labels, label_state
from webapp.runs.models import Segment
from webapp.runs.selectors import current_runs
from webapp.videos.models import Video

MOST = 100_000
AT_ONCE = 500
CLIP, MAIN, EVERYONE = "clip", "main", "everyone"
WHICH = (CLIP, MAIN, EVERYONE)
"""The segment that stands for its clip, all of the main people, or all of everybody."""

LIBRARY_FILTERS = ("ids", "state", "label", "reviewed", "q")

GONE = "gone"
ANEW = "analysed_anew"
CHANGED = "changed_meanwhile"
SHOWS_ANOTHER = "shows_another_label"


def preview_relabel(
    *, project: Project, label: Label, filters: Mapping[str, Any], by: User
) -> Relabel:
    """Work out what giving the label to all chosen segments would do; changes nothing of them.

    Args:
        project: where.
        label: one of its labels in use.
        filters: those of the library (``ids, state, label, reviewed, q``), and ``which``,
            ``from_label``, ``least_probability`` and ``most_probability`` of the segments.
        by: who asks.
    """
    _expect_usable(label, project)
    segments = list(chosen_segments(project.pk, filters)[: MOST + 1])
    if len(segments) > MOST:
        raise Refused("too_many", f"Expected at most {MOST} segments, the filter chooses more.")
    plan: list[list[Any]] = []
    from_labels: Counter[int | None] = Counter()
    already = 0
    for segment, shown in _shown(segments, active_classifier(project.pk)):
        if filters.get("from_label") and (not shown or shown.label.pk != filters["from_label"]):
            continue
        if shown and shown.source == "correction" and shown.label.pk == label.pk:
            already += 1
            continue
        before = shown.label.pk if shown else None
        plan.append([segment.pk, segment.version, before])
        from_labels[before] += 1
    return Relabel.objects.create(
        project=project,
        label=label,
        filters=dict(filters),
        plan=plan,
        counts=_counts(label, from_labels, already),
        created_by=by,
    )


@transaction.atomic
def apply_relabel(*, relabel: Relabel, by: User) -> Relabel:
    """Give the label to all that is as it was shown; the others are named in ``conflicts``.

    Raises:
        Conflict: it was applied already.
        Refused: the label is in use no more.
    """
    relabel = _locked(relabel, RelabelState.PREVIEW, "It was applied already.")
    _expect_usable(relabel.label, relabel.project)
    classifier = active_classifier(relabel.project_id)
    conflicts: list[dict[str, Any]] = []
    applied = 0
    for part in _parts(relabel.plan):
        good, bad = _sort_out(relabel.project_id, part, classifier)
        conflicts += bad
        applied += _give(relabel, good, classifier, by)
    relabel.state, relabel.applied, relabel.conflicts = RelabelState.APPLIED, applied, conflicts
    relabel.applied_at = timezone.now()
    relabel.save(update_fields=["state", "applied", "conflicts", "applied_at"])
    _announce(relabel)
    return relabel


@transaction.atomic
def undo_relabel(*, relabel: Relabel, by: User) -> Relabel:
    """Take it back with new rows, where nobody has said anything since.

    A segment gets the label again that a person gave it before; else the prediction counts again.
    """
    relabel = _locked(relabel, RelabelState.APPLIED, "Only what was applied can be taken back.")
    conflicts: list[dict[str, Any]] = []
    rows = relabel.corrections.order_by("segment_id").values_list("segment_id", "segment_version")
    for part in _parts(list(rows)):
        conflicts += _take_back(relabel, dict(part), by)
    relabel.state, relabel.undo_conflicts = RelabelState.UNDONE, conflicts
    relabel.undone_by, relabel.undone_at = by, timezone.now()
    relabel.save(update_fields=["state", "undo_conflicts", "undone_by", "undone_at"])
    _announce(relabel)
    return relabel


def chosen_segments(project_id: int, filters: Mapping[str, Any]) -> QuerySet[Segment]:
    """The segments that the filters choose, of the runs that the project shows."""
    asked = QueryDict(mutable=True)
    for name in LIBRARY_FILTERS:
        if (value := filters.get(name)) not in (None, ""):
            asked[name] = str(value).lower() if isinstance(value, bool) else str(value)
    found = VideoFilters(asked, queryset=library.videos_of(project_id))
    if not found.is_valid():
        raise Refused("bad_filter", f"Expected filters of the library: {found.errors.as_text()}")
    videos = Video.objects.filter(pk__in=found.qs.order_by().values("pk"))
    runs = current_runs(project_id).filter(video__in=videos)
    segments = Segment.objects.filter(track__run__in=runs.order_by().values("pk"))
    which = filters.get("which", CLIP)
    if which == CLIP:
        segments = segments.filter(track__run__main_segment=F("pk"))
    elif which == MAIN:
        segments = segments.filter(weight__gt=0)
    bounds = {"gte": filters.get("least_probability"), "lte": filters.get("most_probability")}
    said = {f"predictions__probability__{k}": v for k, v in bounds.items() if v is not None}
    if said:
        segments = segments.filter(predictions__classifier=active_classifier(project_id), **said)
    return segments.order_by("pk")


def relabels_of(project_id: int) -> QuerySet[Relabel]:
    """What was applied, newest first, without the long lists."""
    done = Relabel.objects.filter(project_id=project_id).exclude(state=RelabelState.PREVIEW)
    return done.select_related("label", "created_by", "undone_by").defer("plan")


def _shown(
    segments: Sequence[Segment], classifier: ClassifierVersion | None
) -> Iterator[tuple[Segment, Current | None]]:
    for part in _parts(segments):
        shown = current_labels(part, classifier)
        yield from ((segment, shown[segment.pk]) for segment in part)


def _counts(label: Label, from_labels: Counter[int | None], already: int) -> dict[str, Any]:
    labels = Label.objects.in_bulk([pk for pk in from_labels if pk is not None])
    confirmed = from_labels[label.pk]
    rows = [
        {"label": label_state(labels[pk]) if pk is not None else None, "count": count}
        for pk, count in from_labels.most_common()
    ]
    total = from_labels.total()
    return {
        "change": total - confirmed,
        "confirm": confirmed,
        "already": already,
        "from_labels": rows,
    }


def _locked(relabel: Relabel, expected: str, refusal: str) -> Relabel:
    """The row as it is now; promotions and runs that end wait until this is through."""
    lock_project(relabel.project_id)
    relabel = Relabel.objects.select_for_update(of=("self",)).get(pk=relabel.pk)
    if relabel.state != expected:
        raise Conflict(f"relabel_{relabel.state}", refusal)
    return relabel


def _expect_usable(label: Label, project: Project) -> None:
    if label.label_set.project_id != project.pk:
        raise Refused("unknown_label", "Expected a label of this project.")
    if label.archived:
        raise Refused("archived_label", f"The label {label.name} is archived.")


Plan = Sequence[Sequence[Any]]


def _sort_out(
    project_id: int, part: Plan, classifier: ClassifierVersion | None
) -> tuple[list[tuple[Segment, Current | None]], list[dict[str, Any]]]:
    """Segments that are as they were shown, with what they show; and the others with a reason."""
    segments = _lock_segments([pk for pk, _, _ in part])
    runs = {segment.track.run_id for segment in segments.values()}
    shown_runs = current_runs(project_id).filter(pk__in=runs)
    current = set(shown_runs.values_list("pk", flat=True))
    shown = current_labels(segments.values(), classifier)
    good, bad = [], []
    for pk, version, before in part:
        segment = segments.get(pk)
        if reason := _reason_against(segment, version, before, shown.get(pk), current):
            bad.append(_conflict(pk, segment, reason))
        else:
            good.append((segment, shown[pk]))
    return good, bad


def _reason_against(
    segment: Segment | None,
    version: int,
    before: int | None,
    shown: Current | None,
    current_run_ids: set[int],
) -> str:
    if segment is None:
        return GONE
    if segment.track.run_id not in current_run_ids:
        return ANEW
    if segment.version != version:
        return CHANGED
    if (shown.label.pk if shown else None) != before:
        return SHOWS_ANOTHER
    return ""


def _lock_segments(ids: Sequence[int]) -> dict[int, Segment]:
    rows = Segment.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.select_related("track__run__video")}


def _give(
    relabel: Relabel,
    good: Sequence[tuple[Segment, Current | None]],
    classifier: ClassifierVersion | None,
    by: User,
) -> int:
    Segment.objects.filter(pk__in=[segment.pk for segment, _ in good]).update(
        version=F("version") + 1
    )
    Correction.objects.bulk_create(
        Correction(
            video_id=segment.track.run.video_id,
            segment=segment,
            label_id=relabel.label_id,
            kind=(
                CorrectionKind.ACCEPT
                if shown and shown.label.pk == relabel.label_id
                else CorrectionKind.CORRECT
            ),
            segment_version=segment.version + 1,
            shown_classifier=classifier,
            shown_label=shown.label if shown else None,
            author=by,
            note=f"one of {len(relabel.plan)} changed at once",
            relabel=relabel,
        )
        for segment, shown in good
    )
    return len(good)


def _take_back(relabel: Relabel, versions: Mapping[int, int], by: User) -> list[dict[str, Any]]:
    """New rows for the segments whose version is still the one that the relabel made."""
    segments = _lock_segments(list(versions))
    still = [pk for pk, row in segments.items() if row.version == versions[pk]]
    before = _said_before([(pk, versions[pk] - 1) for pk in still])
    Segment.objects.filter(pk__in=still).update(version=F("version") + 1)
    Correction.objects.bulk_create(
        _taken_back(relabel, segments[pk], before.get(pk), by) for pk in still
    )
    return [
        _conflict(pk, segments.get(pk), CHANGED if pk in segments else GONE)
        for pk in versions
        if pk not in set(still)
    ]


def _said_before(wanted: Sequence[tuple[int, int]]) -> dict[int, Correction]:
    """The row that made this version of each segment, where it gave a label."""
    by_version = dict(wanted)
    rows = Correction.objects.filter(segment_id__in=by_version).exclude(kind=CorrectionKind.UNDO)
    return {
        row.segment_id: row for row in rows if by_version[row.segment_id] == row.segment_version
    }


def _taken_back(
    relabel: Relabel, segment: Segment, before: Correction | None, by: User
) -> Correction:
    return Correction(
        video_id=segment.track.run.video_id,
        segment=segment,
        label_id=before.label_id if before else relabel.label_id,
        kind=CorrectionKind.CORRECT if before else CorrectionKind.UNDO,
        segment_version=segment.version + 1,
        shown_classifier=None,
        shown_label_id=relabel.label_id,
        author=by,
        note=f"took back change {relabel.pk} of many at once",
    )


def _conflict(pk: int, segment: Segment | None, reason: str) -> dict[str, Any]:
    video = segment.track.run.video if segment else None
    return {
        "segment": pk,
        "video": video.pk if video else None,
        "name": video.name if video else "",
        "reason": reason,
    }


def _parts(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def _announce(relabel: Relabel) -> None:
    events.publish(
        relabel.project_id, "relabel", id=relabel.pk, state=relabel.state, count=relabel.applied
    )
