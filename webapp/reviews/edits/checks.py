"""Checks of what edits bring, each with what was expected and what came."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from inference.skeleton import BY_NAME
from webapp.core.errors import Conflict, Refused
from webapp.labels.models import Label
from webapp.reviews.edit_models import TrackChange, TrackEdit
from webapp.reviews.edits.envelope import Scene

LARGEST_PERSON = 2**53
FIRST_MADE = 1_000_000
"""Numbers from here on are for people whom edits make; a run's own people are counted from 0."""
JOINT_STATES = ("seen", "occluded", "outside")
FAR_OUT = 2.0
"""Joints may lie outside of the frame by at most so many frames' widths and heights."""


def expect_keys(data: Mapping[str, Any], known: Iterable[str]) -> None:
    if unknown := sorted(set(data) - set(known)):
        raise Refused(
            "unknown_field",
            _("Expected fields among %(known)s, got %(unknown)s.")
            % {"known": ", ".join(sorted(known)), "unknown": ", ".join(unknown)},
        )


def key_of(target: str) -> UUID:
    """The UUID that a text is, in its one usual spelling."""
    try:
        key = UUID(target)
    except ValueError:
        key = None
    if key is None or str(key) != target.lower():
        raise Refused("bad_target", _("Expected a UUID as target, got %(got)r.") % {"got": target})
    return key


def whole(data: Mapping[str, Any], name: str, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, both included."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refused(
            f"bad_{name}",
            _("Expected %(name)s from %(low)d to %(high)d, got %(got)r.")
            % {"name": name, "low": low, "high": high, "got": value},
        )
    return value


def flag(data: Mapping[str, Any], name: str, default: bool) -> bool:
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise Refused(
            f"bad_{name}",
            _("Expected %(name)s to be true or false, got %(got)r.") % {"name": name, "got": value},
        )
    return value


def text(data: Mapping[str, Any], name: str, *, most: int, blank: bool = False) -> str:
    value = data.get(name, "" if blank else None)
    value = "" if blank and value is None else value
    if not isinstance(value, str) or len(value) > most or not (blank or value.strip()):
        raise Refused(
            f"bad_{name}",
            _("Expected %(name)s as text of at most %(most)d letters.")
            % {"name": name, "most": most},
        )
    return value.strip()


def frame_of(scene: Scene, data: Mapping[str, Any], name: str = "frame") -> int:
    _expect_frames(scene)
    return whole(data, name, 0, scene.frames - 1)


def optional_frame(scene: Scene, data: Mapping[str, Any]) -> int | None:
    return None if data.get("frame") is None else frame_of(scene, data)


def frame_range(scene: Scene, start: Any, end: Any) -> tuple[int, int]:
    """A half-open range of at least one frame inside the clip."""
    _expect_frames(scene)
    first = whole({"start_frame": start}, "start_frame", 0, scene.frames - 1)
    return first, whole({"end_frame": end}, "end_frame", first + 1, scene.frames)


def _expect_frames(scene: Scene) -> None:
    if not scene.frames:
        raise Conflict(
            "no_frames",
            _("%(name)s cannot be annotated: it is %(state)s.")
            % {"name": scene.video.name, "state": scene.video.state},
        )


def expect_run(scene: Scene) -> None:
    """People are numbered by a run: there must be one, and the one that the page showed."""
    if scene.run is None:
        raise Conflict(
            "not_analysed", _("The clip was not analysed yet: there are no people to edit.")
        )
    if scene.seen_run is not None and scene.seen_run != scene.run.pk:
        raise Conflict(
            "analysed_anew", _("The clip was analysed anew; please load it again."),
            extra={"run": scene.run.pk},
        )  # fmt: skip


def person_of(scene: Scene, data: Mapping[str, Any], name: str = "person") -> int:
    """A person of the run, or one that an edit added or split off."""
    expect_run(scene)
    person = whole(data, name, 0, LARGEST_PERSON)
    if person >= people_of(scene) and not _is_made(scene, person):
        raise Refused("unknown_person", _("There is no person %(person)d.") % {"person": person})
    return person


