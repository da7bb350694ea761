"""Live events of a project over a WebSocket, for as long as the person may see it."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from redis.exceptions import RedisError

from webapp.jobs.events import group_of

NOT_LOGGED_IN = 4401
NOT_ALLOWED = 4403


class ProjectEvents(AsyncJsonWebsocketConsumer):
    """``/ws/projects/<id>/``: sends hints, takes nothing.

    Rights are checked on connect, before a message when the last check is older than
    ``trust_s``, and at least every ``patrol_s`` seconds, so that a person who was removed or
    has logged out stops seeing the project.
    """

    trust_s = 2.0
    patrol_s = 15.0

    def __init__(self, *, authorise: Callable[[Any, int], bool]) -> None:
        super().__init__()
        self.authorise = authorise

    async def connect(self) -> None:
        self.project_id = self.scope["url_route"]["kwargs"]["project_id"]
        self.checked_at = 0.0
        self.joined = False
        self.patrol: asyncio.Task[None] | None = None
        await self.accept()  # only an accepted socket can tell the browser why it closes
        if not await self._still_allowed():
            return
        await self.channel_layer.group_add(group_of(self.project_id), self.channel_name)
        self.joined = True
        self.patrol = asyncio.create_task(self._patrol())
        await self.send_json({"kind": "hello", "id": self.project_id})

    async def disconnect(self, code: int) -> None:
        if self.patrol:
            self.patrol.cancel()
        if self.joined:
            with suppress(OSError, RedisError):  # the channel layer may be away
                await self.channel_layer.group_discard(group_of(self.project_id), self.channel_name)

    async def receive(self, text_data: str | None = None, **kwargs: Any) -> None:
        """The browser has nothing to say here; a ping that keeps proxies awake is passed over."""

    async def project_event(self, event: dict[str, Any]) -> None:
        """Called by the channel layer for each message of ``jobs.events.publish``."""
        fresh = time.monotonic() - self.checked_at < self.trust_s
        if fresh or await self._still_allowed():
            await self.send_json(event["message"])

    async def _patrol(self) -> None:
        while True:
            await asyncio.sleep(self.patrol_s)
            if not await self._still_allowed():
                return

    async def _still_allowed(self) -> bool:
        """Look the person up anew; close the socket where the right is gone."""
        user = await _current_user(self.scope)
        if not user.is_authenticated:
            await self.close(NOT_LOGGED_IN)
            return False
        if not await database_sync_to_async(self.authorise)(user, self.project_id):
            await self.close(NOT_ALLOWED)
            return False
        self.checked_at = time.monotonic()
        return True


async def _current_user(scope: dict[str, Any]) -> Any:
    """The user of the session as it is stored now, not as it was at the handshake."""
    engine = import_module(settings.SESSION_ENGINE)
    fresh = engine.SessionStore(scope["session"].session_key)
    return await get_user({**scope, "session": fresh})
