"""The life of pose weights: a candidate, then active, retired or discarded."""

import hashlib
import json
from pathlib import Path

from django.db import transaction

from webapp.accounts.models import Project, User
from webapp.accounts.services import lock_project
from webapp.core import storage
from webapp.core.versions import VersionState, move, next_number, switch
from webapp.estimators.facts import Card, read_card
from webapp.estimators.models import PoseVersion
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
        version = PoseVersion.objects.create(
            project=project,
            number=next_number(PoseVersion.objects.filter(project=project)),
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
    switch(former=former, to=version, announce=_announce)
    if version is not None:
        version.every = every
        version.save(update_fields=["every"])
        if version == former:  # only how it is used has changed
            _announce(version)
    return former


@transaction.atomic
def discard_pose(*, version: PoseVersion) -> PoseVersion:
    """Put a candidate aside for good; its row and weights stay for the record."""
    lock_project(version.project_id)
    if move(version, VersionState.DISCARDED):
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
    storage.keep_copy(weights, name)
    return name
