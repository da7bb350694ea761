"""Uploads in flight and the videos of a library."""

import uuid
from fractions import Fraction

from django.conf import settings
from django.db import models

from webapp.accounts.models import Project
from webapp.core.models import Stamped


class Upload(Stamped):
    """A file that arrives in pieces; resumed at ``received_bytes``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    received_bytes = models.PositiveBigIntegerField(default=0)
    video = models.OneToOneField(
        "Video", on_delete=models.SET_NULL, null=True, related_name="upload"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.name}: {self.received_bytes} of {self.size_bytes} bytes"


class VideoState(models.TextChoices):
    INGESTING = "ingesting"
    REJECTED = "rejected"  # cannot be used, message says why
    DUPLICATE = "duplicate"  # same bytes as duplicate_of
    READY = "ready"  # playable, waits for analysis
    ANALYSING = "analysing"
    ANALYSED = "analysed"
    FAILED = "failed"  # analysis failed, message says why; may be run again
    CANCELLED = "cancelled"  # analysis was stopped by a person; may be run again


class Video(Stamped):
    """A stored clip. File fields are names relative to the storage root; the original is sacred."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="videos")
    name = models.CharField(max_length=255)
    state = models.CharField(
        max_length=10, choices=VideoState.choices, default=VideoState.INGESTING
    )
    error_code = models.CharField(max_length=40, blank=True)
    message = models.TextField(blank=True)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="duplicates"
    )
    original_file = models.CharField(max_length=255)
    proxy_file = models.CharField(max_length=255, blank=True)
    poster_file = models.CharField(max_length=255, blank=True)
    frame_table_file = models.CharField(max_length=255, blank=True)
    thumbnails_file = models.CharField(max_length=255, blank=True)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    frames = models.PositiveIntegerField(null=True)
    fps_num = models.PositiveBigIntegerField(null=True)
    fps_den = models.PositiveBigIntegerField(null=True)
    variable_fps = models.BooleanField(default=False)
    duration_s = models.FloatField(null=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "sha256"],
                condition=~models.Q(sha256="") & ~models.Q(state__in=["duplicate", "rejected"]),
                name="same_bytes_once_per_project",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "created_at", "id"], name="library_by_date"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def fps(self) -> Fraction | None:
        return Fraction(self.fps_num, self.fps_den) if self.fps_num and self.fps_den else None
