"""JSON form of a run."""

from rest_framework import serializers

from webapp.jobs.api import JobSerializer
from webapp.runs.models import PipelineRun


class RunSerializer(serializers.ModelSerializer):
    job = JobSerializer(read_only=True, allow_null=True)
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
            "fingerprint",
            "feature_version",
            "models_used",
            "timings_s",
            "carried_over",
            "created_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields
