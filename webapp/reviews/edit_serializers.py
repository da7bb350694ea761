"""JSON forms of annotations, edits and their history."""

from rest_framework import serializers

from webapp.accounts.selectors import LARGEST_ID

MOST_EDITS = 500
LONGEST_TARGET = 80


class EditInSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Made by the page; the same id counts once.")
    kind = serializers.CharField(
        max_length=20, help_text="segment.create, pose.set, label.give, restore, ..."
    )
    target = serializers.CharField(
        max_length=LONGEST_TARGET,
        help_text="A UUID, person:frame, a segment's id, clip; family:target for restore.",
    )
    data = serializers.DictField(required=False, default=dict)
    if_version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=2**31 - 1,
        help_text="Version that was seen; null and 0: it was never there.",
    )  # fmt: skip
    group = serializers.UUIDField(required=False, allow_null=True, default=None)
    made_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class NewEditsSerializer(serializers.Serializer):
    edits = serializers.ListField(
        child=EditInSerializer(), min_length=1, max_length=MOST_EDITS, help_text="In their order."
    )
    run = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=LARGEST_ID,
        help_text="Run whose people were seen: edits of people are refused under another.",
    )  # fmt: skip
    user = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=LARGEST_ID,
        help_text="Who made the edits; refused where somebody else has logged in since.",
    )  # fmt: skip


class EditResultSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=["applied", "already"])
    seq = serializers.IntegerField(help_text="Number of the edit in the clip's history.")
    kind = serializers.CharField()
    family = serializers.CharField()
    target = serializers.CharField()
    version = serializers.IntegerField()
    entity = serializers.DictField(help_text="What was edited, as it was after the edit.")


class EditResultsSerializer(serializers.Serializer):
    results = EditResultSerializer(many=True)


class HistoryEditSerializer(serializers.Serializer):
    seq = serializers.IntegerField()
    id = serializers.UUIDField()
    kind = serializers.CharField()
    family = serializers.CharField()
    target = serializers.CharField()
    data = serializers.DictField()
    group = serializers.UUIDField(allow_null=True)
    author = serializers.CharField()
    made_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    entity = serializers.DictField()


class HistorySerializer(serializers.Serializer):
    edits = HistoryEditSerializer(many=True)
    more = serializers.BooleanField(help_text="Whether there are more in this direction.")


class AnnotationsSerializer(serializers.Serializer):
    """Lists of things with target, version, author and time; deleted ones say so."""

    version = serializers.IntegerField(help_text="Number of the clip's last edit.")
    run = serializers.IntegerField(allow_null=True, help_text="The run that numbers the people.")
    segments = serializers.ListField(child=serializers.DictField())
    poses = serializers.ListField(child=serializers.DictField())
    tracks = serializers.ListField(child=serializers.DictField())
    comments = serializers.ListField(child=serializers.DictField())
    decisions = serializers.ListField(child=serializers.DictField())
