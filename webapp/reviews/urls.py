"""API routes of the library and of reviewing."""

from django.urls import path

from webapp.reviews import api, edit_api, queue_api, relabel_api

urlpatterns = [
    path("projects/<int:project_id>/videos/", api.LibraryView.as_view(), name="api-library"),
    path("videos/<int:video_id>/", api.VideoView.as_view(), name="api-video"),
    path("videos/<int:video_id>/tracks/", api.TracksView.as_view(), name="api-tracks"),
    path(
        "videos/<int:video_id>/annotations/",
        edit_api.AnnotationsView.as_view(),
        name="api-annotations",
    ),
    path("videos/<int:video_id>/edits/", edit_api.EditsView.as_view(), name="api-edits"),
    path(
        "segments/<int:segment_id>/corrections/",
        api.CorrectionsView.as_view(),
        name="api-corrections",
    ),
    path(
        "projects/<int:project_id>/review-queue/",
        queue_api.QueueView.as_view(),
        name="api-review-queue",
    ),
    path("projects/<int:project_id>/doubts/", queue_api.DoubtsView.as_view(), name="api-doubts"),
    path(
        "projects/<int:project_id>/suggestions/",
        queue_api.SuggestionsView.as_view(),
        name="api-suggestions",
    ),
    path(
        "segments/<int:segment_id>/suggestion-decisions/",
        queue_api.DecisionsView.as_view(),
        name="api-suggestion-decisions",
    ),
    path(
        "projects/<int:project_id>/relabels/",
        relabel_api.RelabelsView.as_view(),
        name="api-relabels",
    ),
    path("relabels/<int:relabel_id>/", relabel_api.RelabelView.as_view(), name="api-relabel"),
    path(
        "relabels/<int:relabel_id>/application/",
        relabel_api.RelabelApplicationView.as_view(),
        name="api-relabel-application",
    ),
    path(
        "relabels/<int:relabel_id>/reversal/",
        relabel_api.RelabelReversalView.as_view(),
        name="api-relabel-reversal",
    ),
]
