"""What people said about segments, and what helps them to say more.

Corrections are added, never changed or removed.
"""

from django.conf import settings
from django.db import models

from webapp.accounts.models import Project
from webapp.classifiers.models import ClassifierVersion
from webapp.core.models import Stamped
from webapp.labels.models import Label
from webapp.reviews import edit_models as edit_models  # registers the tables of the edit log
from webapp.runs.models import Segment
from webapp.videos.models import Video


class CorrectionKind(models.TextChoices):
    ACCEPT = "accept"  # the person agrees with what was shown
    CORRECT = "correct"  # the person gives another label
    UNDO = "undo"  # a label is taken back and nothing given: the prediction counts again


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
    relabel = models.ForeignKey(
        "Relabel",
        on_delete=models.PROTECT,
        null=True,
        related_name="corrections",
        help_text="The change of many segments at once that this row is part of.",
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "segment_version"], name="one_correction_per_segment_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} for segment {self.segment_id} by {self.author}"


class RelabelState(models.TextChoices):
    PREVIEW = "preview"
    APPLIED = "applied"
    UNDONE = "undone"


class Relabel(Stamped):
    """One label for many segments at once: previewed, then given, perhaps taken back.

    What it did to each segment is in ``Correction.relabel``; ``plan`` holds what the person
    was shown, so that nobody's newer word is overwritten.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="relabels")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="+")
    filters = models.JSONField(help_text="What chose the segments, as asked.")
    state = models.CharField(
        max_length=7, choices=RelabelState.choices, default=RelabelState.PREVIEW
    )
    plan = models.JSONField(help_text="[segment, version, label before or null] of each.")
    counts = models.JSONField(default=dict, help_text="How many were to change, from what.")
    applied = models.PositiveIntegerField(default=0, help_text="Segments that got the label.")
    conflicts = models.JSONField(default=list, help_text="Segments left out, and why.")
    undo_conflicts = models.JSONField(default=list, help_text="The same for taking it back.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    applied_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"relabel {self.pk} to {self.label}: {self.state}"


class Dismissal(Stamped):
    """A suggested label that a person did not want for a segment: it is not suggested again."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="dismissals")
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey(
        Correction, on_delete=models.CASCADE, related_name="+", help_text="What it came from."
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "label"], name="dismissed_once"),
        ]

    def __str__(self) -> str:
        return f"segment {self.segment_id} is not {self.label}"


class Sketch(models.Model):
    """A segment's features in 64 small numbers, so that a whole library is compared in seconds.

    Made from the run's features file, and made again where that is another one.
    """

    segment = models.OneToOneField(
        Segment, on_delete=models.CASCADE, primary_key=True, related_name="sketch"
    )
    features_file = models.CharField(max_length=255)
    numbers = models.BinaryField(help_text="64 float16, little-endian.")

    def __str__(self) -> str:
        return f"sketch of segment {self.segment_id}"
