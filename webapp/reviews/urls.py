"""API routes of the library and of reviewing."""

from django.urls import path

from webapp.reviews import api

urlpatterns = [
    path("projects/<int:project_id>/videos/", api.LibraryView.as_view(), name="api-library"),
    path("videos/<int:video_id>/", api.VideoView.as_view(), name="api-video"),
    path("videos/<int:video_id>/tracks/", api.TracksView.as_view(), name="api-tracks"),
    path(
        "segments/<int:segment_id>/corrections/",
        api.CorrectionsView.as_view(),
        name="api-corrections",
    ),
    path(
        "projects/<int:project_id>/review-queue/",
        api.QueueView.as_view(),
        name="api-review-queue",
    ),
]
