"""API routes of training and promotion."""

from django.urls import path

from webapp.training import adaptation_api, api

urlpatterns = [
    path("projects/<int:project_id>/label-set/", api.LabelSetView.as_view(), name="api-label-set"),
    path("projects/<int:project_id>/training/", api.TrainingView.as_view(), name="api-training"),
    path(
        "projects/<int:project_id>/training-runs/",
        api.TrainingRunsView.as_view(),
        name="api-training-runs",
    ),
    path("training-runs/<int:run_id>/", api.TrainingRunView.as_view(), name="api-training-run"),
    path(
        "training-runs/<int:run_id>/cancellation/",
        api.TrainingCancellationView.as_view(),
        name="api-training-run-cancellation",
    ),
    path(
        "classifiers/<int:classifier_id>/promotion/",
        api.PromotionStartView.as_view(),
        name="api-classifier-promotion",
    ),
    path(
        "classifiers/<int:classifier_id>/discarding/",
        api.DiscardingView.as_view(),
        name="api-classifier-discarding",
    ),
    path("promotions/<int:promotion_id>/", api.PromotionView.as_view(), name="api-promotion"),
    path(
        "projects/<int:project_id>/promotions/",
        api.PromotionsView.as_view(),
        name="api-promotions",
    ),
    path(
        "projects/<int:project_id>/adaptation/",
        adaptation_api.AdaptationStateView.as_view(),
        name="api-adaptation-state",
    ),
    path(
        "projects/<int:project_id>/adaptations/",
        adaptation_api.AdaptationsView.as_view(),
        name="api-adaptations",
    ),
    path(
        "adaptations/<int:adaptation_id>/",
        adaptation_api.AdaptationView.as_view(),
        name="api-adaptation",
    ),
    path(
        "adaptations/<int:adaptation_id>/cancellation/",
        adaptation_api.AdaptationCancellationView.as_view(),
        name="api-adaptation-cancellation",
    ),
]
