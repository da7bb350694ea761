"""Pose weights of a project beside the shipped ones, and what brings or teaches them."""

from django.conf import settings
from django.db import models

from webapp.accounts.models import Project
from webapp.core.models import Stamped
from webapp.core.versions import VersionState
from webapp.jobs.models import Job


class PoseKind(models.TextChoices):
    IMPORTED = "imported"
    ADAPTED = "adapted"


class PoseVersion(Stamped):
    """One set of pose weights; where none of a project is active, the shipped ones are used.

    The shipped weights have no row: they come with the installation and change with it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="pose_versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=PoseKind.choices)
    state = models.CharField(
        max_length=10, choices=VersionState.choices, default=VersionState.CANDIDATE
    )
    source_name = models.CharField(max_length=255, help_text="Name of the file it came in.")
    weights_file = models.CharField(
        max_length=255, help_text="Named by a hash of weights and card; the card lies beside it."
    )
    weights_sha256 = models.CharField(max_length=64)
    card = models.JSONField(default=dict)
    every = models.PositiveSmallIntegerField(
        default=1,
        help_text="The network looks at every n-th frame of a clip.",
    )
    activated_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="pose_number_once"),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state="active"),
                name="one_active_pose_version_per_project",
            ),
        ]

    def __str__(self) -> str:
        return f"pose version {self.number} ({self.state})"


class ImportState(models.TextChoices):
    """The life of work, and before it the time in which the file arrives."""

    RECEIVING = "receiving"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PoseImport(Stamped):
    """A checkpoint file that arrives in pieces, is read by a worker, and becomes a version."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="pose_imports")
    name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    file = models.CharField(max_length=255, help_text="Removed once the import has ended.")
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.RECEIVING
    )
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="pose_import")
    version = models.OneToOneField(
        PoseVersion, on_delete=models.PROTECT, null=True, related_name="pose_import"
    )
    misfits = models.JSONField(
        default=dict, help_text="Names of weights that did not fit, by what is wrong with them."
    )
    finished_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"import of {self.name}: {self.state}"


class KeypointFile(Stamped):
    """Where people's joints are in the clip of a name, as some tool or person says.

    It teaches when pose weights are adapted. The layout is that of ``inference.poses_file``.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="keypoint_files")
    clip = models.CharField(max_length=255, help_text="The clip's name without its ending.")
    file = models.CharField(max_length=255, help_text="In the storage.")
    size_bytes = models.PositiveIntegerField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["clip"]
        constraints = [
            models.UniqueConstraint(fields=["project", "clip"], name="keypoints_once_per_clip"),
        ]

    def __str__(self) -> str:
        return f"keypoints of {self.clip}"
