"""The label set of a project and the labels in it."""

from django.core.validators import RegexValidator
from django.db import models

from webapp.accounts.models import Project
from webapp.core.models import Stamped


class Overlap(models.TextChoices):
    """What may happen at the same time, in segments that people draw."""

    ALLOW = "allow"  # anything
    PER_PERSON = "per_person"  # one label at a time for each person
    FORBID = "forbid"  # one label at a time in the whole clip


class LabelSet(Stamped):
    """One for each project; ``version`` grows with each change to the set or its labels."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="label_set")
    version = models.PositiveIntegerField(default=1)
    overlap = models.CharField(max_length=10, choices=Overlap.choices, default=Overlap.PER_PERSON)

    def __str__(self) -> str:
        return f"labels of {self.project}, version {self.version}"


class Label(Stamped):
    """An action; never deleted, only archived, so that old corrections keep their meaning."""

    label_set = models.ForeignKey(LabelSet, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=60)
    colour = models.CharField(max_length=7, validators=[RegexValidator(r"^#[0-9a-f]{6}$")])
    hotkey = models.CharField(max_length=1, blank=True)
    order = models.PositiveSmallIntegerField()
    archived = models.BooleanField(default=False)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["label_set", "name"], name="label_name_once_per_set"),
            models.UniqueConstraint(
                fields=["label_set", "hotkey"],
                condition=models.Q(archived=False) & ~models.Q(hotkey=""),
                name="hotkey_once_per_set",
            ),
        ]

    def __str__(self) -> str:
        return self.name
