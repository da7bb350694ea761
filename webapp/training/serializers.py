"""JSON forms of training runs, promotions and the state of training."""

from rest_framework import serializers

from webapp.classifiers.serializers import ClassifierSerializer
from webapp.jobs.api import JobSerializer
from webapp.labels.models import Overlap
from webapp.training.models import Promotion, TrainingRun, TrainingSet

LARGEST_SEED = 2**31 - 1


class TrainingSetSerializer(serializers.ModelSerializer):
    summary = serializers.DictField(read_only=True)

    class Meta:
        model = TrainingSet
        fields = ["id", "content_hash", "label_set_version", "summary", "created_at"]
        read_only_fields = fields


class TrainingRunSerializer(serializers.ModelSerializer):
    job = JobSerializer(read_only=True, allow_null=True)
    candidate = ClassifierSerializer(read_only=True, allow_null=True)
    baseline = ClassifierSerializer(read_only=True, allow_null=True)
    training_set = TrainingSetSerializer(read_only=True)
    created_by = serializers.CharField(
        source="created_by.username", default=None, read_only=True, allow_null=True
    )
    curves = serializers.ListField(child=serializers.DictField(), read_only=True)
    metrics = serializers.DictField(read_only=True)
    baseline_metrics = serializers.DictField(read_only=True)
    comparison = serializers.DictField(read_only=True)
    gate = serializers.DictField(read_only=True)
    rebuilt = serializers.DictField(read_only=True)
    config = serializers.DictField(read_only=True)

    class Meta:
        model = TrainingRun
        fields = [
            "id",
            "state",
            "job",
            "seed",
            "config",
            "curves",
            "metrics",
            "baseline_metrics",
            "comparison",
            "gate",
            "rebuilt",
            "trigger",
            "candidate",
            "baseline",
            "training_set",
            "created_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields


class NewTrainingSerializer(serializers.Serializer):
    seed = serializers.IntegerField(required=False, default=0, min_value=0, max_value=LARGEST_SEED)


class VersionBriefSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    state = serializers.CharField()


class PromotionSerializer(serializers.ModelSerializer):
    job = JobSerializer(read_only=True, allow_null=True)
    to_version = VersionBriefSerializer(read_only=True)
    from_version = VersionBriefSerializer(read_only=True, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True)

    class Meta:
        model = Promotion
        fields = [
            "id",
            "state",
            "job",
            "to_version",
            "from_version",
            "is_rollback",
            "trigger",
            "created_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields


class AnswerSerializer(serializers.Serializer):
    label = serializers.CharField()
    probability = serializers.FloatField()


class EvaluatedSegmentSerializer(serializers.Serializer):
    segment_id = serializers.IntegerField(allow_null=True)
    annotation = serializers.UUIDField(
        allow_null=True, help_text="Key of a segment that somebody drew."
    )
    video_id = serializers.IntegerField()
    video_name = serializers.CharField()
    truth = serializers.CharField()
    candidate = AnswerSerializer()
    baseline = AnswerSerializer(allow_null=True)


class EvaluationSerializer(serializers.Serializer):
    base = serializers.IntegerField(
        help_text="Held-out examples of the base set: counted in the figures, not in the library."
    )
    segments = EvaluatedSegmentSerializer(many=True)


class LabelInSetSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    colour = serializers.CharField()
    hotkey = serializers.CharField()
    order = serializers.IntegerField()
    archived = serializers.BooleanField()
    examples = serializers.IntegerField()
    known_to_model = serializers.BooleanField()


class LabelSetSerializer(serializers.Serializer):
    version = serializers.IntegerField()
    overlap = serializers.ChoiceField(choices=Overlap.choices)
    labels = LabelInSetSerializer(many=True)


class LabelSetChangeSerializer(serializers.Serializer):
    overlap = serializers.ChoiceField(choices=Overlap.choices)


class LabelNameSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    colour = serializers.CharField()


class LabelExamplesSerializer(serializers.Serializer):
    label = LabelNameSerializer()
    base_examples = serializers.IntegerField()
    corrected_examples = serializers.IntegerField()
    known_to_model = serializers.BooleanField()


class TrainingStateSerializer(serializers.Serializer):
    active = ClassifierSerializer(allow_null=True)
    new_corrections = serializers.IntegerField()
    corrected_segments = serializers.IntegerField()
    skipped_segments = serializers.IntegerField(
        help_text="Corrected, but described by an older version of the features; "
        "a training describes them anew."
    )
    labels = LabelExamplesSerializer(many=True)
    can_train = serializers.BooleanField()
    reason_code = serializers.CharField()
    reason = serializers.CharField()
    notice = serializers.CharField(help_text="What an admin should know; mostly empty.")
    running = TrainingRunSerializer(allow_null=True)
    latest = TrainingRunSerializer(allow_null=True)
