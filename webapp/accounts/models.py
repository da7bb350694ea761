"""Users, projects and the role that a user has in a project."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from webapp.core.models import Stamped


class Theme(models.TextChoices):
    SYSTEM = "system", _("As the system")
    DARK = "dark", _("Dark")
    LIGHT = "light", _("Light")


class User(AbstractUser):
    """A person or a script that logs in; a superuser is admin of every project."""

    # Empty: what the browser asks for.
    language = models.CharField(max_length=10, blank=True, default="")
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    # What pages keep for this person, by name: keys, exposure and such.
    preferences = models.JSONField(default=dict, blank=True)


class Project(Stamped):
    """Clips, labels, classifiers and people that belong together."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; each role may do all that the one before it may."""

    VIEWER = "viewer", _("Viewer")
    REVIEWER = "reviewer", _("Reviewer")
    ADMIN = "admin", _("Admin")

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class Membership(Stamped):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="one_role_per_member"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.project}"
