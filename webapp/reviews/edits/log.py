"""Applies edits in order: each all or nothing, each once, however often it is sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from webapp.accounts.models import Role, User
from webapp.accounts.permissions import require_role
from webapp.core.errors import AppError, Conflict, NotFound, Refused
from webapp.jobs import events
from webapp.reviews.edit_models import Edit
from webapp.reviews.edits import checks
from webapp.reviews.edits.describing import (
    MATTERS,
    ask_for_description,
    forget_descriptions,
)
from webapp.reviews.edits.envelope import Applied, NewEdit, Scene
from webapp.reviews.edits.families import (
    RESTORE,
    Comments,
    Decisions,
    Family,
    Poses,
    Segments,
    Tracks,
)
from webapp.reviews.edits.given_labels import GivenLabels
from webapp.runs.selectors import current_run
from webapp.videos.models import Video

FAMILIES: dict[str, Family | GivenLabels] = {
    "segment": Segments(),
    "pose": Poses(),
    "track": Tracks(),
    "comment": Comments(),
    "review": Decisions(),
    "label": GivenLabels(),
}
KINDS = sorted(f"{name}.{act}" for name, family in FAMILIES.items() for act in family.acts)
TOLD_ONE_BY_ONE = 20
"""Of a larger batch open pages get one hint, and read the log."""


def apply_edits(
    *, video: Video, edits: Sequence[NewEdit], by: User, seen_run: int | None = None
) -> list[dict[str, Any]]:
    """Apply edits one after the other; what was applied stays, whatever becomes of the next.

    An edit whose id is in the log already is answered as it was then (``already``).

    Raises:
        Stale: the thing was changed since; ``extra`` has what was applied and the ``conflict``.
        AppError: an edit was refused; ``extra`` has what was applied and which was ``refused``.
    """
    results: list[dict[str, Any]] = []
    is_small = len(edits) <= TOLD_ONE_BY_ONE
    before = last_number(video)
    try:
        for edit in edits:
            row, outcome = _apply_one(video, edit, by, seen_run, tell=is_small)
            results.append(_result(row, outcome))
    except AppError as error:
        error.extra = {**error.extra, "applied": results}
        if "conflict" not in error.extra:
            error.extra["refused"] = {"edit": str(edit.id)}
        raise
    finally:
        if any(r["family"] in MATTERS and r["outcome"] == "applied" for r in results):
            ask_for_description(video=video, by=by)
        if not is_small and any(result["outcome"] == "applied" for result in results):
            events.publish(video.project_id, "edits", id=video.pk, video=video.pk, after=before)
    return results


def row_state(row: Edit) -> dict[str, Any]:
    """A line of the history."""
    return {
        "seq": row.number,
        "id": str(row.key),
        "kind": row.kind,
        "family": row.family,
        "target": row.target,
        "data": row.data,
        "group": str(row.group) if row.group else None,
        "author": row.author.get_username(),
        "made_at": row.made_at.isoformat() if row.made_at else None,
        "created_at": row.created_at.isoformat(),
        "version": row.version,
        "entity": row.entity,
    }


@transaction.atomic
def _apply_one(
    video: Video, edit: NewEdit, by: User, seen_run: int | None, *, tell: bool
) -> tuple[Edit, str]:
    """The edit's line in the log, and whether it is new."""
    video = Video.objects.select_for_update(of=("self",)).filter(pk=video.pk).first()
    if video is None:
        raise NotFound("not_found", _("The video is gone."))
    known = Edit.objects.filter(video=video, key=edit.id).select_related("author").first()
    if known is not None:
        _expect_same(known, edit)
        return known, "already"
    scene = Scene(
        video=video,
        by=by,
        run=current_run(video),
        number=last_number(video) + 1,
        now=timezone.now(),
        seen_run=seen_run,
    )
    applied = _dispatch(scene, edit)
    forget_descriptions(video=video, edit=edit, applied=applied)
    row = write_down(scene, edit, applied)
    if tell:
        events.publish(video.project_id, "edit", id=row.number, video=video.pk, edit=row_state(row))
    return row, "applied"


def write_down(scene: Scene, edit: NewEdit, applied: Applied) -> Edit:
    """Add the line to the log; the caller's transaction holds the video's lock."""
    return Edit.objects.create(
        video=scene.video,
        number=scene.number,
        key=edit.id,
        kind=edit.kind,
        family=applied.family,
        target=applied.target,
        data=edit.data,
        group=edit.group,
        version=applied.version,
        entity=applied.entity,
        author=scene.by,
        made_at=edit.made_at,
    )


def _dispatch(scene: Scene, edit: NewEdit) -> Applied:
    if edit.kind == RESTORE:
        return _restore(scene, edit)
    family = FAMILIES.get(edit.family)
    if family is None or edit.act not in family.acts:
        raise Refused(
            "unknown_kind",
            _("Expected one of %(known)s, got %(got)r.")
            % {"known": ", ".join([*KINDS, RESTORE]), "got": edit.kind},
        )
    return family.apply(scene, edit)


def _restore(scene: Scene, edit: NewEdit) -> Applied:
    """Bring ``family:target`` back to what it was after another edit.

    Where that takes back newer edits of other people, it needs an admin.
    """
    checks.expect_keys(edit.data, ("edit",))
    name, _colon, target = edit.target.partition(":")
    key = checks.key_of(str(edit.data.get("edit")))
    about = Edit.objects.filter(video=scene.video, family=name, target=target)
    then = about.filter(key=key).first()
    if then is None or name not in FAMILIES:
        raise NotFound("not_found", _("There is no such edit of this."))
    if about.filter(number__gt=then.number).exclude(author=scene.by).exists():
        require_role(scene.by, scene.video.project_id, Role.ADMIN)
    return FAMILIES[name].restore(scene, edit, then)


def _expect_same(known: Edit, edit: NewEdit) -> None:
    targets = (known.target, f"{known.family}:{known.target}")
    if (known.kind, known.data) == (edit.kind, edit.data) and edit.target.lower() in targets:
        return
    raise Conflict("edit_id_reused", _("Another edit has this id already."))


def last_number(video: Video) -> int:
    return Edit.objects.filter(video=video).aggregate(last=Max("number"))["last"] or 0


def _result(row: Edit, outcome: str) -> dict[str, Any]:
    return {
        "id": str(row.key),
        "outcome": outcome,
        "seq": row.number,
        "kind": row.kind,
        "family": row.family,
        "target": row.target,
        "version": row.version,
        "entity": row.entity,
    }


def parse_edit(values: Mapping[str, Any]) -> NewEdit:
    """From checked values of a request."""
    names = ("id", "kind", "target", "data", "if_version", "group", "made_at")
    return NewEdit(**{name: values[name] for name in names if name in values})
