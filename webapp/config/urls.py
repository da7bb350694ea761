"""All routes: the API under /api/, pages at the root."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from webapp.accounts.selectors import may_watch
from webapp.core.health import health
from webapp.jobs.urls import job_routes

api = [
    path("healthz/", health),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("", include("webapp.accounts.urls")),
    path("", include(job_routes(authorise=may_watch))),
    path("", include("webapp.labels.urls")),
    path("", include("webapp.videos.urls")),
    path("", include("webapp.classifiers.urls")),
    path("", include("webapp.estimators.urls")),
    path("", include("webapp.runs.urls")),
    path("", include("webapp.reviews.urls")),
    path("", include("webapp.training.urls")),
]

urlpatterns = [
    path("healthz/", health, name="health"),
    path("api/", include(api)),
    path("", include("webapp.pages.urls")),
]

handler404 = "webapp.core.errors.not_found_page"
handler500 = "webapp.core.errors.server_error_page"
