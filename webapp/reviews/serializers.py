"""JSON forms of cards, tracks, segments, corrections and the queue."""

from rest_framework import serializers

from webapp.core.models import WorkState
from webapp.estimators.serializers import PoseBriefSerializer
from webapp.reviews.models import Correction, CorrectionKind
from webapp.reviews.provenance import ProvenanceSerializer
from webapp.videos.models import VideoState


class LabelBriefSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    colour = serializers.CharField()


class JobBriefSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    job_kind = serializers.CharField()
    stage = serializers.CharField()
    progress = serializers.FloatField()
    state = serializers.ChoiceField(choices=WorkState.choices)


class ClipPredictionSerializer(serializers.Serializer):
    label = LabelBriefSerializer()
    probability = serializers.FloatField()
    classifier = serializers.IntegerField(help_text="Number of the version.")


class ClipCorrectionSerializer(serializers.Serializer):
    label = LabelBriefSerializer()
    author = serializers.CharField()
    created_at = serializers.DateTimeField()


class CardSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=VideoState.choices)
    error_code = serializers.CharField()
    message = serializers.CharField()
    duplicate_of = serializers.IntegerField(allow_null=True)
    poster_url = serializers.CharField(allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    frames = serializers.IntegerField(allow_null=True)
    fps = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="[numerator, denominator]"
    )
    duration_s = serializers.FloatField(allow_null=True)
    created_at = serializers.DateTimeField()
    uploaded_by = serializers.CharField()
    job = JobBriefSerializer(allow_null=True)
    people = serializers.IntegerField(allow_null=True)
    predicted = ClipPredictionSerializer(allow_null=True)
    corrected = ClipCorrectionSerializer(allow_null=True)
    reviewed = serializers.BooleanField()


class VideoDetailSerializer(CardSerializer):
    project = serializers.IntegerField()
    original_url = serializers.CharField(allow_null=True)
    proxy_url = serializers.CharField(allow_null=True)
    frame_table_url = serializers.CharField(allow_null=True)
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    variable_fps = serializers.BooleanField()


class LabelProbabilitySerializer(serializers.Serializer):
    label = LabelBriefSerializer()
    probability = serializers.FloatField()


class SegmentPredictionSerializer(LabelProbabilitySerializer):
    probabilities = LabelProbabilitySerializer(many=True)


class CurrentSerializer(serializers.Serializer):
    label = LabelBriefSerializer()
    source = serializers.ChoiceField(choices=["prediction", "correction"])
    author = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)


class SegmentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField(help_text="Half-open: the first frame behind.")
    version = serializers.IntegerField()
    predicted = SegmentPredictionSerializer(allow_null=True)
    current = CurrentSerializer(allow_null=True)


class TrackSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    index = serializers.IntegerField(help_text="Row in the poses file.")
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField()
    segments = SegmentSerializer(many=True)


class SkeletonSerializer(serializers.Serializer):
    joints = serializers.ListField(child=serializers.CharField())
    limbs = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))


class RunBriefSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    people = serializers.IntegerField()
    frames = serializers.IntegerField()
    skeleton = SkeletonSerializer()
    pose_version = PoseBriefSerializer(
        allow_null=True, help_text="The pose weights; null: those that came with the installation."
    )
    exposure = serializers.DictField(
        help_text="For detector and pose: how frames were treated, and what was measured."
    )


class ClassifierBriefSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.IntegerField()


class TracksSerializer(serializers.Serializer):
    run = RunBriefSerializer(allow_null=True)
    classifier = ClassifierBriefSerializer(allow_null=True)
    provenance = ProvenanceSerializer(allow_null=True)
    poses_url = serializers.CharField(allow_null=True)
    tracks = TrackSerializer(many=True)


class NewCorrectionSerializer(serializers.Serializer):
    label = serializers.IntegerField(help_text="Id of the label.")
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class CorrectionSerializer(serializers.ModelSerializer):
    label = LabelBriefSerializer(read_only=True)
    shown_label = LabelBriefSerializer(read_only=True, allow_null=True)
    shown_classifier = serializers.IntegerField(
        source="shown_classifier.number", default=None, read_only=True, allow_null=True
    )
    author = serializers.CharField(source="author.username", read_only=True)
    kind = serializers.ChoiceField(choices=CorrectionKind.choices, read_only=True)

    class Meta:
        model = Correction
        fields = [
            "id",
            "video",
            "segment",
            "label",
            "kind",
            "segment_version",
            "shown_classifier",
            "shown_label",
            "author",
            "note",
            "created_at",
        ]
        read_only_fields = fields


class RecordedSerializer(serializers.Serializer):
    correction = CorrectionSerializer()
    segment = SegmentSerializer()
