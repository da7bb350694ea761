"""Runs of a video: list, start, look at, cancel, and their skeletons."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Role
from webapp.accounts.permissions import project_role
from webapp.core.errors import NotFound, Refused
from webapp.core.ranges import ranged_response
from webapp.runs import pose_pages, poses, selectors, services
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


class PosePagesView(OneRun):
    """Boxes and joints in small numbers and whole pages, for a browser; see docs/formats.md.

    With ``from`` and ``to``, frames of a half-open range, the pages that cover it are sent;
    without them all are, and byte ranges of them may be asked for.
    """

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(
        parameters=[OpenApiParameter(name, int) for name in ("from", "to")],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, run_id: int) -> HttpResponseBase:
        run = self.run_of(request, run_id)
        if not run.poses_file:
            raise NotFound("no_poses", f"The run is {run.state}: it has no skeletons.")
        start, end = frame_range_of(request, run.frames)
        path = pose_pages.packed_file(run.poses_file)
        tag = path.name.removesuffix(".pages")
        if (start, end) == (0, run.frames):
            return ranged_response(request, path, "application/octet-stream", tag)
        headers = {"ETag": f'"{tag}-{start}-{end}"', "Cache-Control": "private, max-age=3600"}
        if request.headers.get("If-None-Match", "").removeprefix("W/") == headers["ETag"]:
            return HttpResponse(status=304, headers=headers)
        content = pose_pages.ranged(path, start, end)
        return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def frame_range_of(request: Request, frames: int) -> tuple[int, int]:
    """Frames ``[from, to)`` that a request asks for; the whole clip where it does not say."""
    given = [request.query_params.get("from", "0"), request.query_params.get("to", str(frames))]
    if not all(text.isascii() and text.isdigit() for text in given):
        raise Refused("bad_range", f"Expected frames from and to, got {given[0]} and {given[1]}.")
    start, end = int(given[0]), min(int(given[1]), frames)
    if start >= end and frames:
        raise Refused("bad_range", f"Expected frames within 0 to {frames}, got {start} to {end}.")
    return start, end
