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
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.serializers import ClassifierSerializer
from webapp.training import selectors, services
from webapp.training.models import Promotion, TrainingRun
from webapp.training.serializers import (
    LabelSetSerializer,
    NewTrainingSerializer,
    PromotionSerializer,
    TrainingRunSerializer,
    TrainingStateSerializer,
)


class LabelSetView(APIView):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=LabelSetSerializer)
    def get(self, request: Request, project_id: int) -> Response:
        project = get_object_or_404(Project, pk=project_id)
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


class OneVersion(APIView):
    """What the views that decide about a version share."""

    permission_classes = [project_role(Role.ADMIN)]

    def version_of(self, request: Request, classifier_id: int) -> ClassifierVersion:
        versions = ClassifierVersion.objects.select_related("created_by")
        version = get_object_or_404(versions, pk=classifier_id)
        self.check_object_permissions(request, version)
        return version


class PromotionStartView(OneVersion):
    """Predicts every clip with the version, then makes it active; also the way back."""

    @extend_schema(request=None, responses={202: PromotionSerializer})
    def post(self, request: Request, classifier_id: int) -> Response:
        version = self.version_of(request, classifier_id)
        promotion = services.start_promotion(version=version, by=request.user)
        return Response(PromotionSerializer(promotion).data, status.HTTP_202_ACCEPTED)


class DiscardingView(OneVersion):
    """Puts a candidate aside."""

    @extend_schema(request=None, responses=ClassifierSerializer)
    def post(self, request: Request, classifier_id: int) -> Response:
        version = services.discard_candidate(version=self.version_of(request, classifier_id))
        return Response(ClassifierSerializer(version).data)


class PromotionView(APIView):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=PromotionSerializer)
    def get(self, request: Request, promotion_id: int) -> Response:
        promotions = Promotion.objects.select_related(
            "job", "to_version", "from_version", "created_by"
        )
        promotion = get_object_or_404(promotions, pk=promotion_id)
        self.check_object_permissions(request, promotion)
        return Response(PromotionSerializer(promotion).data)


class PromotionsView(ListAPIView):
    """Who made which version active and when, newest first."""

    permission_classes = [project_role(Role.VIEWER)]
    serializer_class = PromotionSerializer
    queryset = Promotion.objects.none()  # for the schema
    filterset_fields = ["state"]

    def get_queryset(self):
        if "project_id" not in self.kwargs:
            return self.queryset
        return selectors.promotions_of(self.kwargs["project_id"])
