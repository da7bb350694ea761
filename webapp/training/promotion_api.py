"""What becomes of versions: promoting, rolling back, discarding."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import Role
from webapp.accounts.permissions import project_role
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.serializers import ClassifierSerializer
from webapp.core.models import WorkState
from webapp.training import promotions, selectors
from webapp.training.models import Promotion
from webapp.training.serializers import PromotionSerializer


class OneVersion(APIView):
    """What the views that decide about a version share."""

    permission_classes = [project_role(Role.ADMIN)]

    def version_of(self, request: Request, classifier_id: int) -> ClassifierVersion:
        versions = ClassifierVersion.objects.select_related("created_by")
        version = get_object_or_404(versions, pk=classifier_id)
        self.check_object_permissions(request, version)
        return version


class PromotionStartView(OneVersion):
    """Predicts every clip with the version, then makes it active; also the way back.

    Answers 200 where all predictions were there still and the version is active already.
    """

    @extend_schema(request=None, responses={200: PromotionSerializer, 202: PromotionSerializer})
    def post(self, request: Request, classifier_id: int) -> Response:
        version = self.version_of(request, classifier_id)
        promotion = promotions.start_promotion(version=version, by=request.user)
        at_once = promotion.state == WorkState.DONE
        answer = status.HTTP_200_OK if at_once else status.HTTP_202_ACCEPTED
        return Response(PromotionSerializer(promotion).data, answer)


class DiscardingView(OneVersion):
    """Puts a candidate aside."""

    @extend_schema(request=None, responses=ClassifierSerializer)
    def post(self, request: Request, classifier_id: int) -> Response:
        version = promotions.discard_candidate(version=self.version_of(request, classifier_id))
        return Response(ClassifierSerializer(version).data)


class OnePromotion(APIView):
    """What the views of a single promotion share."""

    def promotion_of(self, request: Request, promotion_id: int) -> Promotion:
        found = Promotion.objects.select_related("job", "to_version", "from_version", "created_by")
        promotion = get_object_or_404(found, pk=promotion_id)
        self.check_object_permissions(request, promotion)
        return promotion


class PromotionView(OnePromotion):
    permission_classes = [project_role(Role.VIEWER)]

    @extend_schema(responses=PromotionSerializer)
    def get(self, request: Request, promotion_id: int) -> Response:
        return Response(PromotionSerializer(self.promotion_of(request, promotion_id)).data)


class PromotionCancellationView(OnePromotion):
    """Asks the worker to stop; until the switch everything stays as it was."""

    permission_classes = [project_role(Role.ADMIN)]

    @extend_schema(request=None, responses={202: PromotionSerializer})
    def post(self, request: Request, promotion_id: int) -> Response:
        promotions.cancel_promotion(promotion=self.promotion_of(request, promotion_id))
        promotion = self.promotion_of(request, promotion_id)
        return Response(PromotionSerializer(promotion).data, status.HTTP_202_ACCEPTED)


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
