"""Uploading in pieces, and the files of a video."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Project, Role
from webapp.accounts.permissions import project_role, require_role
from webapp.core import storage
from webapp.core.errors import NotFound
from webapp.core.piece_requests import UPLOAD_OFFSET, RawBytes, offset_of, piece_of
from webapp.core.ranges import ranged_response
from webapp.jobs.api import JobSerializer
from webapp.videos import selectors, services, thumbnails, uploads
from webapp.videos.models import Upload, Video


class UploadSerializer(serializers.ModelSerializer):
    received_bytes = serializers.SerializerMethodField()
    video = serializers.IntegerField(source="video_id", read_only=True, allow_null=True)

    class Meta:
        model = Upload
        fields = ["id", "name", "size_bytes", "received_bytes", "video", "created_at"]

    def get_received_bytes(self, upload: Upload) -> int:
        return upload.size_bytes if upload.video_id else uploads.received_bytes(upload)


class NewUploadSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=1000)
    size_bytes = serializers.IntegerField(min_value=0)


class FrameTableSerializer(serializers.Serializer):
    frames = serializers.IntegerField()
    fps = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    variable = serializers.BooleanField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    times_s = serializers.ListField(child=serializers.FloatField())


class ThumbnailsSerializer(serializers.Serializer):
    url = serializers.CharField(allow_null=True)
    tile_width = serializers.IntegerField()
    tile_height = serializers.IntegerField()
    columns = serializers.IntegerField()
    frames = serializers.ListField(child=serializers.IntegerField())


class UploadsView(ListAPIView):
    """Begin an upload; see one's own that are not complete."""

    permission_classes = [project_role(Role.REVIEWER)]
    serializer_class = UploadSerializer
    queryset = Upload.objects.none()

    def get_queryset(self):
        return selectors.open_uploads(self.kwargs["project_id"], self.request.user)

    @extend_schema(request=NewUploadSerializer, responses={201: UploadSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        wanted = NewUploadSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        upload = services.start_upload(project=project, by=request.user, **wanted.validated_data)
        return Response(UploadSerializer(upload).data, status.HTTP_201_CREATED)


class UploadView(APIView):
    """One upload, for the person who began it and for admins."""

    permission_classes = [project_role(Role.REVIEWER)]
    parser_classes = [RawBytes]

    def _upload(self, request: Request, upload_id: Any) -> Upload:
        upload = get_object_or_404(Upload, pk=upload_id)
        self.check_object_permissions(request, upload)
        if upload.created_by_id != request.user.pk:
            require_role(request.user, upload.project_id, Role.ADMIN)
        return upload

    @extend_schema(responses=UploadSerializer)
    def get(self, request: Request, upload_id: Any) -> Response:
        return Response(UploadSerializer(self._upload(request, upload_id)).data)

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY},
        parameters=[UPLOAD_OFFSET],
        responses=UploadSerializer,
    )
    def patch(self, request: Request, upload_id: Any) -> Response:
        upload = self._upload(request, upload_id)
        upload = services.append_chunk(
            upload=upload, offset=offset_of(request), data=piece_of(request)
        )
        return Response(UploadSerializer(upload).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, upload_id: Any) -> Response:
        services.cancel_upload(upload=self._upload(request, upload_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class _VideoFileView(APIView):
    """Base of the views that send one of a video's files."""

    permission_classes = [project_role(Role.VIEWER)]

    def _video(self, request: Request, video_id: int) -> Video:
        video = get_object_or_404(Video, pk=video_id)
        self.check_object_permissions(request, video)
        return video


class IngestCancellationView(APIView):
    """Asks the worker to stop reading a new file; the video's state says when it has."""

    permission_classes = [project_role(Role.REVIEWER)]

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request, video_id: int) -> Response:
        video = get_object_or_404(Video, pk=video_id)
        self.check_object_permissions(request, video)
        job = services.cancel_ingest(video=video)
        return Response(JobSerializer(job).data, status.HTTP_202_ACCEPTED)


def _file_view(field: str, content_type: str, *, download: bool = False) -> type[_VideoFileView]:
    class FileView(_VideoFileView):
        @extend_schema(responses={(200, content_type): OpenApiTypes.BINARY})
        def get(self, request: Request, video_id: int) -> HttpResponseBase:
            video = self._video(request, video_id)
            name = getattr(video, field)
            if not name:
                raise NotFound("no_file", f"{video.name} has no such file: it is {video.state}.")
            saved_as = video.name if download else ""
            path = storage.path_of(name)
            return ranged_response(request, path, content_type, download_name=saved_as)

        head = get

    return FileView


PosterView = _file_view("poster_file", "image/jpeg")
ThumbnailsFileView = _file_view("thumbnails_file", "image/jpeg")
ProxyView = _file_view("proxy_file", "video/mp4")
# What a person sent is never shown as a page of ours, only saved.
OriginalView = _file_view("original_file", "application/octet-stream", download=True)


class FrameTableView(_VideoFileView):
    @extend_schema(responses=FrameTableSerializer)
    def get(self, request: Request, video_id: int) -> Response:
        return Response(selectors.frame_times(self._video(request, video_id)))


class ThumbnailsView(_VideoFileView):
    """Small pictures for scrubbing; 202 while a worker still makes them (an event tells when)."""

    @extend_schema(responses={200: ThumbnailsSerializer, 202: ThumbnailsSerializer})
    def get(self, request: Request, video_id: int) -> Response:
        video = self._video(request, video_id)
        sheet = thumbnails.describe_sheet(video)
        if sheet["url"]:
            return Response(sheet)
        thumbnails.ask_for_sheet(video=video)
        return Response(sheet, status.HTTP_202_ACCEPTED)
