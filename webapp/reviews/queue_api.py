"""Where to look next, over HTTP: the queue, likely mistakes, and suggestions."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Role
from webapp.accounts.permissions import project_role
from webapp.accounts.selectors import LARGEST_ID
from webapp.classifiers.selectors import active_classifier
from webapp.core.errors import Refused
from webapp.reviews import doubts, entries, likeness, queue, selectors
from webapp.reviews.api import IF_MATCH, expected_version
from webapp.reviews.models import Correction
from webapp.reviews.ordering import DEFAULT_KIND, KINDS
from webapp.reviews.queue_serializers import (
    DecisionSerializer,
    DoubtsSerializer,
    NewDecisionSerializer,
    QueueSerializer,
    SuggestionsSerializer,
)
from webapp.runs.models import Segment

LONGEST_PAGE = 200


class QueueQuerySerializer(serializers.Serializer):
    order = serializers.ChoiceField(
        choices=KINDS,
        default=DEFAULT_KIND,
        help_text="`mixed`: unsure and unlike what is labelled or chosen before; `entropy`, "
        "`margin`: unsure; `diversity`: unlike; `disagreement`: with the version before; `age`: "
        "waiting longest.",
    )
    who = serializers.ChoiceField(
        choices=queue.WHO,
        default=queue.MAIN,
        help_text="`main`: people who stand for their clip; `everyone`: the others as well.",
    )
    after = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST_ID, help_text="Id of a video to go on from."
    )
    after_segment = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST_ID, help_text="The same for a segment."
    )
    at = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST_ID, help_text="A segment to explain."
    )
    start = serializers.IntegerField(default=0, min_value=0, max_value=LARGEST_ID)
    page_size = serializers.IntegerField(default=50, min_value=0, max_value=LONGEST_PAGE)


class QueueView(APIView):
    """Segments that nobody has judged, the one to look at next first, and why."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(parameters=[QueueQuerySerializer], responses=QueueSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        asked = QueueQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        classifier = active_classifier(project_id)
        found = queue.review_queue(
            project_id, classifier=classifier, kind=wanted["order"], who=wanted["who"]
        )
        other = queue.compared_with(found)
        following = queue.following(
            found, segment=wanted.get("after_segment"), video=wanted.get("after")
        )
        state = {
            "order": wanted["order"],
            "who": wanted["who"],
            "results": entries.page_of(
                found,
                classifier=classifier,
                other=other,
                start=wanted["start"],
                count=wanted["page_size"],
            ),
            "next": queue.video_of(found, following),
            "next_segment": following,
            "remaining": found.remaining,
            "here": entries.entry_of(found, wanted.get("at"), classifier=classifier, other=other),
            "compared_with": other.number if other else None,
            "notice": found.notice,
        }
        return Response(QueueSerializer(state).data)


class PageQuerySerializer(serializers.Serializer):
    start = serializers.IntegerField(default=0, min_value=0, max_value=LARGEST_ID)
    page_size = serializers.IntegerField(default=50, min_value=0, max_value=LONGEST_PAGE)


class DoubtsView(APIView):
    """Judged segments that are likely mislabelled, surest first."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(parameters=[PageQuerySerializer], responses=DoubtsSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        asked = PageQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        start, size = asked.validated_data["start"], asked.validated_data["page_size"]
        classifier = active_classifier(project_id)
        found = doubts.doubts_of(project_id, classifier)
        shown = doubts.doubts_in_words(found[start : start + size], project_id, classifier)
        return Response(DoubtsSerializer({"results": shown, "count": len(found)}).data)


class SuggestionsQuerySerializer(PageQuerySerializer):
    like = serializers.IntegerField(
        required=False, max_value=LARGEST_ID, help_text="Only what this judged segment suggests."
    )
    distance = serializers.FloatField(
        default=likeness.NEAR, min_value=0, max_value=likeness.FARTHEST_ASKED
    )


class SuggestionsView(APIView):
    """Labels of judged segments for those that are nearly the same; nothing is applied."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(parameters=[SuggestionsQuerySerializer], responses=SuggestionsSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        asked = SuggestionsQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        found = likeness.suggestions_of(
            project_id, like=wanted.get("like"), distance=wanted["distance"]
        )
        page = found[wanted["start"] : wanted["start"] + wanted["page_size"]]
        shown = likeness.suggestions_in_words(page, project_id, active_classifier(project_id))
        return Response(SuggestionsSerializer({"results": shown, "count": len(found)}).data)


class DecisionsView(APIView):
    """A person's decision on a suggestion; accepting needs If-Match, as any correction does."""

    permission_classes = [project_role(Role.REVIEWER)]
    project_path = "track.run.video.project_id"

    @extend_schema(
        request=NewDecisionSerializer, responses={201: DecisionSerializer}, parameters=[IF_MATCH]
    )
    def post(self, request: Request, segment_id: int) -> Response:
        rows = Segment.objects.select_related("track__run__video")
        segment = get_object_or_404(rows, pk=segment_id)
        self.check_object_permissions(request, segment)
        version = expected_version(request)
        asked = NewDecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        source = Correction.objects.filter(pk=wanted["correction"]).select_related("label").first()
        if source is None:
            raise Refused("unknown_correction", "Expected a correction of this project.")
        if wanted["decision"] == "accept":
            likeness.accept_suggestion(
                segment=segment, source=source, by=request.user, expected_version=version
            )
        else:
            likeness.dismiss_suggestion(segment=segment, source=source, by=request.user)
        state = {"decision": wanted["decision"], "segment": selectors.segment_state(segment)}
        return Response(DecisionSerializer(state).data, status.HTTP_201_CREATED)
