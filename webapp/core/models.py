"""The base of every stored row."""

from django.db import models


class Stamped(models.Model):
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class WorkState(models.TextChoices):
    """Life of anything that a worker does."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (WorkState.QUEUED, WorkState.RUNNING)
