"""Annotations of a clip, the edits that make them, and their history."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.models import Role
from webapp.accounts.permissions import project_role
from webapp.core.errors import Conflict
from webapp.reviews.api import OneVideo
from webapp.reviews.edit_serializers import (
    LONGEST_TARGET,
    AnnotationsSerializer,
    EditResultsSerializer,
    HistorySerializer,
    NewEditsSerializer,
)
from webapp.reviews.edits.log import apply_edits, parse_edit, row_state
from webapp.reviews.edits.selectors import annotations_of, annotations_version, edits_of

LARGEST_NUMBER = 2**31 - 1


class AnnotationsView(OneVideo):
    """What people marked; the ETag changes with every edit of the clip."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=AnnotationsSerializer)
    def get(self, request: Request, video_id: int) -> Response:
        video = self.video_of(request, video_id)
        seen = request.headers.get("If-None-Match", "").removeprefix("W/")
        tag = f'"{annotations_version(video)}"'
        if seen == tag:
            return Response(status=304, headers={"ETag": tag})
        state = annotations_of(video)
        headers = {"ETag": f'"{state["version"]}"', "Cache-Control": "private, no-cache"}
        return Response(state, headers=headers)


class HistoryQuery(serializers.Serializer):
    after = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_NUMBER)
    before = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_NUMBER)
    target = serializers.CharField(required=False, max_length=LONGEST_TARGET)
    page_size = serializers.IntegerField(required=False, default=100, min_value=1, max_value=500)


class EditsView(OneVideo):
    """The history of a clip; a POST adds to it."""

    permission_classes = [project_role(Role.VIEWER, POST=Role.REVIEWER)]

    @extend_schema(
        responses=HistorySerializer,
        parameters=[
            OpenApiParameter("after", int, description="Behind this number, oldest first."),
            OpenApiParameter("before", int, description="Before this number, newest first."),
            OpenApiParameter("target", str, description="Of one thing: family:target."),
            OpenApiParameter("page_size", int),
        ],
    )
    def get(self, request: Request, video_id: int) -> Response:
        video = self.video_of(request, video_id)
        asked = HistoryQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(_page(video, **asked.validated_data))

    @extend_schema(request=NewEditsSerializer, responses=EditResultsSerializer)
    def post(self, request: Request, video_id: int) -> Response:
        video = self.video_of(request, video_id)
        wanted = NewEditsSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        _expect_same_person(request, wanted.validated_data["user"])
        results = apply_edits(
            video=video,
            edits=[parse_edit(values) for values in wanted.validated_data["edits"]],
            by=request.user,
            seen_run=wanted.validated_data["run"],
        )
        return Response({"results": results})


def _expect_same_person(request: Request, user_id: int | None) -> None:
    """Edits that waited in a browser belong to who made them, not to who is logged in now."""
    if user_id is not None and user_id != request.user.pk:
        raise Conflict(
            "other_user",
            _("You are logged in as %(name)s; these edits were made by somebody else.")
            % {"name": request.user.get_username()},
        )


def _page(
    video: Any, *, page_size: int, target: str = "", after: int | None = None,
    before: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    rows = list(edits_of(video, after=after, before=before, about=target)[: page_size + 1])
    return {"edits": [row_state(row) for row in rows[:page_size]], "more": len(rows) > page_size}
