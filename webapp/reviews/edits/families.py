"""How edits change each kind of thing: segments, joints, tracks, comments and decisions."""

from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Q
from django.utils.translation import gettext as _

from webapp.accounts.models import Role
from webapp.accounts.permissions import require_role
from webapp.core.errors import Conflict, NotFound, Refused, Stale
from webapp.reviews.edit_models import (
    Comment,
    Decision,
    Edit,
    HumanSegment,
    PoseEdit,
    Projection,
    TrackChange,
    TrackEdit,
    Verdict,
)
from webapp.reviews.edits import checks
from webapp.reviews.edits.envelope import Applied, NewEdit, Scene
from webapp.reviews.edits.overlaps import expect_room
from webapp.runs.models import Segment

LONGEST_TEXT = 4000
RESTORE = "restore"

Row = TypeVar("Row", bound=Projection)


def stale(edit: NewEdit, version: int, current: dict[str, Any] | None) -> Stale:
    return Stale(
        "stale",
        _("This was changed meanwhile: expected version %(expected)d, it is %(version)d.")
        % {"expected": edit.if_version or 0, "version": version},
        extra={"conflict": {"edit": str(edit.id), "current": current}},
    )


class Family(Generic[Row]):
    """Finds the row of a target, lets an edit change it, and counts its version."""

    model: ClassVar[type[Projection]]
    acts: ClassVar[tuple[str, ...]]

    def apply(self, scene: Scene, edit: NewEdit) -> Applied:
        row = self.find(scene, edit.target)
        if row.version != (edit.if_version or 0):
            raise stale(edit, row.version, row.state() if row.version else None)
        self.change(scene, edit, row)
        return self.store(scene, edit, row)

    def restore(self, scene: Scene, edit: NewEdit, then: Edit) -> Applied:
        """Make the thing what it was after the edit ``then``."""
        row = self.find(scene, then.target)
        if row.version != (edit.if_version or 0):
            raise stale(edit, row.version, row.state() if row.version else None)
        row.deleted = bool(then.entity.get("deleted"))
        if not row.deleted:
            self.bring_back(scene, row, then.entity)
        return self.store(scene, edit, row)

    def store(self, scene: Scene, edit: NewEdit, row: Row) -> Applied:
        row.version += 1
        row.author, row.edited_at, row.edit = scene.by, scene.now, edit.id
        row.save()
        return Applied(row.FAMILY, row.target, row.version, row.state())

    def find(self, scene: Scene, target: str) -> Row:
        """The stored row, else a new one of version 0."""
        names = self.address(scene, target)
        rows = self.model.objects.select_related("author").filter(video=scene.video, **names)
        return rows.first() or self.model(video=scene.video, **names)

    def address(self, scene: Scene, target: str) -> dict[str, Any]:
        return {"key": checks.key_of(target)}

    def change(self, scene: Scene, edit: NewEdit, row: Row) -> None:
        raise NotImplementedError

    def bring_back(self, scene: Scene, row: Row, state: dict[str, Any]) -> None:
        raise NotImplementedError


def _expect_live(row: Projection) -> None:
    if row.version == 0 or row.deleted:
        raise NotFound("not_found", _("This is not there (any more)."))


def _expect_free(row: Projection) -> None:
    if row.version and not row.deleted:
        raise Conflict("exists", _("This is there already."))


class Segments(Family[HumanSegment]):
    model = HumanSegment
    acts = ("create", "change", "delete")
    fields = ("person", "start_frame", "end_frame", "label")

    def change(self, scene: Scene, edit: NewEdit, row: HumanSegment) -> None:
        if edit.act == "delete":
            _expect_live(row)
            checks.expect_keys(edit.data, ())
            row.deleted = True
            return
        before = None
        if edit.act == "create":
            _expect_free(row)
            checks.expect_keys(edit.data, (*self.fields, "origin"))
            row.origin_id = _origin(scene, edit.data.get("origin"))
            self._set(scene, row, edit.data)
        else:
            _expect_live(row)
            checks.expect_keys(edit.data, self.fields)
            before = (row.person, (row.start_frame, row.end_frame))
            now = row.content()
            self._set(scene, row, {name: now[name] for name in self.fields} | edit.data)
        row.deleted = False
        if edit.group is None:  # of several that belong together, the next may make room
            expect_room(row, before)

    def bring_back(self, scene: Scene, row: HumanSegment, state: dict[str, Any]) -> None:
        row.origin_id = _origin_still(scene, state["origin"])
        self._set(scene, row, state)

    def _set(self, scene: Scene, row: HumanSegment, data: dict[str, Any]) -> None:
        row.start_frame, row.end_frame = checks.frame_range(
            scene, data.get("start_frame"), data.get("end_frame")
        )
        if row.version == 0 or data.get("person") != row.person:
            row.person = checks.optional_person(scene, data)
        if row.version == 0 or data.get("label") != row.label_id:
            row.label = checks.label_of(scene, data.get("label"))


def _origin(scene: Scene, value: Any) -> int | None:
    if value is None:
        return None
    found = _origin_still(scene, value)
    if found is None:
        raise Refused("unknown_origin", _("Expected a predicted segment of this clip as origin."))
    return found


def _origin_still(scene: Scene, value: Any) -> int | None:
    if not isinstance(value, int) or not 0 < value < 2**63:
        return None
    segments = Segment.objects.filter(pk=value, track__run__video=scene.video)
    return segments.values_list("pk", flat=True).first()


class Poses(Family[PoseEdit]):
    model = PoseEdit
    acts = ("set", "clear")

    def address(self, scene: Scene, target: str) -> dict[str, Any]:
        parts = target.split(":")
        if len(parts) != 2 or not all(p.isascii() and p.isdigit() and len(p) < 18 for p in parts):
            raise Refused(
                "bad_target",
                _('Expected "person:frame" as target, got %(got)r.') % {"got": target},
            )
        person, frame = map(int, parts)
        checks.person_of(scene, {"person": person})
        return {"person": person, "frame": checks.frame_of(scene, {"frame": frame})}

    def change(self, scene: Scene, edit: NewEdit, row: PoseEdit) -> None:
        if edit.act == "clear":
            _expect_live(row)
            checks.expect_keys(edit.data, ())
            row.deleted = True
            return
        checks.expect_keys(edit.data, ("joints", "keyframe", "tween"))
        row.keyframe = checks.flag(edit.data, "keyframe", True)
        row.tween = checks.flag(edit.data, "tween", False)
        row.joints = checks.joints_of(scene, edit.data.get("joints"))
        row.deleted = False

    def bring_back(self, scene: Scene, row: PoseEdit, state: dict[str, Any]) -> None:
        row.joints = checks.joints_of(scene, state["joints"])
        row.keyframe, row.tween = state["keyframe"], state["tween"]


class Tracks(Family[TrackEdit]):
    model = TrackEdit
    acts = (*TrackChange.values, "clear")

    def change(self, scene: Scene, edit: NewEdit, row: TrackEdit) -> None:
        if edit.act == "clear":
            _expect_live(row)
            checks.expect_keys(edit.data, ())
            row.deleted = True
            return
        _expect_free(row)
        checks.expect_keys(edit.data, ("person", "frame", "other", "box_xyxy", "estimate"))
        self._set(scene, row, edit.act, edit.data)
        row.deleted = False

    def bring_back(self, scene: Scene, row: TrackEdit, state: dict[str, Any]) -> None:
        self._set(scene, row, state["kind"], state)

    def _set(self, scene: Scene, row: TrackEdit, kind: str, data: dict[str, Any]) -> None:
        row.kind, row.order = TrackChange(kind), scene.number
        row.frame = checks.frame_of(scene, data)
        row.other = row.box_xyxy = row.estimate = None
        if kind == TrackChange.ADD:
            row.person = checks.new_person(scene, data, "person", row.key)
            row.box_xyxy = checks.box_of(scene, data.get("box_xyxy"))
            if data.get("estimate") is not None:
                row.estimate = checks.whole(data, "estimate", 1, 2**53)
            return
        row.person = checks.person_of(scene, data)
        if kind == TrackChange.SPLIT:
            row.other = checks.new_person(scene, data, "other", row.key)
        elif kind in (TrackChange.MERGE, TrackChange.SWAP):
            row.other = checks.person_of(scene, data, "other")
            if row.other == row.person:
                raise Refused("same_person", _("Expected two people, got one twice."))


