"""Frozen training sets, training runs on them, promotions, and adaptations of pose weights."""

from django.conf import settings
from django.db import models

from webapp.accounts.models import Project
from webapp.classifiers.models import ClassifierVersion
from webapp.core.models import Stamped, WorkState
from webapp.estimators.models import PoseVersion
from webapp.jobs.models import Job
from webapp.videos.models import Video


class Part(models.TextChoices):
    TRAIN = "train"
    EVAL = "eval"


class VideoPart(Stamped):
    """Which part a corrected video belongs to; given once, so that nothing ever leaks."""

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="training_part")
    part = models.CharField(max_length=5, choices=Part.choices)

    def __str__(self) -> str:
        return f"{self.video}: {self.part}"


class TrainingSet(Stamped):
    """Ids, labels, feature hashes and parts as they were; named by the hash of all that."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="training_sets")
    content_hash = models.CharField(max_length=64)
    manifest_file = models.CharField(max_length=255)
    label_set_version = models.PositiveIntegerField()
    summary = models.JSONField(help_text="Counts by label, part and source.")
    last_correction_id = models.PositiveBigIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "content_hash"], name="same_set_once"),
        ]

    def __str__(self) -> str:
        return f"training set {self.content_hash[:12]}"


class TrainingRun(Stamped):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="training_runs")
    training_set = models.ForeignKey(TrainingSet, on_delete=models.PROTECT, related_name="runs")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="training")
    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.QUEUED)
    seed = models.PositiveIntegerField(default=0)
    config = models.JSONField(default=dict)
    curves = models.JSONField(default=list, help_text="One object for each epoch.")
    metrics = models.JSONField(default=dict, help_text="Of the candidate on the evaluation part.")
    baseline = models.ForeignKey(
        ClassifierVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    baseline_metrics = models.JSONField(default=dict, help_text="Of the baseline, same videos.")
    candidate = models.OneToOneField(
        ClassifierVersion, on_delete=models.PROTECT, null=True, related_name="training_run"
    )
    finished_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"training run {self.pk}: {self.state}"


class Promotion(Stamped):
    """The audited act of making a version active; predictions are complete before the switch."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="promotions")
    to_version = models.ForeignKey(ClassifierVersion, on_delete=models.PROTECT, related_name="+")
    from_version = models.ForeignKey(
        ClassifierVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="promotion")
    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.QUEUED)
    is_rollback = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"promotion of {self.to_version}: {self.state}"


class Adaptation(Stamped):
    """A fine-tuning of the compact pose network on the project's own clips.

    A teacher labels the clips; a null ``teacher`` or ``start`` stands for the shipped weights.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="adaptations")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="adaptation")
    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.QUEUED)
    teacher = models.ForeignKey(PoseVersion, on_delete=models.PROTECT, null=True, related_name="+")
    start = models.ForeignKey(PoseVersion, on_delete=models.PROTECT, null=True, related_name="+")
    config = models.JSONField(default=dict, help_text="minutes, steps (null: by time), seed.")
    clips = models.JSONField(help_text="Ids of the videos, as chosen when it was started.")
    chosen_by = models.JSONField(default=dict, help_text="The filter that chose them.")
    curve = models.JSONField(default=list)
    before = models.JSONField(default=dict, help_text="Figures on clips held out, as it was.")
    after = models.JSONField(default=dict, help_text="Figures on the same clips, adapted.")
    improved = models.BooleanField(null=True)
    clips_used = models.PositiveIntegerField(default=0)
    clips_skipped = models.JSONField(default=list, help_text="[name, why] of each.")
    seconds = models.FloatField(default=0.0)
    candidate = models.OneToOneField(
        PoseVersion, on_delete=models.PROTECT, null=True, related_name="adaptation"
    )
    finished_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"adaptation {self.pk}: {self.state}"
