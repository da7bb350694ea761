"""One row for each piece of work that a worker does."""

from django.conf import settings
from django.db import models

from webapp.core.models import Stamped, WorkState


class JobKind(models.TextChoices):
    INGEST = "ingest"
    ANALYSIS = "analysis"
    TRAINING = "training"
    PROMOTION = "promotion"
    POSE_IMPORT = "pose_import"
    ADAPTATION = "adaptation"
    REBUILD = "rebuild"
    ESTIMATE = "estimate"
    DESCRIPTION = "description"
    CURVES = "curves"


class Job(Stamped):
    """The row is the truth: progress is stored here first, then pushed as a hint.

    A worker owns the row while its lease lasts and renews the lease with each report.
    """

    project = models.ForeignKey("accounts.Project", on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=12, choices=JobKind.choices)
    subject_id = models.PositiveBigIntegerField(help_text="Row that the job works on.")
    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.QUEUED)
    stage = models.CharField(max_length=40, blank=True)
    progress = models.FloatField(default=0.0, help_text="0 to 1 over all stages.")
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=200, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["kind", "subject_id"]), models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}: {self.state}"
