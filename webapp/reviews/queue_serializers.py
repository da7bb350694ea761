"""JSON forms of the queue, of doubts about labels, of suggestions and of relabelling many."""

from rest_framework import serializers

from webapp.accounts.selectors import LARGEST_ID
from webapp.reviews.serializers import (
    LabelBriefSerializer,
    LabelProbabilitySerializer,
    SegmentSerializer,
)


class SegmentInWordsSerializer(serializers.Serializer):
    """A segment with what a person must see to find and judge it."""

    segment = serializers.IntegerField()
    version = serializers.IntegerField(help_text="For If-Match.")
    video = serializers.IntegerField()
    name = serializers.CharField(help_text="Of the video.")
    poster_url = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField(help_text="When the clip came.")
    person = serializers.IntegerField(help_text="Row in the poses file.")
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField(help_text="Half-open: the first frame behind.")
    fps = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="[numerator, denominator]"
    )
    label = LabelBriefSerializer(allow_null=True, help_text="Predicted by the active version.")
    probability = serializers.FloatField(allow_null=True)
    probabilities = LabelProbabilitySerializer(many=True, help_text="The likeliest three.")


class QueueEntrySerializer(SegmentInWordsSerializer):
    rank = serializers.IntegerField(help_text="1: next.")
    why = serializers.CharField(help_text="Why it is where it is, in words.")
    score = serializers.FloatField(allow_null=True, help_text="What the order goes by.")
    uncertainty = serializers.FloatField(allow_null=True, help_text="0 sure, 1 all labels alike.")
    novelty = serializers.FloatField(
        allow_null=True, help_text="Half the cosine distance to the nearest labelled segment."
    )
    disagreement = serializers.FloatField(
        allow_null=True, help_text="Between the two versions; null where not asked for."
    )


class QueueSerializer(serializers.Serializer):
    order = serializers.CharField()
    who = serializers.CharField()
    results = QueueEntrySerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="Id of the video to show next.")
    next_segment = serializers.IntegerField(allow_null=True, help_text="And of its segment.")
    remaining = serializers.IntegerField(help_text="Segments that nobody has judged.")
    here = QueueEntrySerializer(
        allow_null=True, help_text="The segment asked for as `at`, where it is in the queue."
    )
    compared_with = serializers.IntegerField(
        allow_null=True, help_text="Number of the other version, in the order by disagreement."
    )
    notice = serializers.CharField()


class DoubtSerializer(SegmentInWordsSerializer):
    """A judged segment whose label all else speaks against."""

    given = LabelBriefSerializer(help_text="By a person.")
    given_probability = serializers.FloatField()
    looks_like = LabelBriefSerializer()
    looks_like_probability = serializers.FloatField()
    author = serializers.CharField()
    judged_at = serializers.DateTimeField()
    source = serializers.ChoiceField(
        choices=["out_of_fold", "active"],
        help_text="`out_of_fold`: a model of all other labelled clips; `active`: the active "
        "version, where it was made before the label was given.",
    )
    score = serializers.FloatField(help_text="By how much the other label is ahead.")
    why = serializers.CharField()


class DoubtsSerializer(serializers.Serializer):
    results = DoubtSerializer(many=True)
    count = serializers.IntegerField()


class LikeSerializer(serializers.Serializer):
    segment = serializers.IntegerField()
    video = serializers.IntegerField()
    name = serializers.CharField()
    person = serializers.IntegerField()
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField()


class SuggestionSerializer(SegmentInWordsSerializer):
    """A segment that nobody has judged and that is nearly the same as a judged one."""

    suggested = LabelBriefSerializer()
    correction = serializers.IntegerField(help_text="Where the label comes from.")
    like = LikeSerializer()
    author = serializers.CharField(help_text="Of that correction.")
    distance = serializers.FloatField(help_text="Cosine distance of the features.")
    why = serializers.CharField()


class SuggestionsSerializer(serializers.Serializer):
    results = SuggestionSerializer(many=True)
    count = serializers.IntegerField()


class NewDecisionSerializer(serializers.Serializer):
    correction = serializers.IntegerField(
        max_value=LARGEST_ID, help_text="The correction whose label is suggested."
    )
    decision = serializers.ChoiceField(choices=["accept", "dismiss"])


class DecisionSerializer(serializers.Serializer):
    decision = serializers.ChoiceField(choices=["accept", "dismiss"])
    segment = SegmentSerializer()
