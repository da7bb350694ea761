"""API routes of labels."""

from django.urls import path

from webapp.labels import api

urlpatterns = [
    path("projects/<int:project_id>/labels/", api.LabelsView.as_view(), name="api-labels"),
    path("labels/<int:label_id>/", api.LabelView.as_view(), name="api-label"),
]
