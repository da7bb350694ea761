"""JSON form of a run."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webapp.estimators.serializers import (
    PoseBriefSerializer,
    PoseFactsSerializer,
    PoseVersionSerializer,
)
from webapp.jobs.api import JobSerializer
from webapp.runs.models import PipelineRun, PoseChange
from webapp.runs.pose_changes import counts_of


class RunSerializer(serializers.ModelSerializer):
    job = JobSerializer(read_only=True, allow_null=True)
    pose_version = PoseBriefSerializer(read_only=True, allow_null=True)
    created_by = serializers.CharField(
        source="created_by.username", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = PipelineRun
        fields = [
            "id",
            "video",
            "state",
            "job",
            "people",
            "frames",
            "skeleton",
            "pose_version",
            "pose_sha256",
            "pose_every",
            "fingerprint",
            "feature_version",
            "models_used",
            "exposure",
            "timings_s",
            "carried_over",
            "created_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields


class ChangeCountsSerializer(serializers.Serializer):
    """Clips of a change: how many there are in all, and what became of them."""

    total = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField(help_text="These keep their former results.")
    progress = serializers.FloatField(help_text="0 to 1, with what is at work.")


class PoseChangeSerializer(serializers.ModelSerializer):
    """A null version stands for the shipped weights."""

    to_version = PoseBriefSerializer(read_only=True, allow_null=True)
    from_version = PoseBriefSerializer(read_only=True, allow_null=True)
    clips = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", read_only=True)

    class Meta:
        model = PoseChange
        fields = [
            "id",
            "state",
            "to_version",
            "from_version",
            "is_rollback",
            "clips",
            "created_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields

    @extend_schema_field(ChangeCountsSerializer)
    def get_clips(self, change: PoseChange) -> dict[str, Any]:
        return ChangeCountsSerializer(counts_of(change)).data


class NewPoseChangeSerializer(serializers.Serializer):
    version = serializers.IntegerField(
        allow_null=True, help_text="Id of the version; null: the shipped weights."
    )
    every = serializers.IntegerField(
        default=1, min_value=1, max_value=30,
        help_text="Look at every n-th frame, for networks too heavy for every one.",
    )  # fmt: skip


class PoseStateSerializer(serializers.Serializer):
    active = PoseVersionSerializer(allow_null=True, help_text="Null: the shipped weights.")
    shipped = PoseFactsSerializer()
    analysed = serializers.IntegerField(help_text="Clips that have results.")
    outdated = serializers.IntegerField(help_text="Of these, by other weights than the active.")
    running = PoseChangeSerializer(allow_null=True)
