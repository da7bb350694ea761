"""The life of a classifier version: installed or trained, active, retired or discarded."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import Project, User
from webapp.accounts.services import lock_project
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core import storage
from webapp.core.errors import AppError, Refused
from webapp.core.versions import VersionState, move, next_number, switch
from webapp.jobs import events
from webapp.labels.models import Label

LONGEST_HEADER = 1_000_000


def shipped_weights_path() -> Path:
    """The classifier that comes with the product; settings may name another."""
    default = Path(settings.BASE_DIR) / "inference" / "weights" / "action.safetensors"
    return Path(getattr(settings, "SHIPPED_CLASSIFIER", default))


def install_shipped_classifier(*, project: Project, by: User | None) -> ClassifierVersion:
    """Make the shipped weights version 1 of the project and active; done already: that one."""
    weights = shipped_weights_path()
    head = read_head(weights)
    digest = storage.hash_file(weights)
    name = _store_weights(weights, digest)
    with transaction.atomic():
        lock_project(project.pk)
        first = ClassifierVersion.objects.filter(project=project, number=1).first()
        if first is not None:
            return first
        version = ClassifierVersion.objects.create(
            project=project,
            number=1,
            state=VersionState.ACTIVE,
            weights_file=name,
            weights_sha256=digest,
            output_names=head.outputs,
            label_ids=label_ids_by_name(project, head.outputs),
            feature_version=head.feature_version,
            training_set_hash=head.base_sha256,
            metrics=head.figures,
            activated_at=timezone.now(),
            created_by=by,
        )
        _announce(version)
    return version


def ensure_classifier(*, project: Project) -> ClassifierVersion | None:
    """The active version; a project that never had one gets the shipped weights first.

    None where the label set holds no name that the shipped classifier knows.
    """
    versions = ClassifierVersion.objects.filter(project=project)
    active = versions.filter(state=VersionState.ACTIVE).first()
    if active is not None or versions.exists():
        return active
    if not any(label_ids_by_name(project, read_head(shipped_weights_path()).outputs)):
        return None
    return install_shipped_classifier(project=project, by=None)


def register_candidate(
    *,
    project: Project,
    weights_path: Path,
    output_names: list[str],
    label_ids: list[int | None],
    feature_version: str,
    metrics: dict[str, Any],
    by: User | None,
    training_set_hash: str = "",
) -> ClassifierVersion:
    """Store trained weights as the project's next version, not active yet."""
    if len(output_names) != len(label_ids):
        raise ValueError(f"{len(output_names)} output names, {len(label_ids)} label ids")
    digest = storage.hash_file(weights_path)
    name = _store_weights(weights_path, digest)
    with transaction.atomic():
        lock_project(project.pk)
        version = ClassifierVersion.objects.create(
            project=project,
            number=next_number(ClassifierVersion.objects.filter(project=project)),
            state=VersionState.CANDIDATE,
            weights_file=name,
            weights_sha256=digest,
            output_names=output_names,
            label_ids=label_ids,
            feature_version=feature_version,
            training_set_hash=training_set_hash,
            metrics=metrics,
            created_by=by,
        )
        _announce(version)
    return version


def expect_fitting_weights(*, version: ClassifierVersion) -> None:
    """Refuse a version whose weights are not those that its row describes.

    Raises:
        Refused: other outputs or another order (``label_order``), or other features
            (``feature_version``).
    """
    head = read_head(storage.path_of(version.weights_file))
    if head.outputs != version.output_names or len(head.outputs) != len(version.label_ids):
        raise Refused(
            "label_order",
            f"Expected weights with the outputs {', '.join(version.output_names)}, in this order; "
            f"those of version {version.number} have {', '.join(head.outputs)}: train a new one.",
        )
    if head.feature_version != version.feature_version:
        raise Refused(
            "feature_version",
            f"Expected weights for the features {version.feature_version!r}, those of version "
            f"{version.number} read {head.feature_version!r}: train a new one.",
        )


@transaction.atomic
def activate_classifier(*, version: ClassifierVersion) -> ClassifierVersion | None:
    """Switch the rows: the active version is retired, this one is active; gives the former."""
    lock_project(version.project_id)
    return switch(former=active_classifier(version.project_id), to=version, announce=_announce)


@transaction.atomic
def discard_classifier(*, version: ClassifierVersion) -> ClassifierVersion:
    """Put a candidate aside for good; its row and weights stay for the record."""
    lock_project(version.project_id)
    if move(version, VersionState.DISCARDED):
        _announce(version)
    return version


def label_ids_by_name(project: Project, names: list[str]) -> list[int | None]:
    """The project's label of each name, whatever the case; None where it has none."""
    labels = Label.objects.filter(label_set__project=project).order_by("-archived", "-order")
    by_name = {label.name.casefold(): label.pk for label in labels}
    return [by_name.get(name.casefold()) for name in names]


def _announce(version: ClassifierVersion) -> None:
    events.publish(
        version.project_id,
        "classifier",
        id=version.pk,
        number=version.number,
        state=str(version.state),
    )


def _store_weights(source: Path, digest: str) -> str:
    """Copy weights into the storage, named by their hash; the same bytes are kept once."""
    name = f"classifiers/{digest}.safetensors"
    storage.keep_copy(source, name)
    return name


@dataclass(frozen=True)
class Head:
    """What the header of a classifier's weights tells; the hash is of the shipped base set."""

    outputs: list[str]
    feature_version: str
    figures: dict[str, Any]
    base_sha256: str


def read_head(weights: Path) -> Head:
    """Read the head of a safetensors file, without torch.

    The file opens with the length of a JSON object (8 bytes, little-endian) and that object.
    """
    try:
        with weights.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > LONGEST_HEADER:
                raise ValueError(f"a header of {length} bytes")
            metadata = json.loads(file.read(length))["__metadata__"]
        card = json.loads(metadata.get("card", "{}"))
        return Head(
            outputs=json.loads(metadata["labels"]),
            feature_version=metadata["feature_version"],
            figures=card.get("figures", {}),
            base_sha256=card.get("recipe", {}).get("base_features_sha256", ""),
        )
    except (OSError, ValueError, KeyError) as error:
        raise AppError(
            "no_classifier_weights",
            f"Expected a classifier's weights in {weights.name}: {error}",
            status=500,
        ) from error
