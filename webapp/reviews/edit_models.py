"""The log of a clip's edits, and what the log amounts to: segments, joints, tracks, comments.

The log only grows. The other rows are its projections: each carries a version that counts the
edits that touched it, and a deleted one stays as a tombstone, so that its version goes on counting.
"""

from typing import Any

from django.conf import settings
from django.db import models

from webapp.core.models import Stamped
from webapp.labels.models import Label
from webapp.runs.models import PipelineRun, Segment
from webapp.videos.models import Video


class Edit(models.Model):
    """One change that a person made; rows are added, never changed or removed."""

    video = models.ForeignKey(Video, on_delete=models.PROTECT, related_name="edits")
    number = models.PositiveIntegerField(help_text="Counts the edits of a clip from 1.")
    key = models.UUIDField(help_text="Given by the page: the same edit sent twice counts once.")
    kind = models.CharField(max_length=20)
    family = models.CharField(max_length=10, help_text="With the target: what was changed.")
    target = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    group = models.UUIDField(null=True, help_text="Edits of one gesture share it.")
    version = models.PositiveIntegerField(help_text="Version of what was changed, after it.")
    entity = models.JSONField(help_text="What was changed, as it was after it.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(null=True, help_text="When it was made, by the page's clock.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["video", "number"], name="edit_number_once_per_clip"),
            models.UniqueConstraint(fields=["video", "key"], name="edit_counts_once"),
        ]
        indexes = [models.Index(fields=["video", "family", "target"], name="history_of_one_thing")]

    def __str__(self) -> str:
        return f"{self.kind} {self.target} in video {self.video_id}"


