"""API routes of runs."""

from django.urls import path

from webapp.runs import api, curve_api, estimate_api, model_picture_api, pose_api

urlpatterns = [
    path("videos/<int:video_id>/runs/", api.RunsView.as_view(), name="api-runs"),
    path("runs/<int:run_id>/", api.RunView.as_view(), name="api-run"),
    path(
        "runs/<int:run_id>/cancellation/",
        api.CancellationView.as_view(),
        name="api-run-cancellation",
    ),
    path("runs/<int:run_id>/poses/", api.PosesView.as_view(), name="api-run-poses"),
    path("runs/<int:run_id>/poses/pages/", api.PosePagesView.as_view(), name="api-run-pose-pages"),
    path(
        "runs/<int:run_id>/model-pictures/<int:frame>/",
        model_picture_api.ModelPictureView.as_view(),
        name="api-model-picture",
    ),
    path(
        "runs/<int:run_id>/model-pictures/<int:frame>/picture.png",
        model_picture_api.ModelPictureFileView.as_view(),
        name="api-model-picture-file",
    ),
    path("runs/<int:run_id>/curves/", curve_api.CurvesView.as_view(), name="api-run-curves"),
    path(
        "videos/<int:video_id>/pose-estimates/",
        estimate_api.EstimatesView.as_view(),
        name="api-pose-estimates",
    ),
    path(
        "pose-estimates/<int:estimate_id>/",
        estimate_api.EstimateView.as_view(),
        name="api-pose-estimate",
    ),
    path(
        "pose-estimates/<int:estimate_id>/cancellation/",
        estimate_api.EstimateCancellationView.as_view(),
        name="api-pose-estimate-cancellation",
    ),
    path(
        "pose-estimates/<int:estimate_id>/poses/",
        estimate_api.EstimatePosesView.as_view(),
        name="api-pose-estimate-poses",
    ),
    path("projects/<int:project_id>/pose/", pose_api.PoseView.as_view(), name="api-pose"),
    path(
        "projects/<int:project_id>/pose-changes/",
        pose_api.PoseChangesView.as_view(),
        name="api-pose-changes",
    ),
    path(
        "pose-changes/<int:change_id>/",
        pose_api.PoseChangeView.as_view(),
        name="api-pose-change",
    ),
    path(
        "pose-changes/<int:change_id>/cancellation/",
        pose_api.PoseChangeCancellationView.as_view(),
        name="api-pose-change-cancellation",
    ),
]
