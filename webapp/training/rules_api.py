"""What a project does by itself, and who said so."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Project, Role
from webapp.accounts.permissions import project_role
from webapp.training import rules
from webapp.training.models import RuleChange, SceneRule, TrainingRules

MOST_CORRECTIONS = 1_000_000


class RulesSerializer(serializers.ModelSerializer):
    after_corrections = serializers.IntegerField(
        allow_null=True, required=False, min_value=1, max_value=MOST_CORRECTIONS
    )
    nightly_hour = serializers.IntegerField(
        allow_null=True, required=False, min_value=0, max_value=23
    )
    largest_f1_fall = serializers.FloatField(
        allow_null=True, required=False, min_value=0, max_value=100, help_text="In points."
    )
    scenes = serializers.ChoiceField(choices=SceneRule.choices, required=False)
    updated_by = serializers.CharField(
        source="updated_by.username", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = TrainingRules
        fields = ["after_corrections", "nightly_hour", "largest_f1_fall", "scenes", "updated_by"]


class RuleChangeSerializer(serializers.ModelSerializer):
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    before = serializers.DictField(read_only=True)
    after = serializers.DictField(read_only=True)

    class Meta:
        model = RuleChange
        fields = ["id", "before", "after", "created_by", "created_at"]
        read_only_fields = fields


class TrainingRulesView(APIView):
    """The rules; a PATCH sets those that it names and leaves the others."""

    permission_classes = [project_role(Role.VIEWER, PATCH=Role.ADMIN)]

    @extend_schema(responses=RulesSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        return Response(RulesSerializer(rules.rules_of(project)).data)

    @extend_schema(request=RulesSerializer, responses=RulesSerializer)
    def patch(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        wanted = RulesSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        changed = rules.change_rules(project=project, by=request.user, wanted=wanted.validated_data)
        return Response(RulesSerializer(changed).data)


class RuleChangesView(ListAPIView):
    """Who changed which rule, newest first."""

    permission_classes = [project_role(Role.VIEWER)]
    serializer_class = RuleChangeSerializer
    queryset = RuleChange.objects.none()  # for the schema
    filter_backends = []

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        rows = RuleChange.objects.filter(project_id=self.kwargs["project_id"])
        return rows.select_related("created_by").order_by("-pk")
