"""What workers are doing, for those who may see the project."""

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.core.errors import NotFound
from webapp.jobs.models import Job


class JobSerializer(serializers.ModelSerializer):
    job_kind = serializers.CharField(source="kind", read_only=True)

    class Meta:
        model = Job
        fields = [
            "id",
            "job_kind",
            "subject_id",
            "state",
            "stage",
            "progress",
            "attempts",
            "cancel_requested",
            "error_code",
            "error_message",
            "created_at",
            "started_at",
            "finished_at",
        ]


class _Authorised:
    authorise: Callable[[Any, int], bool] | None = None

    def _expect_right(self, request: Request, project_id: int) -> None:
        if self.authorise is None or not self.authorise(request.user, project_id):
            raise NotFound("not_found", "There is nothing here.")


class JobsView(_Authorised, ListAPIView):
    """Jobs of a project, newest first."""

    serializer_class = JobSerializer
    queryset = Job.objects.none()
    filterset_fields = ["kind", "state", "subject_id"]

    def get_queryset(self):
        if "project_id" not in self.kwargs:  # asked by the schema
            return self.queryset
        self._expect_right(self.request, self.kwargs["project_id"])
        return Job.objects.filter(project_id=self.kwargs["project_id"]).order_by("-id")


class JobView(_Authorised, APIView):
    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, job_id: int) -> Response:
        job = get_object_or_404(Job, pk=job_id)
        self._expect_right(request, job.project_id)
        return Response(JobSerializer(job).data)
