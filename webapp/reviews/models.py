"""What people said about segments: rows are added, never changed or removed."""

from django.conf import settings
from django.db import models

from webapp.classifiers.models import ClassifierVersion
from webapp.core.models import Stamped
from webapp.labels.models import Label
from webapp.runs.models import Segment
from webapp.videos.models import Video


class CorrectionKind(models.TextChoices):
    ACCEPT = "accept"  # the person agrees with what was shown
    CORRECT = "correct"  # the person gives another label


class Correction(Stamped):
    """A label given by a person; the newest one of a segment is its current label."""

    video = models.ForeignKey(Video, on_delete=models.PROTECT, related_name="corrections")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="corrections")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=CorrectionKind.choices)
    segment_version = models.PositiveIntegerField(help_text="Version that this row made.")
    shown_classifier = models.ForeignKey(
        ClassifierVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    shown_label = models.ForeignKey(Label, on_delete=models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "segment_version"], name="one_correction_per_segment_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} for segment {self.segment_id} by {self.author}"
