"""The facts that a page's script starts from, as one JSON object in the page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from webapp.accounts.models import Role


def boot_data(request: HttpRequest, *, page: str, **ids: int) -> dict[str, Any]:
    user = request.user
    data: dict[str, Any] = {
        "page": page,
        "preferences": user.preferences,
        "user": {"id": user.pk, "username": user.username, "superuser": user.is_superuser},
        **ids,
    }
    project = getattr(request, "project", None)
    if project is not None:
        role: Role = request.role
        data["project"] = {"id": project.pk, "name": project.name, "slug": project.slug}
        data["role"] = role.value
        data["can"] = {
            "review": role.rank >= Role.REVIEWER.rank,
            "admin": role.rank >= Role.ADMIN.rank,
        }
        data["library_url"] = reverse("pages:library", args=[project.slug])
    return data
