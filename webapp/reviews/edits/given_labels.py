"""Labels of predicted segments as edits: the log names them, the corrections hold them."""

from typing import Any

from django.utils.translation import gettext as _

from webapp.core.errors import NotFound, Refused
from webapp.reviews import selectors, services
from webapp.reviews.edit_models import Edit
from webapp.reviews.edits import checks
from webapp.reviews.edits.envelope import Applied, NewEdit, Scene
from webapp.reviews.edits.families import stale
from webapp.runs.models import Segment

LONGEST_NOTE = 2000


class GivenLabels:
    """``label.give``: what a POST of a correction does; a null label takes it back."""

    acts = ("give",)

    def apply(self, scene: Scene, edit: NewEdit) -> Applied:
        checks.expect_keys(edit.data, ("label", "note"))
        note = checks.text(edit.data, "note", most=LONGEST_NOTE, blank=True)
        return self._give(scene, edit, edit.data.get("label"), note)

    def restore(self, scene: Scene, edit: NewEdit, then: Edit) -> Applied:
        current = then.entity.get("current") or {}
        is_given = current.get("source") == "correction"
        label = current["label"]["id"] if is_given else None
        return self._give(scene, edit, label, "")

    def _give(self, scene: Scene, edit: NewEdit, label_id: Any, note: str) -> Applied:
        target = edit.target.rpartition(":")[2]
        segment = _segment(scene, target)
        if segment.version != (edit.if_version or 0):
            raise stale(edit, segment.version, _state(segment))
        said = {"segment": segment, "by": scene.by, "expected_version": segment.version}
        if label_id is None:
            services.take_back_label(**said, note=note)
        else:
            services.record_correction(**said, label=checks.label_of(scene, label_id), note=note)
        return Applied("label", target, segment.version, _state(segment))


def _segment(scene: Scene, target: str) -> Segment:
    if not (target.isascii() and target.isdigit() and len(target) < 18):
        raise Refused(
            "bad_target",
            _("Expected a predicted segment's id as target, got %(got)r.") % {"got": target},
        )
    segments = Segment.objects.select_related("track__run__video")
    segment = segments.filter(pk=int(target), track__run__video=scene.video).first()
    if segment is None:
        raise NotFound("not_found", _("There is no such segment in this clip."))
    return segment


def _state(segment: Segment) -> dict[str, Any]:
    return selectors.segment_state(segment) | {"family": "label", "target": str(segment.pk)}
