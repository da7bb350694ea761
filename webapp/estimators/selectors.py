"""Questions about pose weights and their imports."""

from django.db.models import QuerySet

from webapp.core.versions import VersionState
from webapp.estimators.models import ImportState, PoseImport, PoseVersion

READING = (ImportState.QUEUED, ImportState.RUNNING)


def active_pose(project_id: int) -> PoseVersion | None:
    """The weights that new analyses of the project use; None: the shipped ones."""
    return PoseVersion.objects.filter(project_id=project_id, state=VersionState.ACTIVE).first()


def pose_versions_of(project_id: int) -> QuerySet[PoseVersion]:
    """All versions, newest first."""
    return (
        PoseVersion.objects.filter(project_id=project_id)
        .select_related("created_by")
        .order_by("-number")
    )


def imports_of(project_id: int) -> QuerySet[PoseImport]:
    """All imports, newest first."""
    return (
        PoseImport.objects.filter(project_id=project_id)
        .select_related("job", "version__created_by", "created_by")
        .order_by("-pk")
    )
