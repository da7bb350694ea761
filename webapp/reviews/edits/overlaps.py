"""The label set's rule on what may happen at the same time, kept where segments are stored."""

from django.utils.translation import gettext as _

from webapp.core.errors import Conflict
from webapp.labels.models import LabelSet, Overlap
from webapp.reviews.edit_models import HumanSegment

Range = tuple[int, int]


def rule_of(project_id: int) -> str:
    rule = LabelSet.objects.filter(project_id=project_id).values_list("overlap", flat=True).first()
    return rule or Overlap.PER_PERSON


def expect_room(row: HumanSegment, before: tuple[int | None, Range] | None) -> None:
    """Refuse a segment that comes to share frames with a rival.

    With which it shared frames already (``before``: its person and range, none for a new one), it
    may go on doing so: the rule may have been another then.

    Raises:
        Conflict: ``overlap``; ``extra`` names the other segment.
    """
    rule = rule_of(row.video.project_id)
    if rule == Overlap.ALLOW:
        return
    rivals = HumanSegment.objects.filter(
        video=row.video, deleted=False, start_frame__lt=row.end_frame, end_frame__gt=row.start_frame
    ).exclude(key=row.key)
    if rule == Overlap.PER_PERSON:
        rivals = rivals.filter(person=row.person)
    for rival in rivals.select_related("label"):
        if not _shared(rival, before, rule):
            raise Conflict(
                "overlap",
                _("Frames %(start)d to %(end)d are %(label)s already.")
                % {"start": rival.start_frame, "end": rival.end_frame, "label": rival.label.name},
                extra={"segment": rival.target},
            )


def _shared(rival: HumanSegment, before: tuple[int | None, Range] | None, rule: str) -> bool:
    if before is None:
        return False
    person, (start, end) = before
    was_rival = rule == Overlap.FORBID or person == rival.person
    return was_rival and start < rival.end_frame and rival.start_frame < end
