"""Adapting the pose network to the project's own cameras: ask, start, follow, stop."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Project, Role
from webapp.accounts.permissions import project_role
from webapp.accounts.selectors import LARGEST_ID
from webapp.core.errors import Refused
from webapp.core.models import UNFINISHED
from webapp.estimators.keypoints import keypoints_of
from webapp.estimators.models import PoseVersion
from webapp.estimators.selectors import active_pose
from webapp.estimators.serializers import PoseBriefSerializer, PoseVersionSerializer
from webapp.jobs.api import JobSerializer
from webapp.training import adaptations
from webapp.training.models import Adaptation
from webapp.training.serializers import LARGEST_SEED

MOST_MINUTES = 300  # with labelling well within the six hours that the broker waits for a job
MOST_STEPS = 1_000_000
MOST_HELD_OUT = 200


class ClipFilterSerializer(serializers.Serializer):
    """The library's filters; empty ones leave all clips."""

    q = serializers.CharField(required=False, allow_blank=True, max_length=255)
    label = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=LARGEST_ID
    )
    reviewed = serializers.BooleanField(required=False, allow_null=True, default=None)


class NewAdaptationSerializer(serializers.Serializer):
    teacher = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        max_value=LARGEST_ID,
        help_text="Id of a pose version; null: the shipped network.",
    )
    by_keypoints = serializers.BooleanField(
        required=False,
        default=False,
        help_text="The project's keypoint files teach, on the clips that have one.",
    )
    held_out = serializers.ListField(
        child=serializers.CharField(max_length=255),
        required=False,
        default=list,
        max_length=MOST_HELD_OUT,
        help_text="Clips or takes (Jump_8 for Jump_8_4.mp4) to measure on; none: three in ten.",
    )
    minutes = serializers.FloatField(
        required=False, default=5.0, min_value=0.05, max_value=MOST_MINUTES
    )
    steps = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MOST_STEPS,
        help_text="Length in steps rather than minutes: repeatable to the digit.",
    )  # fmt: skip
    seed = serializers.IntegerField(required=False, default=0, min_value=0, max_value=LARGEST_SEED)
    clips = ClipFilterSerializer(required=False)


class AdaptationSerializer(serializers.ModelSerializer):
    """A null teacher or start stands for the shipped weights."""

    job = JobSerializer(read_only=True, allow_null=True)
    teacher = PoseBriefSerializer(read_only=True, allow_null=True)
    start = PoseBriefSerializer(read_only=True, allow_null=True)
    candidate = PoseVersionSerializer(read_only=True, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    config = serializers.DictField(read_only=True)
    clips = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    chosen_by = serializers.DictField(read_only=True)
    curve = serializers.ListField(child=serializers.DictField(), read_only=True)
    before = serializers.DictField(read_only=True)
    after = serializers.DictField(read_only=True)
    clips_skipped = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), read_only=True
    )

    class Meta:
        model = Adaptation
        fields = [
            "id",
            "state",
            "job",
            "teacher",
            "start",
            "config",
            "clips",
            "chosen_by",
            "curve",
            "before",
            "after",
            "improved",
            "clips_used",
            "clips_skipped",
            "seconds",
            "candidate",
            "created_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields


class AdaptationStateSerializer(serializers.Serializer):
    clips = serializers.IntegerField(help_text="Analysed clips with people.")
    with_keypoints = serializers.IntegerField(help_text="Of these, with a keypoint file.")
    keypoint_files = serializers.IntegerField(help_text="Also those that no clip is named like.")
    can_adapt = serializers.BooleanField()
    reason_code = serializers.CharField()
    reason = serializers.CharField()
    start = PoseBriefSerializer(allow_null=True, help_text="Null: the shipped weights.")
    running = AdaptationSerializer(allow_null=True)
    latest = AdaptationSerializer(allow_null=True)


class AdaptationStateView(APIView):
    """Whether an adaptation can be started, on how many clips, and what the last one gave."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=AdaptationStateSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        return Response(AdaptationStateSerializer(_state(project_id)).data)


class AdaptationsView(ListAPIView):
    """Adaptations, newest first; a POST starts one."""

    permission_classes = [project_role(Role.VIEWER, POST=Role.ADMIN)]
    serializer_class = AdaptationSerializer
    queryset = Adaptation.objects.none()  # for the schema
    filterset_fields = ["state"]

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        return adaptations.adaptations_of(self.kwargs["project_id"])

    @extend_schema(request=NewAdaptationSerializer, responses={202: AdaptationSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        wanted = NewAdaptationSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = dict(wanted.validated_data)
        adaptation = adaptations.start_adaptation(
            project=project,
            by=request.user,
            teacher=_teacher(project, given.pop("teacher")),
            chosen_by=given.pop("clips", {}),
            **given,
        )
        return Response(AdaptationSerializer(adaptation).data, status.HTTP_202_ACCEPTED)


class OneAdaptation(APIView):
    """What the views of a single adaptation share."""

    def adaptation_of(self, request: Request, adaptation_id: int) -> Adaptation:
        rows = Adaptation.objects.select_related(
            "job", "teacher", "start", "candidate__created_by", "created_by"
        )
        adaptation = get_object_or_404(rows, pk=adaptation_id)
        self.check_object_permissions(request, adaptation)
        return adaptation


class AdaptationView(OneAdaptation):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=AdaptationSerializer)
    def get(self, request: Request, adaptation_id: int) -> Response:
        return Response(AdaptationSerializer(self.adaptation_of(request, adaptation_id)).data)


class AdaptationCancellationView(OneAdaptation):
    """Asks the worker to stop; the adaptation's state says when it has."""

    permission_classes = [project_role(Role.ADMIN)]

    @extend_schema(request=None, responses={202: AdaptationSerializer})
    def post(self, request: Request, adaptation_id: int) -> Response:
        adaptations.cancel_adaptation(adaptation=self.adaptation_of(request, adaptation_id))
        adaptation = self.adaptation_of(request, adaptation_id)
        return Response(AdaptationSerializer(adaptation).data, status.HTTP_202_ACCEPTED)


def _state(project_id: int) -> dict[str, Any]:
    rows = adaptations.adaptations_of(project_id)
    running = rows.filter(state__in=UNFINISHED).first()
    clips = adaptations.clips_to_adapt_to(project_id, {})
    lacking = adaptations.too_few(len(clips))
    code = "already_adapting" if running else "too_few_clips" if lacking else ""
    reason = _("An adaptation is running.") if running else lacking
    return {
        "clips": len(clips),
        "with_keypoints": len(adaptations.with_keypoints(project_id, clips)),
        "keypoint_files": keypoints_of(project_id).count(),
        "can_adapt": not code,
        "reason_code": code,
        "reason": reason,
        "start": adaptations.start_of(active_pose(project_id)),
        "running": running,
        "latest": rows.first(),
    }


def _teacher(project: Project, version_id: int | None) -> PoseVersion | None:
    if version_id is None:
        return None
    teacher = PoseVersion.objects.filter(project=project, pk=version_id).first()
    if teacher is None:
        raise Refused("unknown_teacher", "Expected a pose version of this project as teacher.")
    return teacher