class Projection(Stamped):
    """What the log says of one thing now."""

    FAMILY = ""

    version = models.PositiveIntegerField(default=0, help_text="Edits that touched it.")
    deleted = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()
    edit = models.UUIDField(help_text="Key of the edit that made this state.")

    class Meta:
        abstract = True

    @property
    def target(self) -> str:
        raise NotImplementedError

    def content(self) -> dict[str, Any]:
        """What a restore can bring back, as JSON."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """As the API shows it."""
        known = {
            "family": self.FAMILY,
            "target": self.target,
            "version": self.version,
            "author": self.author.get_username(),
            "edited_at": self.edited_at.isoformat(),
            "edit": str(self.edit),
        }
        return known | ({"deleted": True} if self.deleted else self.content())


class HumanSegment(Projection):
    """A stretch of a person (or, without one, of the clip) that a person marked and named."""

    FAMILY = "segment"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="human_segments")
    key = models.UUIDField()
    person = models.BigIntegerField(null=True, help_text="None: the clip's own lane.")
    start_frame = models.PositiveIntegerField()
    end_frame = models.PositiveIntegerField()
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="+")
    origin = models.ForeignKey(
        Segment,
        on_delete=models.SET_NULL,
        null=True,
        related_name="human_segments",
        help_text="The predicted segment that it was made of and stands for.",
    )

    class Meta:
        ordering = ["start_frame", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["video", "key"], name="human_segment_key_once"),
            models.CheckConstraint(
                condition=models.Q(end_frame__gt=models.F("start_frame")),
                name="human_segment_has_frames",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}, frames {self.start_frame} to {self.end_frame}"

    @property
    def target(self) -> str:
        return str(self.key)

    def content(self) -> dict[str, Any]:
        return {
            "person": self.person,
            "start_frame": self.start_frame,
            "end_frame": self.end_frame,
            "label": self.label_id,
            "origin": self.origin_id,
        }


class PoseEdit(Projection):
    """Joints of one skeleton in one frame, as a person put them."""

    FAMILY = "pose"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="pose_edits")
    person = models.BigIntegerField(help_text="Row of the poses file, or an added person.")
    frame = models.PositiveIntegerField()
    joints = models.JSONField(default=dict, help_text="Name to [x px, y px, state].")
    keyframe = models.BooleanField(default=True)
    tween = models.BooleanField(
        default=False, help_text="Frames back to the keyframe before are interpolated."
    )

    class Meta:
        ordering = ["person", "frame"]
        constraints = [
            models.UniqueConstraint(
                fields=["video", "person", "frame"], name="one_pose_edit_per_person_and_frame"
            ),
        ]

    def __str__(self) -> str:
        return f"joints of person {self.person} in frame {self.frame}"

    @property
    def target(self) -> str:
        return f"{self.person}:{self.frame}"

    def content(self) -> dict[str, Any]:
        return {
            "person": self.person,
            "frame": self.frame,
            "joints": self.joints,
            "keyframe": self.keyframe,
            "tween": self.tween,
        }


class TrackChange(models.TextChoices):
    ADD = "add"  # a person whom the pipeline did not find
    DELETE = "delete"  # from the frame on there is nobody
    MERGE = "merge"  # the other goes on as this person
    SPLIT = "split"  # who was this person is the other from the frame on
    SWAP = "swap"  # the two change places from the frame on


class TrackEdit(Projection):
    """A change of who is who from a frame on; applied in their order."""

    FAMILY = "track"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="track_edits")
    key = models.UUIDField()
    kind = models.CharField(max_length=6, choices=TrackChange.choices)
    person = models.BigIntegerField()
    other = models.BigIntegerField(null=True)
    frame = models.PositiveIntegerField()
    box_xyxy = models.JSONField(null=True, help_text="Of an added person, px.")
    estimate = models.BigIntegerField(null=True, help_text="What a worker found in the box.")
    order = models.PositiveIntegerField(help_text="Number of the edit that made it.")

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["video", "key"], name="track_edit_key_once")]

    def __str__(self) -> str:
        return f"{self.kind} person {self.person} from frame {self.frame} on"

    @property
    def target(self) -> str:
        return str(self.key)

    def content(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "person": self.person,
            "other": self.other,
            "frame": self.frame,
            "box_xyxy": self.box_xyxy,
            "estimate": self.estimate,
            "order": self.order,
        }


class Comment(Projection):
    """A remark, pinned to a frame and a person where that is said."""

    FAMILY = "comment"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="comments")
    key = models.UUIDField()
    frame = models.PositiveIntegerField(null=True)
    person = models.BigIntegerField(null=True)
    text = models.TextField()
    resolved = models.BooleanField(default=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["video", "key"], name="comment_key_once")]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def target(self) -> str:
        return str(self.key)

    def content(self) -> dict[str, Any]:
        return {
            "frame": self.frame,
            "person": self.person,
            "text": self.text,
            "resolved": self.resolved,
            "written_by": self.written_by.get_username(),
            "written_at": self.created_at.isoformat(),
        }


class Verdict(models.TextChoices):
    ACCEPT = "accept"
    REJECT = "reject"  # nothing is to be learned from it
    SEND_BACK = "send_back"  # whoever labelled it shall look again


class Decision(Projection):
    """What a reviewer thinks of the clip, or of one of its segments."""

    FAMILY = "review"
    CLIP = "clip"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="decisions")
    of = models.CharField(max_length=60, help_text="'clip', a human segment's key, or an id.")
    decision = models.CharField(max_length=9, choices=Verdict.choices)
    comment = models.TextField(blank=True)
    frame = models.PositiveIntegerField(null=True)
    person = models.BigIntegerField(null=True)
    of_version = models.PositiveIntegerField(
        null=True, help_text="Version of the segment that was decided on."
    )

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["video", "of"], name="one_decision_each")]

    def __str__(self) -> str:
        return f"{self.decision} {self.of}"

    @property
    def target(self) -> str:
        return self.of

    def content(self) -> dict[str, Any]:
        return {
            "decision": self.decision,
            "comment": self.comment,
            "frame": self.frame,
            "person": self.person,
            "of_version": self.of_version,
        }


class DescribedSegment(Stamped):
    """A segment described from the skeletons as people left them, for training.

    A human segment (``annotation``), or a predicted one (``segment``) of a clip whose joints or
    tracks were edited. Dropped by any edit that might change the description, and then made anew
    by a worker: what has no row yet waits for one.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="described_segments")
    run = models.ForeignKey(PipelineRun, on_delete=models.CASCADE, related_name="+")
    annotation = models.OneToOneField(
        HumanSegment, on_delete=models.CASCADE, null=True, related_name="described"
    )
    segment = models.OneToOneField(
        Segment, on_delete=models.CASCADE, null=True, related_name="described"
    )
    feature_version = models.CharField(max_length=64)
    features_file = models.CharField(
        max_length=255, blank=True, help_text="Empty: nobody is there to be described."
    )
    features_sha256 = models.CharField(max_length=64, blank=True)
    feature_row = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(annotation__isnull=True) ^ models.Q(segment__isnull=True),
                name="describes_one_segment",
            ),
        ]

    def __str__(self) -> str:
        return f"description of {self.annotation or self.segment}"
