"""Skeletons on demand over HTTP: ask with a box, see how far it is, read what was found."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Role
from webapp.accounts.permissions import project_role
from webapp.core.errors import NotFound
from webapp.jobs.api import JobSerializer
from webapp.runs import pose_estimates, pose_pages
from webapp.runs.models import PoseEstimate
from webapp.videos.models import Video


class NewEstimateSerializer(serializers.Serializer):
    frame = serializers.IntegerField(min_value=0, help_text="In which the box was drawn.")
    end_frame = serializers.IntegerField(
        min_value=1, required=False, help_text="Followed up to here at most; default: one frame."
    )
    box_xyxy = serializers.ListField(
        child=serializers.FloatField(), min_length=4, max_length=4, help_text="px"
    )


class EstimateSerializer(serializers.ModelSerializer):
    job = JobSerializer(read_only=True, allow_null=True)
    created_by = serializers.CharField(
        source="created_by.username", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = PoseEstimate
        fields = [
            "id",
            "video",
            "state",
            "job",
            "start_frame",
            "end_frame",
            "box_xyxy",
            "found",
            "skeleton",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields


class EstimatesView(APIView):
    """Ask for somebody whom the detector missed."""

    permission_classes = [project_role(Role.REVIEWER)]

    @extend_schema(request=NewEstimateSerializer, responses={202: EstimateSerializer})
    def post(self, request: Request, video_id: int) -> Response:
        video = get_object_or_404(Video, pk=video_id)
        self.check_object_permissions(request, video)
        wanted = NewEstimateSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        frame = wanted.validated_data["frame"]
        made = pose_estimates.start_estimate(
            video=video,
            start_frame=frame,
            end_frame=wanted.validated_data.get("end_frame", frame + 1),
            box_xyxy=wanted.validated_data["box_xyxy"],
            by=request.user,
        )
        return Response(EstimateSerializer(made).data, status.HTTP_202_ACCEPTED)


class OneEstimate(APIView):
    """What the views of a single estimate share."""

    project_path = "video.project_id"

    def estimate_of(self, request: Request, estimate_id: int) -> PoseEstimate:
        estimates = PoseEstimate.objects.select_related("video", "job", "created_by")
        found = get_object_or_404(estimates, pk=estimate_id)
        self.check_object_permissions(request, found)
        return found


class EstimateView(OneEstimate):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=EstimateSerializer)
    def get(self, request: Request, estimate_id: int) -> Response:
        return Response(EstimateSerializer(self.estimate_of(request, estimate_id)).data)


class EstimateCancellationView(OneEstimate):
    permission_classes = [project_role(Role.REVIEWER)]

    @extend_schema(request=None, responses={202: EstimateSerializer})
    def post(self, request: Request, estimate_id: int) -> Response:
        pose_estimates.cancel_estimate(estimate=self.estimate_of(request, estimate_id))
        found = self.estimate_of(request, estimate_id)
        return Response(EstimateSerializer(found).data, status.HTTP_202_ACCEPTED)


class EstimatePosesView(OneEstimate):
    """What was found, in the form of a run's pages, of track 0; see docs/formats.md."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, estimate_id: int) -> HttpResponse:
        found = self.estimate_of(request, estimate_id)
        if not found.poses_file:
            raise NotFound("no_poses", f"The estimate is {found.state}: it has no skeletons.")
        content = pose_pages.pack(*pose_estimates.found_poses(found), start_frame=found.start_frame)
        headers = {"Cache-Control": "private, max-age=3600"}
        return HttpResponse(content, content_type="application/octet-stream", headers=headers)
