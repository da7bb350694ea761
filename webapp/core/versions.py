"""The life of a version of anything that learns: one set of rules for every kind of version."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from django.db import models
from django.db.models import Max, QuerySet
from django.utils import timezone

from webapp.core.errors import Conflict


class VersionState(models.TextChoices):
    CANDIDATE = "candidate"
    ACTIVE = "active"
    RETIRED = "retired"
    DISCARDED = "discarded"


MOVES: dict[str, set[str]] = {
    VersionState.CANDIDATE: {VersionState.ACTIVE, VersionState.DISCARDED},
    VersionState.ACTIVE: {VersionState.RETIRED},
    VersionState.RETIRED: {VersionState.ACTIVE},
    VersionState.DISCARDED: set(),
}
"""Where a version may go from each state. Nothing is deleted: rows and weights are the record."""


class Version(Protocol):
    """What is asked of a row: ``number``, ``state`` and ``activated_at``, and that it saves."""

    number: int
    state: str
    activated_at: object

    def refresh_from_db(self) -> None: ...

    def save(self, *, update_fields: list[str]) -> None: ...


V = TypeVar("V", bound=Version)


def next_number(versions: QuerySet) -> int:
    """The number of the version that follows these; the caller holds the project's lock."""
    return (versions.aggregate(last=Max("number"))["last"] or 0) + 1


def move(version: Version, to: VersionState) -> bool:
    """Bring a version to a state, from whatever its row says now; false where it is there already.

    The caller holds the project's lock, announces the change and makes sure that no other version
    is active.

    Raises:
        Conflict: there is no such way (``discarded``, ``not_a_candidate``, ``not_active``).
    """
    version.refresh_from_db()
    if version.state == to:
        return False
    if to not in MOVES[version.state]:
        raise _refusal(version, to)
    version.state, changed = to, ["state"]
    if to == VersionState.ACTIVE:
        version.activated_at = timezone.now()
        changed.append("activated_at")
    version.save(update_fields=changed)
    return True


def switch(*, former: V | None, to: V | None, announce: Callable[[V], None]) -> V | None:
    """Retire the active version and make another active (None: none is); gives the retired one.

    Raises:
        Conflict: the other was discarded; nothing has changed then.
    """
    if former == to:
        former = None
    if to is not None:
        to.refresh_from_db()
        if to.state == VersionState.DISCARDED:
            raise _refusal(to, VersionState.ACTIVE)
    if former is not None and move(former, VersionState.RETIRED):
        announce(former)
    if to is not None and move(to, VersionState.ACTIVE):
        announce(to)
    return former


def _refusal(version: Version, to: VersionState) -> Conflict:
    if version.state == VersionState.DISCARDED:
        return Conflict("discarded", f"Version {version.number} was discarded.")
    if to == VersionState.DISCARDED:
        return Conflict(
            "not_a_candidate",
            f"Only a candidate can be discarded; version {version.number} is {version.state}.",
        )
    return Conflict(
        "not_active",
        f"Only the active version can be retired; version {version.number} is {version.state}.",
    )
