"""JSON form of a classifier version."""

from rest_framework import serializers

from webapp.classifiers.models import ClassifierVersion


class ClassifierSerializer(serializers.ModelSerializer):
    created_by = serializers.CharField(
        source="created_by.username", default=None, read_only=True, allow_null=True
    )
    label_ids = serializers.ListField(
        child=serializers.IntegerField(allow_null=True), read_only=True
    )
    output_names = serializers.ListField(child=serializers.CharField(), read_only=True)
    metrics = serializers.DictField(read_only=True)

    class Meta:
        model = ClassifierVersion
        fields = [
            "id",
            "number",
            "state",
            "output_names",
            "label_ids",
            "feature_version",
            "weights_sha256",
            "training_set_hash",
            "metrics",
            "created_by",
            "created_at",
            "activated_at",
        ]
        read_only_fields = fields
