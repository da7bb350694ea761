"""What a clip's annotations are now, and how they came about."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Max, QuerySet

from webapp.reviews.edit_models import (
    Comment,
    Decision,
    Edit,
    HumanSegment,
    PoseEdit,
    Projection,
    TrackEdit,
)
from webapp.runs.models import Segment
from webapp.runs.selectors import current_of
from webapp.videos.models import Video

LISTS: dict[str, type[Projection]] = {
    "segments": HumanSegment,
    "poses": PoseEdit,
    "tracks": TrackEdit,
    "comments": Comment,
    "decisions": Decision,
}


def annotations_version(video: Video) -> int:
    """Number of the clip's last edit: nothing changes without one."""
    return Edit.objects.filter(video=video).aggregate(last=Max("number"))["last"] or 0


def annotations_of(video: Video) -> dict[str, Any]:
    """All that people marked in a clip, in a fixed number of queries.

    The version is read first: what is read is at least as new as it says.
    """
    version = annotations_version(video)
    rows = {
        name: _with_people(model.objects.filter(video=video), model)
        for name, model in LISTS.items()
    }
    lists = {name: [row.state() for row in found] for name, found in rows.items()}
    _mark_outdated(lists["decisions"], lists["segments"])
    return {
        "version": version,
        "run": current_of(video).values_list("pk", flat=True).first(),
        **lists,
    }


def _with_people(rows: QuerySet, model: type[Projection]) -> QuerySet:
    others = ("written_by",) if model is Comment else ()
    return rows.select_related("author", *others)


def _mark_outdated(decisions: Iterable[dict[str, Any]], segments: list[dict[str, Any]]) -> None:
    """A decision on a segment stands for the version that was decided on."""
    versions = {segment["target"]: segment["version"] for segment in segments}
    predicted = [int(d["target"]) for d in decisions if d["target"].isdigit()]
    rows = Segment.objects.filter(pk__in=predicted).values_list("pk", "version")
    versions |= {str(pk): version for pk, version in rows}
    for decision in decisions:
        if decision.get("of_version") is not None:
            decision["outdated"] = versions.get(decision["target"]) != decision["of_version"]


def edits_of(
    video: Video, *, after: int | None = None, before: int | None = None, about: str = ""
) -> QuerySet[Edit]:
    """Lines of the log: oldest first behind ``after``, else newest first (before ``before``)."""
    rows = Edit.objects.filter(video=video).select_related("author")
    if about:
        family, _colon, target = about.partition(":")
        rows = rows.filter(family=family, target=target)
    if after is not None:
        return rows.filter(number__gt=after).order_by("number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    return rows.order_by("-number")


def has_clip(project_id: int, video_id: int) -> bool:
    """Whether the project has this clip."""
    return Video.objects.filter(pk=video_id, project_id=project_id).exists()
