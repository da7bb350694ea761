"""Tells open pages that something changed; hints only, the rows are the truth."""

import logging
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

logger = logging.getLogger(__name__)


def group_of(project_id: int) -> str:
    return f"project.{project_id}"


def publish(project_id: int, kind: str, **payload: Any) -> None:
    """Send ``{"kind": kind, **payload}`` to the project's open pages once this commits.

    Never fails the caller: without a channel layer the hint is lost and that is logged.
    """
    message = {"kind": kind, **payload}
    transaction.on_commit(partial(_send, project_id, message), robust=True)


def _send(project_id: int, message: dict[str, Any]) -> None:
    event = {"type": "project.event", "message": message}
    try:
        async_to_sync(get_channel_layer().group_send)(group_of(project_id), event)
    except Exception as error:  # whatever the layer's client raises: a hint may get lost
        logger.warning("A live event of project %s was lost: %s", project_id, error)
