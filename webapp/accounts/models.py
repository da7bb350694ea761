"""Users, projects and the role that a user has in a project."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from webapp.core.models import Stamped


class User(AbstractUser):
    """A person or a script that logs in; a superuser is admin of every project."""


class Project(Stamped):
    """Clips, labels, classifiers and people that belong together."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; each role may do all that the one before it may."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    ADMIN = "admin"

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
