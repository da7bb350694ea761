"""What the pipeline found in a video, and what each classifier version says of it."""

from django.conf import settings
from django.db import models

from webapp.accounts.models import Project
from webapp.classifiers.models import ClassifierVersion
from webapp.core.models import Stamped, WorkState
from webapp.estimators.models import PoseVersion
from webapp.jobs.models import Job
from webapp.labels.models import Label
from webapp.videos.models import Video


class PoseChange(Stamped):
    """The audited act of choosing pose weights; the library is then analysed anew, clip by clip.

    The weights are active from the start, and each clip shows its former run until it has a new
    one. Counts come from the runs.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="pose_changes")
    to_version = models.ForeignKey(
        PoseVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    from_version = models.ForeignKey(
        PoseVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.RUNNING)
    is_rollback = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state="running"),
                name="one_running_pose_change_per_project",
            ),
        ]

    def __str__(self) -> str:
        return f"change to {self.to_version or 'the shipped pose weights'}: {self.state}"


class PipelineRun(Stamped):
    """One pass of detect, track, pose and features over a video.

    The newest run that is done is the video's current run.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="runs")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="run")
    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.QUEUED)
    is_current = models.BooleanField(
        default=False, help_text="The newest run of its video that is done."
    )
    pose_version = models.ForeignKey(
        PoseVersion,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The pose weights at work; none: those that came with the installation.",
    )
    pose_sha256 = models.CharField(max_length=64, blank=True, help_text="Of these weights.")
    pose_every = models.PositiveSmallIntegerField(
        default=1, help_text="The network looked at every n-th frame."
    )
    pose_change = models.ForeignKey(
        PoseChange, on_delete=models.SET_NULL, null=True, related_name="runs"
    )
    fingerprint = models.CharField(max_length=64, blank=True)
    models_used = models.JSONField(default=dict)
    poses_file = models.CharField(max_length=255, blank=True)
    features_file = models.CharField(max_length=255, blank=True)
    features_sha256 = models.CharField(max_length=64, blank=True)
    feature_version = models.CharField(max_length=64, blank=True)
    skeleton = models.CharField(max_length=20, blank=True)
    frames = models.PositiveIntegerField(default=0)
    people = models.PositiveSmallIntegerField(default=0)
    main_segment = models.ForeignKey(
        "Segment",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Longest segment of the longest track: the one that stands for the clip.",
    )
    carried_over = models.JSONField(
        default=dict, help_text="Corrections of the run before: how many moved, how many did not."
    )
    exposure = models.JSONField(
        default=dict, help_text="How frames were treated for each network, and what was measured."
    )
    timings_s = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["video"],
                condition=models.Q(is_current=True),
                name="one_current_run_per_video",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.video}"


class Track(models.Model):
    """One person of a run, over ``[start_frame, end_frame)``."""

    run = models.ForeignKey(PipelineRun, on_delete=models.CASCADE, related_name="tracks")
    index = models.PositiveSmallIntegerField(help_text="Row in the poses file.")
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["run", "index"], name="track_index_once_per_run"),
        ]

    def __str__(self) -> str:
        return f"person {self.index} of run {self.run_id}"


class Segment(models.Model):
    """A stretch of a track that gets one label; does not depend on the classifier.

    ``version`` grows with each correction and guards against lost edits.
    """

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="segments")
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    feature_row = models.PositiveIntegerField(help_text="Row in the run's features file.")
    weight = models.FloatField(
        default=1.0, help_text="How much it says about the clip, in frames; 0: nothing."
    )
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["track_id", "start_frame"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_frame__gt=models.F("start_frame")),
                name="segment_has_frames",
            ),
            models.UniqueConstraint(fields=["track", "start_frame"], name="segment_start_once"),
        ]

    def __str__(self) -> str:
        return f"frames {self.start_frame} to {self.end_frame} of track {self.track_id}"


class PoseEstimate(Stamped):
    """Somebody whom the detector missed: a box that a person drew, and what was found from it on.

    What was found is a poses file of one person over frames ``[start_frame, start_frame + found)``;
    a track change of the edit log names this row.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="pose_estimates")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="estimate")
    state = models.CharField(max_length=10, choices=WorkState.choices, default=WorkState.QUEUED)
    start_frame = models.PositiveIntegerField(help_text="In which the box was drawn.")
    end_frame = models.PositiveIntegerField(help_text="Followed up to here at most.")
    box_xyxy = models.JSONField(help_text="Left, top, right, bottom, px.")
    found = models.PositiveIntegerField(default=0, help_text="Frames with a skeleton.")
    skeleton = models.CharField(max_length=20, blank=True)
    poses_file = models.CharField(max_length=255, blank=True)
    pose_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the weights at work.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_frame__gt=models.F("start_frame")),
                name="estimate_has_frames",
            ),
        ]

    def __str__(self) -> str:
        return f"estimate of video {self.video_id} from frame {self.start_frame}: {self.state}"


class SetState(models.TextChoices):
    BUILDING = "building"  # clips may be missing; never shown
    COMPLETE = "complete"  # shown, or can be shown at once


class PredictionSet(Stamped):
    """All that one classifier version says of its project's clips.

    Its rows are the predictions of that version, and each names the pose weights by its run. The
    set of the active version is shown, as a whole: a version becomes active in one transaction,
    and only with a complete set. Sets that nobody needs any more are removed.
    """

    classifier = models.OneToOneField(
        ClassifierVersion, on_delete=models.CASCADE, related_name="prediction_set"
    )
    state = models.CharField(max_length=8, choices=SetState.choices, default=SetState.BUILDING)
    feature_version = models.CharField(max_length=64, help_text="Of the vectors that were read.")
    label_ids = models.JSONField(
        default=list, help_text="Labels in use when it was written, which decide what is likeliest."
    )
    clips = models.PositiveIntegerField(default=0, help_text="When it was completed.")
    segments = models.PositiveIntegerField(default=0, help_text="When it was completed.")
    completed_at = models.DateTimeField(null=True)
    last_needed_at = models.DateTimeField(
        null=True, help_text="When it was last written to, completed, or ceased to be shown."
    )

    def __str__(self) -> str:
        return f"predictions of {self.classifier}: {self.state}"


class Prediction(models.Model):
    """Shared by segments and whole videos: label, its probability, and all probabilities."""

    classifier = models.ForeignKey(ClassifierVersion, on_delete=models.CASCADE, related_name="+")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="+")
    probability = models.FloatField()
    probabilities = models.JSONField(help_text="Label id (as text) to probability.")

    class Meta:
        abstract = True


class SegmentPrediction(Prediction):
    segment = models.ForeignKey(
        Segment,
        on_delete=models.CASCADE,
        related_name="predictions",
        db_index=False,  # the constraint below begins with it
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "classifier"], name="one_prediction_per_segment_and_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.probability:.2f})"


class VideoPrediction(Prediction):
    run = models.ForeignKey(
        PipelineRun,
        on_delete=models.CASCADE,
        related_name="predictions",
        db_index=False,  # the constraint below begins with it
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "classifier"], name="one_prediction_per_run_and_version"
            ),
        ]
        indexes = [
            models.Index(fields=["classifier", "probability"], name="queue_of_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.probability:.2f})"
