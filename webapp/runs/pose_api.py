"""Which pose weights a project uses, and the change to others."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Project, Role
from webapp.accounts.permissions import project_role
from webapp.core.errors import Refused
from webapp.estimators.facts import shipped_facts
from webapp.estimators.models import PoseVersion
from webapp.estimators.selectors import active_pose
from webapp.runs import pose_changes
from webapp.runs.models import PoseChange
from webapp.runs.selectors import current_runs
from webapp.runs.serializers import (
    NewPoseChangeSerializer,
    PoseChangeSerializer,
    PoseStateSerializer,
)


class PoseView(APIView):
    """The active weights, and how much of the library they have analysed."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=PoseStateSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        state = {
            "active": active_pose(project_id),
            "shipped": shipped_facts(),
            "analysed": current_runs(project_id).count(),
            "outdated": pose_changes.outdated_runs(project_id).count(),
            "running": pose_changes.running_change(project_id),
        }
        return Response(PoseStateSerializer(state).data)


class PoseChangesView(ListAPIView):
    """Who chose which weights and when, newest first; a POST chooses."""

    permission_classes = [project_role(Role.VIEWER, POST=Role.ADMIN)]
    serializer_class = PoseChangeSerializer
    queryset = PoseChange.objects.none()  # for the schema
    filterset_fields = ["state"]

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        return pose_changes.changes_of(self.kwargs["project_id"])

    @extend_schema(request=NewPoseChangeSerializer, responses={202: PoseChangeSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        wanted = NewPoseChangeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        version = _version(project, wanted.validated_data["version"])
        change = pose_changes.choose_pose(
            project=project,
            version=version,
            every=wanted.validated_data["every"],
            by=request.user,
        )
        return Response(PoseChangeSerializer(change).data, status.HTTP_202_ACCEPTED)


class OneChange(APIView):
    """What the views of a single change share."""

    def change_of(self, request: Request, change_id: int) -> PoseChange:
        changes = PoseChange.objects.select_related("to_version", "from_version", "created_by")
        change = get_object_or_404(changes, pk=change_id)
        self.check_object_permissions(request, change)
        return change


class PoseChangeView(OneChange):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=PoseChangeSerializer)
    def get(self, request: Request, change_id: int) -> Response:
        return Response(PoseChangeSerializer(self.change_of(request, change_id)).data)


class PoseChangeCancellationView(OneChange):
    """Stops analysing anew; clips that were not reached keep their results."""

    permission_classes = [project_role(Role.ADMIN)]

    @extend_schema(request=None, responses={202: PoseChangeSerializer})
    def post(self, request: Request, change_id: int) -> Response:
        pose_changes.cancel_change(change=self.change_of(request, change_id))
        change = self.change_of(request, change_id)
        return Response(PoseChangeSerializer(change).data, status.HTTP_202_ACCEPTED)


def _version(project: Project, version_id: int | None) -> PoseVersion | None:
    if version_id is None:
        return None
    version = PoseVersion.objects.filter(project=project, pk=version_id).first()
    if version is None:
        raise Refused("unknown_version", "Expected a pose version of this project.")
    return version
