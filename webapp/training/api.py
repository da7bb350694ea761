"""The label set with its examples, training runs, and what becomes of their candidates."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Project, Role
from webapp.accounts.permissions import project_role
from webapp.labels import services as labels
from webapp.training import evaluations, rebuilds, selectors, services
from webapp.training.models import TrainingRun
from webapp.training.serializers import (
    EvaluationSerializer,
    LabelSetChangeSerializer,
    LabelSetSerializer,
    NewTrainingSerializer,
    TrainingRunSerializer,
    TrainingStateSerializer,
)


class LabelSetView(APIView):
    """The labels and the rule for overlaps; a PATCH changes the rule."""

    permission_classes = [project_role(Role.VIEWER, PATCH=Role.ADMIN)]

    @extend_schema(responses=LabelSetSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        return Response(LabelSetSerializer(selectors.label_set_state(project)).data)

    @extend_schema(request=LabelSetChangeSerializer, responses=LabelSetSerializer)
    def patch(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        wanted = LabelSetChangeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        label_set = labels.create_label_set(project=project)
        labels.set_overlap(label_set=label_set, **wanted.validated_data)
        return Response(LabelSetSerializer(selectors.label_set_state(project)).data)


class TrainingView(APIView):
    """What is new since the active version, and whether a training is worth while."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=TrainingStateSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        return Response(TrainingStateSerializer(selectors.training_state(project)).data)


class TrainingRunsView(ListAPIView):
    """Training runs, newest first; a POST starts one."""

    permission_classes = [project_role(Role.VIEWER, POST=Role.ADMIN)]
    serializer_class = TrainingRunSerializer
    queryset = TrainingRun.objects.none()  # for the schema
    filterset_fields = ["state"]

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        return selectors.training_runs_of(self.kwargs["project_id"])

    @extend_schema(request=NewTrainingSerializer, responses={202: TrainingRunSerializer})
    def post(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
        wanted = NewTrainingSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        run = services.start_training(
            project=project, by=request.user, seed=wanted.validated_data["seed"]
        )
        return Response(TrainingRunSerializer(run).data, status.HTTP_202_ACCEPTED)


class OneTrainingRun(APIView):
    """What the views of a single training run share."""

    def run_of(self, request: Request, run_id: int) -> TrainingRun:
        runs = TrainingRun.objects.select_related(
            "job", "candidate", "baseline", "training_set", "created_by"
        )
        run = get_object_or_404(runs, pk=run_id)
        self.check_object_permissions(request, run)
        return run


class TrainingRunView(OneTrainingRun):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=TrainingRunSerializer)
    def get(self, request: Request, run_id: int) -> Response:
        return Response(TrainingRunSerializer(self.run_of(request, run_id)).data)


class TrainingCancellationView(OneTrainingRun):
    """Asks the worker to stop; the run's state says when it has."""

    permission_classes = [project_role(Role.ADMIN)]

    @extend_schema(request=None, responses={202: TrainingRunSerializer})
    def post(self, request: Request, run_id: int) -> Response:
        services.cancel_training(run=self.run_of(request, run_id))
        run = self.run_of(request, run_id)
        return Response(TrainingRunSerializer(run).data, status.HTTP_202_ACCEPTED)


class EvaluationView(OneTrainingRun):
    """What both versions said of each held-out segment: the clips behind the figures."""

    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=EvaluationSerializer)
    def get(self, request: Request, run_id: int) -> Response:
        state = evaluations.evaluation_of(self.run_of(request, run_id))
        return Response(EvaluationSerializer(state).data)


class RebuildView(OneTrainingRun):
    """Trains the version again from its record; the run then says whether the same came out."""

    permission_classes = [project_role(Role.ADMIN)]

    @extend_schema(request=None, responses={202: TrainingRunSerializer})
    def post(self, request: Request, run_id: int) -> Response:
        rebuilds.start_rebuild(run=self.run_of(request, run_id), by=request.user)
        run = self.run_of(request, run_id)
        return Response(TrainingRunSerializer(run).data, status.HTTP_202_ACCEPTED)
