"""Versions of a project's classifier, to look at; training decides what becomes of them."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Role
from webapp.accounts.permissions import project_role
from webapp.classifiers import selectors
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.serializers import ClassifierSerializer


class ClassifiersView(ListAPIView):
    """All versions, newest first."""

    permission_classes = [project_role(Role.VIEWER)]
    serializer_class = ClassifierSerializer
    queryset = ClassifierVersion.objects.none()  # for the schema
    filterset_fields = ["state"]

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        return selectors.classifiers_of(self.kwargs["project_id"])


class ClassifierView(APIView):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=ClassifierSerializer)
    def get(self, request: Request, classifier_id: int) -> Response:
        versions = ClassifierVersion.objects.select_related("created_by")
        version = get_object_or_404(versions, pk=classifier_id)
        self.check_object_permissions(request, version)
        return Response(ClassifierSerializer(version).data)
