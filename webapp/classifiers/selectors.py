"""Questions about classifier versions."""

from django.db.models import QuerySet

from webapp.classifiers.models import ClassifierVersion
from webapp.core.versions import VersionState


def active_classifier(project_id: int) -> ClassifierVersion | None:
    """The version whose predictions the project shows."""
    return ClassifierVersion.objects.filter(
        project_id=project_id, state=VersionState.ACTIVE
    ).first()


def classifiers_of(project_id: int) -> QuerySet[ClassifierVersion]:
    """All versions, newest first."""
    return (
        ClassifierVersion.objects.filter(project_id=project_id)
        .select_related("created_by")
        .order_by("-number")
    )


def known_label_ids(version: ClassifierVersion | None) -> set[int]:
    """Labels that the version can answer with."""
    return {pk for pk in version.label_ids if pk is not None} if version else set()
