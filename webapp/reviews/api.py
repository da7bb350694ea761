"""The library, what a clip shows, and the judgements of people."""

import re
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inference.skeleton import BY_NAME
from webapp.accounts.models import Role
from webapp.accounts.permissions import project_role
from webapp.classifiers.selectors import active_classifier
from webapp.core.errors import AppError, Refused
from webapp.labels.models import Label
from webapp.reviews import library, selectors, services
from webapp.reviews.filters import VideoFilters
from webapp.reviews.models import Correction
from webapp.reviews.provenance import provenance_of
from webapp.reviews.serializers import (
    CardSerializer,
    CorrectionSerializer,
    NewCorrectionSerializer,
    RecordedSerializer,
    TracksSerializer,
    VideoDetailSerializer,
)
from webapp.runs.models import PipelineRun, Segment
from webapp.runs.selectors import current_run
from webapp.videos.models import Video

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description='Version of the segment that was looked at, in quotes: "3".',
)
FORCE = OpenApiParameter(
    "force", bool, description="Also where people have corrected the clip: that is lost then."
)


class LibraryView(ListAPIView):
    """Cards of the project's videos, newest first."""

    permission_classes = [project_role(Role.VIEWER)]
    serializer_class = CardSerializer
    filterset_class = VideoFilters
    queryset = Video.objects.none()  # for the schema

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        return library.videos_of(self.kwargs["project_id"])

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        cards = library.cards_of(page, self.kwargs["project_id"])
        states = [library.card_state(card) for card in cards]
        return self.get_paginated_response(CardSerializer(states, many=True).data)


class OneVideo(APIView):
    """What the views of a single video share."""

    def video_of(self, request: Request, video_id: int) -> Video:
        video = get_object_or_404(Video, pk=video_id)
        self.check_object_permissions(request, video)
        return video


class VideoView(OneVideo):
    permission_classes = [project_role(Role.VIEWER, DELETE=Role.ADMIN)]

    @extend_schema(responses=VideoDetailSerializer)
    def get(self, request: Request, video_id: int) -> Response:
        video = self.video_of(request, video_id)
        [card] = library.cards_of(
            library.videos_of(video.project_id).filter(pk=video.pk), video.project_id
        )
        return Response(VideoDetailSerializer(library.detail_state(card)).data)

    @extend_schema(responses={204: None}, parameters=[FORCE])
    def delete(self, request: Request, video_id: int) -> Response:
        video = self.video_of(request, video_id)
        force = request.query_params.get("force", "") in ("1", "true")
        services.remove_video(video=video, force=force)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TracksView(OneVideo):
    """Tracks and segments of the current run, with what is predicted and what is current."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=TracksSerializer)
    def get(self, request: Request, video_id: int) -> Response:
        video = self.video_of(request, video_id)
        run = current_run(video)
        classifier = active_classifier(video.project_id)
        state = {
            "run": _run_state(run),
            "classifier": classifier,
            "provenance": provenance_of(run, classifier) if run else None,
            "poses_url": reverse("api-run-poses", args=[run.pk]) if run else None,
            "tracks": selectors.track_states(run, classifier) if run else [],
        }
        return Response(TracksSerializer(state).data)


class CorrectionsView(ListAPIView):
    """The history of a segment, newest first; a POST adds to it."""

    permission_classes = [project_role(Role.VIEWER, POST=Role.REVIEWER)]
    serializer_class = CorrectionSerializer
    queryset = Correction.objects.none()  # for the schema
    filter_backends = []
    project_path = "track.run.video.project_id"

    def get_queryset(self):
        if "segment_id" not in self.kwargs:
            return self.queryset
        return selectors.corrections_of(self._segment())

    def _segment(self) -> Segment:
        segments = Segment.objects.select_related("track__run__video")
        segment = get_object_or_404(segments, pk=self.kwargs["segment_id"])
        self.check_object_permissions(self.request, segment)
        return segment

    @extend_schema(
        request=NewCorrectionSerializer,
        responses={201: RecordedSerializer},
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, segment_id: int) -> Response:
        segment = self._segment()
        version = expected_version(request)
        wanted = NewCorrectionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        label = Label.objects.filter(pk=wanted.validated_data["label"]).first()
        if label is None:
            raise Refused("unknown_label", "Expected a label of this project.")
        correction = services.record_correction(
            segment=segment,
            label=label,
            by=request.user,
            expected_version=version,
            note=wanted.validated_data["note"],
        )
        state = {"correction": correction, "segment": selectors.segment_state(segment)}
        headers = {"ETag": f'"{segment.version}"'}
        return Response(RecordedSerializer(state).data, status.HTTP_201_CREATED, headers=headers)


def expected_version(request: Request) -> int:
    """The version in If-Match, without which nothing may be changed."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise AppError(
            "precondition_required",
            'Expected the header If-Match with the version that was looked at, such as "3".',
            status=428,
        )
    match = re.fullmatch(r'"(\d{1,9})"', header)
    if not match:
        raise Refused("bad_if_match", f'Expected If-Match: "<version>", got {header[:40]}.')
    return int(match[1])


def _run_state(run: PipelineRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    skeleton = BY_NAME.get(run.skeleton)
    joints = {"joints": list(skeleton.joints), "limbs": skeleton.limbs} if skeleton else None
    return {
        "id": run.pk,
        "people": run.people,
        "frames": run.frames,
        "skeleton": joints or {"joints": [], "limbs": []},
        "pose_version": run.pose_version,
        "exposure": run.exposure,
    }
