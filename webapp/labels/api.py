"""Adding and changing labels; the whole set is read where training serves it."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Project, Role
from webapp.accounts.permissions import project_role
from webapp.labels import services
from webapp.labels.models import Label


class LabelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Label
        fields = ["id", "name", "colour", "hotkey", "order", "archived"]


class NewLabelSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=60)
    colour = serializers.CharField(max_length=7)
    hotkey = serializers.CharField(max_length=1, required=False, default="", allow_blank=True)
    order = serializers.IntegerField(min_value=0, max_value=10_000, required=False)


class LabelChangeSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=60, required=False)
    colour = serializers.CharField(max_length=7, required=False)
    hotkey = serializers.CharField(max_length=1, required=False, allow_blank=True)
    order = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    archived = serializers.BooleanField(required=False)


class LabelsView(APIView):
    permission_classes = [project_role(Role.ADMIN)]

    @extend_schema(request=NewLabelSerializer, responses={201: LabelSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        wanted = NewLabelSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        label_set = services.create_label_set(project=project)
        label = services.create_label(label_set=label_set, **wanted.validated_data)
        return Response(LabelSerializer(label).data, status.HTTP_201_CREATED)


class LabelView(APIView):
    permission_classes = [project_role(Role.ADMIN)]
    project_path = "label_set.project_id"

    @extend_schema(request=LabelChangeSerializer, responses=LabelSerializer)
    def patch(self, request: Request, label_id: int) -> Response:
        label = get_object_or_404(Label.objects.select_related("label_set"), pk=label_id)
        self.check_object_permissions(request, label)
        wanted = LabelChangeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        label = services.change_label(label=label, **wanted.validated_data)
        return Response(LabelSerializer(label).data)
