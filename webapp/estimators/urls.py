"""API routes of pose weights and their imports."""

from django.urls import path

from webapp.estimators import api, keypoint_api

urlpatterns = [
    path(
        "projects/<int:project_id>/pose-versions/",
        api.PoseVersionsView.as_view(),
        name="api-pose-versions",
    ),
    path("pose-versions/<int:version_id>/", api.PoseVersionView.as_view(), name="api-pose-version"),
    path(
        "pose-versions/<int:version_id>/discarding/",
        api.PoseDiscardingView.as_view(),
        name="api-pose-version-discarding",
    ),
    path(
        "projects/<int:project_id>/pose-imports/",
        api.PoseImportsView.as_view(),
        name="api-pose-imports",
    ),
    path("pose-imports/<int:import_id>/", api.PoseImportView.as_view(), name="api-pose-import"),
    path(
        "pose-imports/<int:import_id>/cancellation/",
        api.PoseImportCancellationView.as_view(),
        name="api-pose-import-cancellation",
    ),
    path(
        "projects/<int:project_id>/keypoint-files/",
        keypoint_api.KeypointFilesView.as_view(),
        name="api-keypoint-files",
    ),
]
