"""API routes of jobs; the right to see them is handed in, for this app knows no roles."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from webapp.jobs import api


def job_routes(*, authorise: Callable[[Any, int], bool]) -> list[URLPattern]:
    """``authorise(user, project_id)`` says whether the user may see the project's jobs."""
    return [
        path(
            "projects/<int:project_id>/jobs/",
            api.JobsView.as_view(authorise=authorise),
            name="api-jobs",
        ),
        path("jobs/<int:job_id>/", api.JobView.as_view(authorise=authorise), name="api-job"),
    ]
