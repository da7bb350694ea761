"""Keypoints of clips as files: every member may look, admins bring and drop them."""

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.models import Project, Role
from webapp.accounts.permissions import project_role
from webapp.core.piece_requests import RawBytes, piece_of
from webapp.estimators import keypoints
from webapp.estimators.models import KeypointFile
from webapp.estimators.serializers import KeypointFileSerializer


class KeypointFilesView(ListAPIView):
    """Clips that have keypoints as files, by name; a POST brings one, a DELETE drops all."""

    permission_classes = [project_role(Role.VIEWER, POST=Role.ADMIN, DELETE=Role.ADMIN)]
    parser_classes = [RawBytes]
    serializer_class = KeypointFileSerializer
    queryset = KeypointFile.objects.none()  # for the schema

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        return keypoints.keypoints_of(self.kwargs["project_id"]).select_related("created_by")

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY},
        parameters=[
            OpenApiParameter(
                "name", str, required=True, description="The clip's name, ending in .npz."
            )
        ],
        responses={201: KeypointFileSerializer},
    )
    def post(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        made = keypoints.keep_keypoints(
            project=project,
            name=request.query_params.get("name", ""),
            content=piece_of(request),
            by=request.user,
        )
        return Response(KeypointFileSerializer(made).data, status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: int) -> Response:
        keypoints.forget_keypoints(project_id=project_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
