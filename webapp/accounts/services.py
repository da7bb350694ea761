"""Changes to projects, users and memberships."""

import json
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from webapp.accounts.models import Membership, Project, Role, User
from webapp.core.errors import Conflict, Refused, TooLarge

MAX_PREFERENCES = 65_536  # characters of JSON that pages may keep for one person


@transaction.atomic
def create_project(*, name: str, by: User, slug: str = "") -> Project:
    """Make a project; its creator becomes its admin."""
    name = name.strip()
    slug = slug or slugify(name)
    if not slug:
        raise Refused("bad_name", f"Expected a name with letters or digits, got {name!r}.")
    if Project.objects.filter(name=name).exists() or Project.objects.filter(slug=slug).exists():
        raise Conflict("name_taken", f"There is a project {name!r} already.")
    project = Project.objects.create(name=name, slug=slug, created_by=by)
    Membership.objects.create(project=project, user=by, role=Role.ADMIN)
    return project


@transaction.atomic
def create_user(*, username: str, password: str, email: str = "") -> User:
    username = username.strip()
    if User.objects.filter(username__iexact=username).exists():
        raise Conflict("name_taken", f"There is a user {username!r} already.")
    user = User(username=username, email=email)
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise Refused("invalid", " ".join(error.messages)) from error
    user.set_password(password)
    user.save()
    return user


@transaction.atomic
def change_looks(
    *,
    user: User,
    language: str | None = None,
    theme: str | None = None,
    preferences: dict[str, Any] | None = None,
) -> User:
    """Change what is given; preferences are merged by name, so that two pages never collide."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if language is not None:
        user.language = language
    if theme is not None:
        user.theme = theme
    if preferences:
        kept = {**user.preferences, **preferences}
        user.preferences = {name: value for name, value in kept.items() if value is not None}
        if (size := len(json.dumps(user.preferences))) > MAX_PREFERENCES:
            text = _("Preferences take %(size)d characters, expected at most %(most)d.")
            raise TooLarge("too_large", text % {"size": size, "most": MAX_PREFERENCES})
    user.save(update_fields=["language", "theme", "preferences"])
    return user


@transaction.atomic
def add_member(*, project: Project, username: str, role: Role) -> Membership:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Refused("no_such_user", f"There is no user {username!r} on this server.")
    member, is_new = Membership.objects.get_or_create(
        project=project, user=user, defaults={"role": role}
    )
    if not is_new:
        raise Conflict("already_member", f"{username!r} is {member.role} here already.")
    return member


@transaction.atomic
def change_role(*, membership: Membership, role: Role) -> Membership:
    if role != Role.ADMIN:
        _expect_another_admin(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def remove_member(*, membership: Membership) -> None:
    _expect_another_admin(membership)
    membership.delete()


def lock_project(project_id: int) -> None:
    """Queue up behind others that change which results a project shows.

    A row lock on PostgreSQL; on SQLite the transaction itself (BEGIN IMMEDIATE) is the lock.
    """
    if not Project.objects.select_for_update().filter(pk=project_id).values_list("pk").first():
        raise Refused("no_such_project", f"Project {project_id} is gone.")


def _expect_another_admin(membership: Membership) -> None:
    """A project must not lose its last admin."""
    admins = Membership.objects.select_for_update().filter(
        project_id=membership.project_id, role=Role.ADMIN
    )
    admins = admins.order_by("pk")  # locked in the same order by everybody
    if [admin.pk for admin in admins] == [membership.pk]:
        raise Conflict("last_admin", "A project needs an admin: name another one first.")
