"""Who may do what: the one place that reads roles."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from webapp.accounts.models import Membership, Project, Role, User

LARGEST_ID = 2**63 - 1
"""Above it there is no row, and SQLite would not even take the question."""


def role_in_project(user: User | AnonymousUser, project_id: int) -> Role | None:
    """The user's role, or None for outsiders; a superuser is admin wherever a project is."""
    if not user.is_authenticated or not user.is_active or project_id > LARGEST_ID:
        return None
    if user.is_superuser:
        return Role.ADMIN if Project.objects.filter(pk=project_id).exists() else None
    role = (
        Membership.objects.filter(user_id=user.pk, project_id=project_id)
        .values_list("role", flat=True)
        .first()
    )
    return Role(role) if role else None


def may_watch(user: User | AnonymousUser, project_id: int) -> bool:
    """Every member may see what happens in a project."""
    return role_in_project(user, project_id) is not None


def projects_of(user: User) -> QuerySet[Project]:
    projects = Project.objects.order_by("name")
    return projects if user.is_superuser else projects.filter(memberships__user=user)


def roles_of(user: User) -> dict[int, Role]:
    """Project id to role, for all projects of the user."""
    if user.is_superuser:
        return dict.fromkeys(Project.objects.values_list("id", flat=True), Role.ADMIN)
    rows = Membership.objects.filter(user=user).values_list("project_id", "role")
    return {project_id: Role(role) for project_id, role in rows}


def members_of(project_id: int) -> QuerySet[Membership]:
    return (
        Membership.objects.filter(project_id=project_id)
        .select_related("user")
        .order_by("user__username")
    )


def counts_of(project: Project) -> dict[str, Any]:
    """How much there is in a project: members, videos, videos by state."""
    states = project.videos.order_by().values_list("state").annotate(Count("id"))
    by_state = dict(states)
    return {
        "members": project.memberships.count(),
        "videos": sum(by_state.values()),
        "videos_by_state": by_state,
    }
