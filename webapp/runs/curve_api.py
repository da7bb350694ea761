"""Window scores of a run: read them, or have them computed."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.models import Role
from webapp.accounts.permissions import project_role
from webapp.classifiers.selectors import active_classifier
from webapp.runs import curve_files, curves
from webapp.runs.api import OneRun


class CurvesStateSerializer(serializers.Serializer):
    state = serializers.ChoiceField(choices=[state.value for state in curves.CurveState])


class CurvesView(OneRun):
    """What the active classifier says of overlapping windows over each person's stays.

    Little-endian: int32 [N, 3] person, start frame, end frame; then uint8 [N, L] shares of 255
    of the labels in ``X-Labels``. 204 where they have not been computed: a POST asks for that,
    and the live event ``curves`` tells when they are there.
    """

    permission_classes = [project_role(Role.VIEWER, POST=Role.REVIEWER)]

    @extend_schema(
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            204: None,
        }
    )
    def get(self, request: Request, run_id: int) -> HttpResponse:
        run = self.run_of(request, run_id)
        classifier = active_classifier(run.video.project_id)
        found = curve_files.packed(run, classifier) if classifier and run.poses_file else None
        if found is None:
            return HttpResponse(status=status.HTTP_204_NO_CONTENT)
        headers = {
            "ETag": f'"{found.tag}"',
            "Cache-Control": "private, no-cache",
            "X-Windows": str(found.windows),
            "X-Labels": ",".join(map(str, found.label_ids)),
        }
        if request.headers.get("If-None-Match", "").removeprefix("W/") == headers["ETag"]:
            return HttpResponse(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return HttpResponse(found.content, "application/octet-stream", headers=headers)

    @extend_schema(request=None, responses={202: CurvesStateSerializer})
    def post(self, request: Request, run_id: int) -> Response:
        state = curves.ask_for_curves(run=self.run_of(request, run_id), by=request.user)
        return Response({"state": state}, status.HTTP_202_ACCEPTED)
