"""JSON forms of relabelling many segments at once."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webapp.accounts.selectors import LARGEST_ID
from webapp.reviews import relabels
from webapp.reviews.models import Relabel
from webapp.reviews.serializers import LabelBriefSerializer
from webapp.videos.models import VideoState

MOST_CONFLICTS = 100


class NewRelabelSerializer(serializers.Serializer):
    """Which segments, and the label that they shall get."""

    to_label = serializers.IntegerField(max_value=LARGEST_ID, help_text="Id of the new label.")
    which = serializers.ChoiceField(
        choices=relabels.WHICH,
        default=relabels.CLIP,
        help_text="`clip`: the segment that stands for its clip; `main`: all of the main people; "
        "`everyone`: all of everybody.",
    )
    from_label = serializers.IntegerField(
        required=False, max_value=LARGEST_ID, help_text="Only segments that show this label now."
    )
    least_probability = serializers.FloatField(required=False, min_value=0, max_value=1)
    most_probability = serializers.FloatField(required=False, min_value=0, max_value=1)
    ids = serializers.RegexField(
        r"^\d+(,\d+)*$", required=False, allow_blank=True, help_text="Ids of clips: `3,7`."
    )
    state = serializers.ChoiceField(
        choices=VideoState.choices, required=False, allow_blank=True, help_text="Of the clips."
    )
    label = serializers.IntegerField(
        required=False, max_value=LARGEST_ID, help_text="Clips that show this label now."
    )
    reviewed = serializers.BooleanField(required=False, help_text="Clips that people have judged.")
    q = serializers.CharField(required=False, allow_blank=True, help_text="Part of a clip's name.")


class FromLabelSerializer(serializers.Serializer):
    label = LabelBriefSerializer(allow_null=True)
    count = serializers.IntegerField()


class RelabelCountsSerializer(serializers.Serializer):
    change = serializers.IntegerField(help_text="Segments that show another label now.")
    confirm = serializers.IntegerField(help_text="Predicted with this label, not judged yet.")
    already = serializers.IntegerField(help_text="Judged with this label: left as they are.")
    from_labels = FromLabelSerializer(many=True)


class ConflictSerializer(serializers.Serializer):
    segment = serializers.IntegerField()
    video = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    reason = serializers.ChoiceField(
        choices=[relabels.GONE, relabels.ANEW, relabels.CHANGED, relabels.SHOWS_ANOTHER]
    )


class RelabelRowSerializer(serializers.ModelSerializer):
    """A change of many segments without its lists."""

    label = LabelBriefSerializer(read_only=True)
    counts = RelabelCountsSerializer(read_only=True)
    left_out = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    undone_by = serializers.CharField(
        source="undone_by.username", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = Relabel
        fields = [
            "id",
            "state",
            "label",
            "filters",
            "counts",
            "applied",
            "left_out",
            "created_by",
            "created_at",
            "applied_at",
            "undone_by",
            "undone_at",
        ]
        read_only_fields = fields

    def get_left_out(self, relabel: Relabel) -> int:
        return len(relabel.conflicts)


class RelabelSerializer(RelabelRowSerializer):
    """With the conflicts, at most a hundred of each kind."""

    conflicts = serializers.SerializerMethodField()
    undo_conflicts = serializers.SerializerMethodField()

    class Meta(RelabelRowSerializer.Meta):
        fields = [*RelabelRowSerializer.Meta.fields, "conflicts", "undo_conflicts"]
        read_only_fields = fields

    @extend_schema_field(ConflictSerializer(many=True))
    def get_conflicts(self, relabel: Relabel) -> list[dict[str, Any]]:
        return ConflictSerializer(relabel.conflicts[:MOST_CONFLICTS], many=True).data

    @extend_schema_field(ConflictSerializer(many=True))
    def get_undo_conflicts(self, relabel: Relabel) -> list[dict[str, Any]]:
        return ConflictSerializer(relabel.undo_conflicts[:MOST_CONFLICTS], many=True).data
