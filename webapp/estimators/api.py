"""Pose weights of a project: look at them, import published ones, put candidates aside."""

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Project, Role
from webapp.accounts.permissions import project_role
from webapp.core.piece_requests import UPLOAD_OFFSET, RawBytes, offset_of, piece_of
from webapp.estimators import imports, selectors, services
from webapp.estimators.models import PoseImport, PoseVersion
from webapp.estimators.serializers import (
    NewPoseImportSerializer,
    PoseImportSerializer,
    PoseVersionSerializer,
)


class PoseVersionsView(ListAPIView):
    """Imported and adapted pose weights, newest first; the shipped ones are not among them."""

    permission_classes = [project_role(Role.VIEWER)]
    serializer_class = PoseVersionSerializer
    queryset = PoseVersion.objects.none()  # for the schema
    filterset_fields = ["state", "kind"]

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        return selectors.pose_versions_of(self.kwargs["project_id"])


class OneVersion(APIView):
    """What the views of a single version share."""

    def version_of(self, request: Request, version_id: int) -> PoseVersion:
        versions = PoseVersion.objects.select_related("created_by")
        version = get_object_or_404(versions, pk=version_id)
        self.check_object_permissions(request, version)
        return version


class PoseVersionView(OneVersion):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=PoseVersionSerializer)
    def get(self, request: Request, version_id: int) -> Response:
        return Response(PoseVersionSerializer(self.version_of(request, version_id)).data)


class PoseDiscardingView(OneVersion):
    """Puts a candidate aside."""

    permission_classes = [project_role(Role.ADMIN)]

    @extend_schema(request=None, responses=PoseVersionSerializer)
    def post(self, request: Request, version_id: int) -> Response:
        version = services.discard_pose(version=self.version_of(request, version_id))
        return Response(PoseVersionSerializer(version).data)


class PoseImportsView(ListAPIView):
    """Imports, newest first; a POST begins the upload of a checkpoint file."""

    permission_classes = [project_role(Role.VIEWER, POST=Role.ADMIN)]
    serializer_class = PoseImportSerializer
    queryset = PoseImport.objects.none()  # for the schema
    filterset_fields = ["state"]

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        return selectors.imports_of(self.kwargs["project_id"])

    @extend_schema(request=NewPoseImportSerializer, responses={201: PoseImportSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        wanted = NewPoseImportSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = imports.start_import(project=project, by=request.user, **wanted.validated_data)
        return Response(PoseImportSerializer(made).data, status.HTTP_201_CREATED)


class OneImport(APIView):
    """What the views of a single import share."""

    def import_of(self, request: Request, import_id: int) -> PoseImport:
        rows = PoseImport.objects.select_related("job", "version__created_by", "created_by")
        found = get_object_or_404(rows, pk=import_id)
        self.check_object_permissions(request, found)
        return found


class PoseImportView(OneImport):
    """One import; a PATCH brings the next piece of its file, the last one has it read."""

    permission_classes = [project_role(Role.VIEWER, PATCH=Role.ADMIN)]
    parser_classes = [RawBytes]

    @extend_schema(responses=PoseImportSerializer)
    def get(self, request: Request, import_id: int) -> Response:
        return Response(PoseImportSerializer(self.import_of(request, import_id)).data)

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY},
        parameters=[UPLOAD_OFFSET],
        responses=PoseImportSerializer,
    )
    def patch(self, request: Request, import_id: int) -> Response:
        found = self.import_of(request, import_id)
        offset = offset_of(request)
        made = imports.append_piece(pose_import=found, offset=offset, data=piece_of(request))
        return Response(PoseImportSerializer(made).data)


class PoseImportCancellationView(OneImport):
    """Forgets a file that has not all come (204), or asks the worker to stop (202)."""

    permission_classes = [project_role(Role.ADMIN)]

    @extend_schema(request=None, responses={202: PoseImportSerializer, 204: None})
    def post(self, request: Request, import_id: int) -> Response:
        imports.cancel_import(pose_import=self.import_of(request, import_id))
        left = PoseImport.objects.filter(pk=import_id).first()
        if left is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(PoseImportSerializer(left).data, status.HTTP_202_ACCEPTED)
