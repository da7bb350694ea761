"""API routes of uploads and of the files of videos."""

from django.urls import path

from webapp.videos import api

urlpatterns = [
    path("projects/<int:project_id>/uploads/", api.UploadsView.as_view(), name="api-uploads"),
    path("uploads/<uuid:upload_id>/", api.UploadView.as_view(), name="api-upload"),
    path(
        "videos/<int:video_id>/ingest-cancellation/",
        api.IngestCancellationView.as_view(),
        name="api-ingest-cancellation",
    ),
    path("videos/<int:video_id>/poster.jpg", api.PosterView.as_view(), name="api-video-poster"),
    path("videos/<int:video_id>/proxy.mp4", api.ProxyView.as_view(), name="api-video-proxy"),
    path("videos/<int:video_id>/original", api.OriginalView.as_view(), name="api-video-original"),
    path(
        "videos/<int:video_id>/thumbnails/",
        api.ThumbnailsView.as_view(),
        name="api-video-thumbnails",
    ),
    path(
        "videos/<int:video_id>/thumbnails.jpg",
        api.ThumbnailsFileView.as_view(),
        name="api-video-thumbnails-file",
    ),
    path("videos/<int:video_id>/frames/", api.FrameTableView.as_view(), name="api-video-frames"),
]
