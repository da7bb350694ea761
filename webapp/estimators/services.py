"""The life of pose weights: a candidate, then active, retired or discarded."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from webapp.accounts.models import Project, User
from webapp.accounts.services import lock_project
from webapp.core import storage
from webapp.core.errors import Conflict
from webapp.estimators.facts import Card, read_card
from webapp.estimators.models import PoseState, PoseVersion
from webapp.estimators.selectors import active_pose
from webapp.jobs import events


def register_pose_version(
    *, project: Project, kind: str, weights_path: Path, source_name: str, by: User | None
) -> PoseVersion:
    """Store weights (with the card beside them) as the project's next version, not active yet.

    The same weights with the same card are kept once, and give a row each time.
    """
    card = read_card(weights_path)
    digest = storage.hash_file(weights_path)
    name = _store(weights_path, digest)
    with transaction.atomic():
        lock_project(project.pk)
        last = PoseVersion.objects.filter(project=project).aggregate(n=Max("number"))["n"]
        version = PoseVersion.objects.create(
            project=project,
            number=(last or 0) + 1,
            kind=kind,
            source_name=source_name[:255],
            weights_file=name,
            weights_sha256=digest,
            card=card,
            created_by=by,
        )
        _announce(version)
    return version


@transaction.atomic
def activate_pose(
    *, project_id: int, version: PoseVersion | None, every: int = 1
) -> PoseVersion | None:
    """Switch the rows: this version is active (None: the shipped weights); gives the former.

    It looks at every n-th frame; the shipped network, made for it, always at every one.
    """
    lock_project(project_id)
    former = active_pose(project_id)
    if version is not None:
        version.refresh_from_db()
        if version.state == PoseState.DISCARDED:
            raise Conflict("discarded", f"Version {version.number} was discarded.")
    if former is not None and former != version:
        former.state = PoseState.RETIRED
        former.save(update_fields=["state"])
        _announce(former)
    if version is not None:
        if former != version:
            version.state, version.activated_at = PoseState.ACTIVE, timezone.now()
        version.every = every
        version.save(update_fields=["state", "activated_at", "every"])
        _announce(version)
    return former


@transaction.atomic
def discard_pose(*, version: PoseVersion) -> PoseVersion:
    """Put a candidate aside for good; its row and weights stay for the record."""
    lock_project(version.project_id)
    version.refresh_from_db()
    if version.state == PoseState.DISCARDED:
        return version
    if version.state != PoseState.CANDIDATE:
        raise Conflict(
            "not_a_candidate",
            f"Only a candidate can be discarded; version {version.number} is {version.state}.",
        )
    version.state = PoseState.DISCARDED
    version.save(update_fields=["state"])
    _announce(version)
    return version


def _announce(version: PoseVersion) -> None:
    events.publish(
        version.project_id,
        "pose_version",
        id=version.pk,
        number=version.number,
        state=str(version.state),
    )


def _store(weights: Path, digest: str) -> str:
    """Copy weights and card into the storage, named by a hash of both: the card decides too."""
    card: Card = json.loads(weights.with_suffix(".json").read_bytes())
    key = hashlib.sha256(f"{digest}\n{json.dumps(card, sort_keys=True)}".encode()).hexdigest()
    name = f"estimators/{key}.safetensors"
    text = json.dumps(card, indent=2).encode()
    storage.write_atomically(f"estimators/{key}.json", text)
    if not storage.path_of(name).exists():
        storage.write_atomically(name, lambda out: _copy(weights, out))
    return name


def _copy(source: Path, out: Any) -> None:
    with source.open("rb") as file:
        shutil.copyfileobj(file, out)
