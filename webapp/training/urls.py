"""API routes of training and promotion."""

from django.urls import path

from webapp.training import adaptation_api, api, promotion_api, rules_api

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
        "training-runs/<int:run_id>/evaluation/",
        api.EvaluationView.as_view(),
        name="api-training-run-evaluation",
    ),
    path(
        "training-runs/<int:run_id>/rebuild/",
        api.RebuildView.as_view(),
        name="api-training-run-rebuild",
    ),
    path(
        "projects/<int:project_id>/training-rules/",
        rules_api.TrainingRulesView.as_view(),
        name="api-training-rules",
    ),
    path(
        "projects/<int:project_id>/training-rule-changes/",
        rules_api.RuleChangesView.as_view(),
        name="api-training-rule-changes",
    ),
    path(
        "training-runs/<int:run_id>/cancellation/",
        api.TrainingCancellationView.as_view(),
        name="api-training-run-cancellation",
    ),
    path(
        "classifiers/<int:classifier_id>/promotion/",
        promotion_api.PromotionStartView.as_view(),
        name="api-classifier-promotion",
    ),
    path(
        "classifiers/<int:classifier_id>/discarding/",
        promotion_api.DiscardingView.as_view(),
        name="api-classifier-discarding",
    ),
    path(
        "promotions/<int:promotion_id>/",
        promotion_api.PromotionView.as_view(),
        name="api-promotion",
    ),
    path(
        "promotions/<int:promotion_id>/cancellation/",
        promotion_api.PromotionCancellationView.as_view(),
        name="api-promotion-cancellation",
    ),
    path(
        "projects/<int:project_id>/promotions/",
        promotion_api.PromotionsView.as_view(),
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
