"""API routes of runs."""

from django.urls import path

from webapp.runs import api

urlpatterns = [
    path("videos/<int:video_id>/runs/", api.RunsView.as_view(), name="api-runs"),
    path("runs/<int:run_id>/", api.RunView.as_view(), name="api-run"),
    path(
        "runs/<int:run_id>/cancellation/",
        api.CancellationView.as_view(),
        name="api-run-cancellation",
    ),
    path("runs/<int:run_id>/poses/", api.PosesView.as_view(), name="api-run-poses"),
]
