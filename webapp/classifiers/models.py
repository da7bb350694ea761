"""Versions of a project's action classifier."""

from django.conf import settings
from django.db import models

from webapp.accounts.models import Project
from webapp.core.models import Stamped
from webapp.core.versions import VersionState


class ClassifierVersion(Stamped):
    """One trained head; ``label_ids[i]`` is the project's label for the head's output ``i``.

    An output whose name the label set does not hold has ``None`` there and is never shown.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="classifiers")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VersionState.choices)
    weights_file = models.CharField(max_length=255)
    weights_sha256 = models.CharField(max_length=64)
    output_names = models.JSONField()
    label_ids = models.JSONField()
    feature_version = models.CharField(max_length=64)
    training_set_hash = models.CharField(
        max_length=64, blank=True, help_text="Of the frozen set; shipped: of the base set alone."
    )
    metrics = models.JSONField(default=dict)
    activated_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state="active"),
                name="one_active_classifier_per_project",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} ({self.state})"
