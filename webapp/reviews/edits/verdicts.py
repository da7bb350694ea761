"""What people decided about clips and segments, for those who only need the outcome."""

from dataclasses import dataclass

from django.db.models import QuerySet

from webapp.reviews.edit_models import Decision, HumanSegment, Verdict
from webapp.runs.models import Segment

AGAINST = (Verdict.REJECT, Verdict.SEND_BACK)


@dataclass(frozen=True)
class Verdicts:
    """Of one project, by id.

    Attributes:
        clips: decided clips, whatever was decided.
        closed_clips: clips that were rejected or sent back: nothing is learned from them.
        segments: predicted segments on which there is a decision.
        closed_segments: predicted segments that were rejected or sent back as they are now.
        closed_human: keys of human segments, the same.
        replaced: predicted segments that human ones stand for.
    """

    clips: frozenset[int]
    closed_clips: frozenset[int]
    segments: frozenset[int]
    closed_segments: frozenset[int]
    closed_human: frozenset[tuple[int, str]]
    replaced: frozenset[int]


NO_VERDICTS = Verdicts(*[frozenset()] * 6)


def verdicts_of(project_id: int) -> Verdicts:
    """A decision on a segment holds until the segment is changed, one on a clip until the next."""
    rows = Decision.objects.filter(video__project_id=project_id, deleted=False)
    found = list(rows.values_list("video_id", "of", "decision", "of_version"))
    on_clips = [(video, said) for video, of, said, _ in found if of == Decision.CLIP]
    predicted = {int(of): (said, version) for _, of, said, version in found if of.isdigit()}
    human = [row for row in found if row[1] != Decision.CLIP and not row[1].isdigit()]
    return Verdicts(
        clips=frozenset(video for video, _ in on_clips),
        closed_clips=frozenset(video for video, said in on_clips if said in AGAINST),
        segments=frozenset(predicted),
        closed_segments=_closed_segments(predicted),
        closed_human=_closed_human(project_id, human),
        replaced=frozenset(
            live_segments(project_id)
            .filter(origin__isnull=False)
            .values_list("origin_id", flat=True)
        ),
    )


def live_segments(project_id: int) -> QuerySet[HumanSegment]:
    """Human segments that were not deleted."""
    return HumanSegment.objects.filter(video__project_id=project_id, deleted=False)


def _closed_segments(said: dict[int, tuple[str, int]]) -> frozenset[int]:
    against = {pk: version for pk, (decision, version) in said.items() if decision in AGAINST}
    now = Segment.objects.filter(pk__in=against).values_list("pk", "version")
    return frozenset(pk for pk, version in now if version == against[pk])


def _closed_human(
    project_id: int, said: list[tuple[int, str, str, int]]
) -> frozenset[tuple[int, str]]:
    against = {(video, of): version for video, of, said_, version in said if said_ in AGAINST}
    if not against:
        return frozenset()
    now = live_segments(project_id).filter(video__in={video for video, _ in against})
    versions = {
        (video, str(key)): v for video, key, v in now.values_list("video", "key", "version")
    }
    return frozenset(what for what, v in against.items() if versions.get(what) == v)
