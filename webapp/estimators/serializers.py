"""JSON forms of pose weights and their imports."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webapp.core import pieces
from webapp.estimators.facts import PoseFacts
from webapp.estimators.models import ImportState, KeypointFile, PoseImport, PoseVersion
from webapp.jobs.api import JobSerializer


class PoseFactsSerializer(serializers.Serializer):
    """What the card of pose weights tells."""

    name = serializers.CharField()
    note = serializers.CharField()
    sha256 = serializers.CharField()
    parameters = serializers.IntegerField()
    joints = serializers.IntegerField()
    skeleton = serializers.CharField()
    image = serializers.ListField(
        child=serializers.IntegerField(), help_text="(width, height) px of a crop."
    )
    is_large = serializers.BooleanField(help_text="Slow: seconds a skeleton on a CPU.")
    figures = serializers.DictField()
    source = serializers.DictField()


class PoseVersionSerializer(serializers.ModelSerializer):
    facts = serializers.SerializerMethodField()
    created_by = serializers.CharField(
        source="created_by.username", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = PoseVersion
        fields = [
            "id",
            "number",
            "kind",
            "state",
            "source_name",
            "weights_sha256",
            "every",
            "facts",
            "created_by",
            "created_at",
            "activated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(PoseFactsSerializer)
    def get_facts(self, version: PoseVersion) -> dict[str, Any]:
        return PoseFactsSerializer(PoseFacts.of(version.card)).data


class PoseBriefSerializer(serializers.Serializer):
    """Which weights; null stands for the shipped ones."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.CharField()
    every = serializers.IntegerField(help_text="It looks at every n-th frame.")


class PoseImportSerializer(serializers.ModelSerializer):
    state = serializers.ChoiceField(choices=ImportState.choices, read_only=True)
    received_bytes = serializers.SerializerMethodField()
    job = JobSerializer(read_only=True, allow_null=True)
    version = PoseVersionSerializer(read_only=True, allow_null=True)
    misfits = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), read_only=True
    )
    created_by = serializers.CharField(source="created_by.username", read_only=True)

    class Meta:
        model = PoseImport
        fields = [
            "id",
            "name",
            "size_bytes",
            "received_bytes",
            "state",
            "job",
            "version",
            "misfits",
            "created_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields

    def get_received_bytes(self, one: PoseImport) -> int:
        if one.state != ImportState.RECEIVING:
            return one.size_bytes
        return pieces.received_bytes(one.file)


class KeypointFileSerializer(serializers.ModelSerializer):
    created_by = serializers.CharField(source="created_by.username", read_only=True)

    class Meta:
        model = KeypointFile
        fields = ["id", "clip", "size_bytes", "created_by", "created_at"]
        read_only_fields = fields


class NewPoseImportSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=1000)
    size_bytes = serializers.IntegerField(min_value=0)