class Comments(Family[Comment]):
    model = Comment
    acts = ("add", "resolve", "delete")

    def change(self, scene: Scene, edit: NewEdit, row: Comment) -> None:
        if edit.act == "add":
            _expect_free(row)
            checks.expect_keys(edit.data, ("frame", "person", "text"))
            if row.version == 0:
                row.written_by = scene.by
            row.frame = checks.optional_frame(scene, edit.data)
            row.person = checks.optional_person(scene, edit.data)
            row.text = checks.text(edit.data, "text", most=LONGEST_TEXT)
            row.deleted = row.resolved = False
            return
        _expect_live(row)
        if edit.act == "resolve":
            checks.expect_keys(edit.data, ("resolved",))
            row.resolved = checks.flag(edit.data, "resolved", True)
            return
        checks.expect_keys(edit.data, ())
        if row.written_by_id != scene.by.pk:
            require_role(scene.by, scene.video.project_id, Role.ADMIN)
        row.deleted = True

    def bring_back(self, scene: Scene, row: Comment, state: dict[str, Any]) -> None:
        for name in ("frame", "person", "text", "resolved"):
            setattr(row, name, state[name])


class Decisions(Family[Decision]):
    model = Decision
    acts = ("decide",)

    def address(self, scene: Scene, target: str) -> dict[str, Any]:
        is_name = target == Decision.CLIP or _is_id(target)
        return {"of": target if is_name else str(checks.key_of(target))}

    def change(self, scene: Scene, edit: NewEdit, row: Decision) -> None:
        data = edit.data
        checks.expect_keys(data, ("decision", "comment", "frame", "person"))
        if "decision" in data and data["decision"] is None:
            _expect_live(row)
            row.deleted = True
            return
        if data.get("decision") not in Verdict.values:
            raise Refused(
                "bad_decision",
                _("Expected one of %(known)s, got %(got)r.")
                % {"known": ", ".join(Verdict.values), "got": data.get("decision")},
            )
        self._set(scene, row, data)
        row.of_version = _version_of(scene, edit.target)
        row.deleted = False

    def bring_back(self, scene: Scene, row: Decision, state: dict[str, Any]) -> None:
        self._set(scene, row, state)
        row.of_version = state["of_version"]

    def _set(self, scene: Scene, row: Decision, data: dict[str, Any]) -> None:
        row.decision = Verdict(data["decision"])
        row.comment = checks.text(data, "comment", most=LONGEST_TEXT, blank=True)
        if row.decision == Verdict.SEND_BACK and not row.comment:
            raise Refused("no_comment", _("Expected a comment that says what is to be done."))
        row.frame = checks.optional_frame(scene, data)
        row.person = checks.optional_person(scene, data)


def _is_id(target: str) -> bool:
    return target.isascii() and target.isdigit() and len(target) < 18


def _version_of(scene: Scene, target: str) -> int | None:
    """Version of the segment that is decided on; None for the clip."""
    if target == Decision.CLIP:
        return None
    if _is_id(target):
        rows = Segment.objects.filter(Q(track__run__video=scene.video), pk=int(target))
    else:
        key = checks.key_of(target)
        rows = HumanSegment.objects.filter(video=scene.video, key=key, deleted=False)
    version = rows.values_list("version", flat=True).first()
    if version is None:
        raise NotFound("not_found", _("There is no such segment in this clip."))
    return version
