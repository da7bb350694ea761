"""Permission classes: strangers get 401, outsiders 404, members without the right 403."""

from functools import reduce
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from webapp.accounts.models import Project, Role, User
from webapp.accounts.selectors import role_in_project
from webapp.core.errors import Forbidden, NotFound


def require_role(user: User, project_id: int, role: Role) -> Role:
    """The user's role, where it is at least ``role``.

    Raises:
        NotFound: the user is no member (or there is no such project).
        Forbidden: the user's role is too low.
    """
    held = role_in_project(user, project_id)
    if held is None:
        raise NotFound("not_found", "There is nothing here.")
    if held.rank < role.rank:
        raise Forbidden("role_too_low", f"This needs the role {role}; yours is {held}.")
    return held


def project_role(role: Role, **by_method: Role) -> type[BasePermission]:
    """A permission class: ``project_role(Role.VIEWER, POST=Role.ADMIN)``.

    The project comes from the route's ``project_id`` or, in views that call
    ``self.check_object_permissions(request, obj)``, from the object: from its ``project_id``,
    or along the view's ``project_path`` such as ``"video.project_id"``.
    """

    class ProjectRole(BasePermission):
        def has_permission(self, request: Request, view: APIView) -> bool:
            if not request.user.is_authenticated:
                return False
            if "project_id" in view.kwargs:
                self._check(request, view.kwargs["project_id"])
            return True

        def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
            self._check(request, _project_id_of(obj, getattr(view, "project_path", "")))
            return True

        def _check(self, request: Request, project_id: int) -> None:
            require_role(request.user, project_id, by_method.get(request.method, role))

    return ProjectRole


class IsSuperuser(BasePermission):
    message = "Only the administrator of this server may do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_authenticated and request.user.is_superuser)


def _project_id_of(obj: Any, project_path: str) -> int:
    if isinstance(obj, Project):
        return obj.pk
    return reduce(getattr, (project_path or "project_id").split("."), obj)