def optional_person(scene: Scene, data: Mapping[str, Any]) -> int | None:
    return None if data.get("person") is None else person_of(scene, data)


def new_person(scene: Scene, data: Mapping[str, Any], name: str, by: UUID) -> int:
    """A number that nobody has, but for the edit of this key itself."""
    expect_run(scene)
    person = whole(data, name, FIRST_MADE, LARGEST_PERSON)
    if _is_made(scene, person, but=by):
        raise Conflict(
            "person_taken",
            _("There is a person %(person)d already.") % {"person": person},
        )
    return person


def people_of(scene: Scene) -> int:
    return scene.run.people if scene.run else 0


def _is_made(scene: Scene, person: int, but: UUID | None = None) -> bool:
    made = Q(kind=TrackChange.ADD, person=person) | Q(kind=TrackChange.SPLIT, other=person)
    return TrackEdit.objects.filter(made, video=scene.video).exclude(key=but).exists()


def label_of(scene: Scene, value: Any) -> Label:
    """A label in use of the clip's project."""
    is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
    labels = Label.objects.filter(label_set__project_id=scene.video.project_id)
    label = labels.filter(pk=value).first() if is_id else None
    if label is None:
        raise Refused("unknown_label", _("Expected a label of this project."))
    if label.archived:
        raise Refused("archived_label", _("The label %(name)s is archived.") % {"name": label.name})
    return label


def box_of(scene: Scene, value: Any) -> list[float]:
    """Corners x0, y0, x1, y1 inside the frame, px."""
    size = (scene.video.width or 0, scene.video.height or 0)
    numbers = _numbers(value, 4)
    if numbers:
        x0, y0, x1, y1 = numbers
        # A pixel reaches half a pixel about its middle; corners may also be counted from 0.
        if -0.5 <= x0 < x1 <= size[0] and -0.5 <= y0 < y1 <= size[1]:
            return numbers
    raise Refused(
        "bad_box",
        _("Expected a box [x0, y0, x1, y1] inside %(width)d by %(height)d, got %(got)s.")
        % {"width": size[0], "height": size[1], "got": str(value)[:80]},
    )


def joints_of(scene: Scene, value: Any) -> dict[str, list[Any]]:
    """Joints of the run's skeleton, each [x px, y px, state]."""
    expect_run(scene)
    names = BY_NAME[scene.run.skeleton].joints if scene.run.skeleton in BY_NAME else ()
    if not isinstance(value, dict) or not value:
        raise Refused("bad_joints", _("Expected at least one joint by its name."))
    if unknown := sorted(set(value) - set(names)):
        raise Refused(
            "unknown_joint",
            _("The skeleton %(skeleton)s has no joint %(joint)s.")
            % {"skeleton": scene.run.skeleton, "joint": ", ".join(unknown)[:80]},
        )
    return {name: _joint(scene, name, place) for name, place in value.items()}


def _joint(scene: Scene, name: str, value: Any) -> list[Any]:
    is_triple = isinstance(value, list) and len(value) == 3 and value[2] in JOINT_STATES
    place = _numbers(value[:2], 2) if is_triple else None
    size = (scene.video.width or 0, scene.video.height or 0)
    if place and all(
        -FAR_OUT * side <= x <= (1 + FAR_OUT) * side for x, side in zip(place, size, strict=True)
    ):
        return [*place, value[2]]
    raise Refused(
        "bad_joint",
        _("Expected %(name)s as [x, y, state] in pixels about the frame, "
          "the state one of %(states)s; got %(got)s.")
        % {"name": name, "states": ", ".join(JOINT_STATES), "got": str(value)[:80]},
    )  # fmt: skip


def _numbers(value: Any, count: int) -> list[float] | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != count:
        return None
    good = all(isinstance(x, int | float) and not isinstance(x, bool) for x in value)
    return list(value) if good and all(math.isfinite(x) for x in value) else None
