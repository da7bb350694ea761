"""API routes of classifier versions."""

from django.urls import path

from webapp.classifiers import api

urlpatterns = [
    path(
        "projects/<int:project_id>/classifiers/",
        api.ClassifiersView.as_view(),
        name="api-classifiers",
    ),
    path("classifiers/<int:classifier_id>/", api.ClassifierView.as_view(), name="api-classifier"),
]
