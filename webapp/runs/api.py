"""Runs of a video: list, start, look at, cancel, and their skeletons."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Role
from webapp.accounts.permissions import project_role
from webapp.core.errors import NotFound
from webapp.runs import poses, selectors, services
from webapp.runs.models import PipelineRun
from webapp.runs.serializers import RunSerializer
from webapp.videos.models import Video


class RunsView(ListAPIView):
    """Runs of a video, newest first; a POST analyses it anew."""

    permission_classes = [project_role(Role.VIEWER, POST=Role.REVIEWER)]
    serializer_class = RunSerializer
    queryset = PipelineRun.objects.none()  # for the schema
    filter_backends = []

    def get_queryset(self):
        if "video_id" not in self.kwargs:
            return self.queryset
        return selectors.runs_of(self._video())

    def _video(self) -> Video:
        video = get_object_or_404(Video, pk=self.kwargs["video_id"])
        self.check_object_permissions(self.request, video)
        return video

    @extend_schema(request=None, responses={202: RunSerializer})
    def post(self, request: Request, video_id: int) -> Response:
        run = services.start_run(video=self._video(), by=request.user)
        return Response(RunSerializer(run).data, status.HTTP_202_ACCEPTED)


class OneRun(APIView):
    """What the views of a single run share."""

    project_path = "video.project_id"

    def run_of(self, request: Request, run_id: int) -> PipelineRun:
        runs = PipelineRun.objects.select_related("job", "created_by", "video", "pose_version")
        run = get_object_or_404(runs, pk=run_id)
        self.check_object_permissions(request, run)
        return run


class RunView(OneRun):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=RunSerializer)
    def get(self, request: Request, run_id: int) -> Response:
        return Response(RunSerializer(self.run_of(request, run_id)).data)


class CancellationView(OneRun):
    """Asks the worker to stop; the run's state says when it has."""

    permission_classes = [project_role(Role.REVIEWER)]

    @extend_schema(request=None, responses={202: RunSerializer})
    def post(self, request: Request, run_id: int) -> Response:
        services.cancel_run(run=self.run_of(request, run_id))
        run = self.run_of(request, run_id)
        return Response(RunSerializer(run).data, status.HTTP_202_ACCEPTED)


class PosesView(OneRun):
    """Boxes and joints: little-endian float32 [P, T, 4 + 3 K], NaN where absent, pixels."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, run_id: int) -> HttpResponse:
        run = self.run_of(request, run_id)
        if not run.poses_file:
            raise NotFound("no_poses", f"The run is {run.state}: it has no skeletons.")
        tag = f'"{run.poses_file.rpartition("/")[2].removesuffix(".npz")}"'
        headers = {"ETag": tag, "Cache-Control": "private, max-age=3600"}
        if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
            return HttpResponse(status=304, headers=headers)
        packed = poses.packed(run.poses_file)
        headers["X-People"] = str(packed.people)
        headers["X-Frames"] = str(packed.frames)
        headers["X-Joints"] = str(packed.joints)
        content_type = "application/octet-stream"
        return HttpResponse(packed.content, content_type=content_type, headers=headers)
