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


class Trigger(models.TextChoices):
    """What started a piece of work."""

    PERSON = "person"
    CORRECTIONS = "corrections"  # the rule "after so many corrections"
    NIGHTLY = "nightly"
    GATE = "gate"  # the rule on which candidates are promoted


class SceneRule(models.TextChoices):
    """Which clips show one scene, and so stay on one side of the split."""

    CLIP = "clip"  # each clip is its own scene
    NUMBERED = "numbered"  # names that differ in their last number alone
    PREFIX = "prefix"  # names that begin alike, up to the first mark between words


class VideoPart(Stamped):
    """Which part a corrected video belongs to.

    Given once; only from evaluation to training may it change, where a new rule on scenes puts
    both together: what was learned from once is never examined on.
    """

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
    last_edit_id = models.PositiveBigIntegerField(default=0)
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
    comparison = models.JSONField(
        default=dict, help_text="Intervals of the figures and of their differences; reliability."
    )
    evaluation_file = models.CharField(
        max_length=255, blank=True, help_text="What both versions said of each held-out segment."
    )
    record = models.JSONField(
        default=dict, help_text="The settings that were in force, defaults too; for a rebuild."
    )
    gate = models.JSONField(default=dict, help_text="What the rule on promotions said and why.")
    rebuilt = models.JSONField(default=dict, help_text="How the newest rebuild ended.")
    trigger = models.CharField(max_length=12, choices=Trigger.choices, default=Trigger.PERSON)
    finished_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"training run {self.pk}: {self.state}"


class TrainingRules(Stamped):
    """What a project does by itself; a project without a row does nothing by itself."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="training_rules")
    after_corrections = models.PositiveIntegerField(
        null=True, help_text="Train once there are so many new judgements; null: never."
    )
    nightly_hour = models.PositiveSmallIntegerField(
        null=True, help_text="Train once a day from this hour on, server time; null: never."
    )
    largest_f1_fall = models.FloatField(
        null=True,
        help_text="Promote a candidate whose F1 falls on no label by more points; null: never.",
    )
    scenes = models.CharField(max_length=8, choices=SceneRule.choices, default=SceneRule.CLIP)
    last_night = models.DateField(null=True, help_text="Day on which the nightly rule came last.")
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"training rules of {self.project}"


class RuleChange(Stamped):
    """Who changed which rule, from what to what; rows are added, never changed."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="rule_changes")
    before = models.JSONField(help_text="The rules that changed, as they were.")
    after = models.JSONField(help_text="The same rules, as they are now.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"rules of {self.project}: {', '.join(self.after)}"


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
    trigger = models.CharField(max_length=12, choices=Trigger.choices, default=Trigger.PERSON)
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
