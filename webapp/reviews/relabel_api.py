"""Relabelling many segments at once, over HTTP: preview, apply, take back."""

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
from webapp.labels.models import Label
from webapp.reviews import relabels
from webapp.reviews.models import Relabel
from webapp.reviews.relabel_serializers import (
    NewRelabelSerializer,
    RelabelRowSerializer,
    RelabelSerializer,
)


class RelabelsView(ListAPIView):
    """What was changed at once, newest first; POST previews a change and changes nothing."""

    permission_classes = [project_role(Role.VIEWER, POST=Role.REVIEWER)]
    serializer_class = RelabelRowSerializer
    queryset = Relabel.objects.none()  # for the schema

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        return relabels.relabels_of(self.kwargs["project_id"])

    @extend_schema(request=NewRelabelSerializer, responses={201: RelabelSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        asked = NewRelabelSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        label = Label.objects.filter(pk=wanted.pop("to_label")).first()
        if label is None:
            raise Refused("unknown_label", "Expected a label of this project.")
        made = relabels.preview_relabel(
            project=get_object_or_404(Project, pk=project_id),
            label=label,
            filters=wanted,
            by=request.user,
        )
        return Response(RelabelSerializer(made).data, status.HTTP_201_CREATED)


class OneRelabel(APIView):
    permission_classes = [project_role(Role.VIEWER, POST=Role.REVIEWER)]

    def relabel_of(self, request: Request, relabel_id: int) -> Relabel:
        relabel = get_object_or_404(Relabel, pk=relabel_id)
        self.check_object_permissions(request, relabel)
        return relabel


class RelabelView(OneRelabel):
    @extend_schema(responses=RelabelSerializer)
    def get(self, request: Request, relabel_id: int) -> Response:
        return Response(RelabelSerializer(self.relabel_of(request, relabel_id)).data)


class RelabelApplicationView(OneRelabel):
    """Does what the preview showed, in one transaction."""

    @extend_schema(request=None, responses={201: RelabelSerializer})
    def post(self, request: Request, relabel_id: int) -> Response:
        relabel = self.relabel_of(request, relabel_id)
        made = relabels.apply_relabel(relabel=relabel, by=request.user)
        return Response(RelabelSerializer(made).data, status.HTTP_201_CREATED)


class RelabelReversalView(OneRelabel):
    """Takes it back, where nobody has said anything since."""

    @extend_schema(request=None, responses={201: RelabelSerializer})
    def post(self, request: Request, relabel_id: int) -> Response:
        relabel = self.relabel_of(request, relabel_id)
        made = relabels.undo_relabel(relabel=relabel, by=request.user)
        return Response(RelabelSerializer(made).data, status.HTTP_201_CREATED)
