"""What the pose network saw of a frame, over HTTP: ask for it, see whether it is there, read it."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.models import Role
from webapp.accounts.permissions import project_role
from webapp.core.errors import NotFound
from webapp.runs import model_pictures
from webapp.runs.api import OneRun
from webapp.runs.models import PipelineRun


class ModelPictureSerializer(serializers.Serializer):
    """Where the picture is."""

    state = serializers.ChoiceField(
        choices=["waiting", "done", "outdated"],
        help_text="outdated: networks or settings are others now, it cannot be drawn any more.",
    )
    url = serializers.CharField(allow_null=True)


class ModelPictureView(OneRun):
    """A frame as the pose network was given it; a POST has a worker draw it."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=ModelPictureSerializer)
    def get(self, request: Request, run_id: int, frame: int) -> Response:
        return Response(_state(self.run_of(request, run_id), frame))

    @extend_schema(request=None, responses={202: ModelPictureSerializer})
    def post(self, request: Request, run_id: int, frame: int) -> Response:
        run = self.run_of(request, run_id)
        model_pictures.ask_for_picture(run=run, frame=frame)
        return Response(_state(run, frame), status.HTTP_202_ACCEPTED)


class ModelPictureFileView(OneRun):
    """The picture itself, without loss."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, run_id: int, frame: int) -> HttpResponse:
        path = model_pictures.picture_path(self.run_of(request, run_id), frame)
        if path is None:
            raise NotFound("no_picture", f"Nobody has had frame {frame} drawn lately.")
        headers = {"Cache-Control": "private, max-age=3600"}
        return HttpResponse(path.read_bytes(), content_type="image/png", headers=headers)


def _state(run: PipelineRun, frame: int) -> dict[str, Any]:
    if model_pictures.picture_path(run, frame) is not None:
        return {"state": "done", "url": reverse("api-model-picture-file", args=[run.pk, frame])}
    return {"state": "outdated" if model_pictures.is_outdated(run) else "waiting", "url": None}
