"""Names what made a clip's predictions: classifier, its training set, pose weights, features."""

from typing import Any

from rest_framework import serializers

from webapp.classifiers.models import ClassifierVersion
from webapp.runs.models import PipelineRun


class ProvenanceSerializer(serializers.Serializer):
    classifier = serializers.IntegerField(allow_null=True, help_text="Number of the version.")
    classifier_sha256 = serializers.CharField(help_text="Of its weights.")
    training_set = serializers.CharField(
        help_text="Hash of the frozen set that it learned from; of the base set where it came "
        "with the installation."
    )
    pose_version = serializers.IntegerField(
        allow_null=True, help_text="Number of the pose weights; null: those of the installation."
    )
    pose_sha256 = serializers.CharField(help_text="Of the pose weights.")
    pose_every = serializers.IntegerField(help_text="The network looked at every n-th frame.")
    feature_version = serializers.CharField()


def provenance_of(run: PipelineRun, classifier: ClassifierVersion | None) -> dict[str, Any]:
    """Empty names where no version is active."""
    return {
        "classifier": classifier.number if classifier else None,
        "classifier_sha256": classifier.weights_sha256 if classifier else "",
        "training_set": classifier.training_set_hash if classifier else "",
        "pose_version": run.pose_version.number if run.pose_version else None,
        "pose_sha256": run.pose_sha256,
        "pose_every": run.pose_every,
        "feature_version": classifier.feature_version if classifier else run.feature_version,
    }
