"""Live events of a project over a WebSocket, for as long as the person may see it."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from redis.exceptions import RedisError

from webapp.jobs.events import group_of
from webapp.jobs.presence import LONGEST_MESSAGE, Here, Table, read_here

NOT_LOGGED_IN = 4401
NOT_ALLOWED = 4403


class ProjectEvents(AsyncJsonWebsocketConsumer):
    """``/ws/projects/<id>/``: sends hints; a page may say which clip it shows, and no more.

    Rights are checked on connect, before a message (either way) when the last check is older
    than ``trust_s``, and at least every ``patrol_s`` seconds, so that a person who was removed
    or has logged out stops seeing the project.
    """

    trust_s = 2.0
    patrol_s = 15.0
    most_words_a_second = 20

    def __init__(
        self,
        *,
        authorise: Callable[[Any, int], bool],
        has_clip: Callable[[int, int], bool] = lambda project_id, video_id: False,
    ) -> None:
        super().__init__()
        self.authorise = authorise
        self.has_clip = has_clip

    async def connect(self) -> None:
        self.project_id = self.scope["url_route"]["kwargs"]["project_id"]
        self.checked_at = 0.0
        self.joined = False
        self.patrol: asyncio.Task[None] | None = None
        self.sid = uuid.uuid4().hex[:12]
        self.here: Here | None = None
        self.table = Table()
        self.told: list[dict[str, Any]] = []
        self.words = (0.0, 0)
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
                await self._leave()
                await self.channel_layer.group_discard(group_of(self.project_id), self.channel_name)

    async def receive(self, text_data: str | None = None, **kwargs: Any) -> None:
        """A page says which clip it shows; whatever else comes is passed over."""
        found = read_here(_parsed(text_data)) if self._may_speak() else None
        if found is None or not await self._trusted():
            return
        video = found["video"]
        if video is None:
            await self._leave()
        elif await self._is_ours(video):
            is_new = self.here is None or self.here.video != video
            self.here = Here(sid=self.sid, **self.who, **found)
            await self._announce(self.here, is_new=is_new)

    async def project_event(self, event: dict[str, Any]) -> None:
        """Called by the channel layer for each message of ``jobs.events.publish``."""
        if await self._trusted():
            await self.send_json(event["message"])

    async def project_presence(self, event: dict[str, Any]) -> None:
        """Called by the channel layer for each word of a page, one's own too."""
        there = Here(**event["here"])
        self.table.hear(there, time.monotonic())
        if self.here is None or not await self._trusted():
            return
        await self._tell_people()
        if event["is_new"] and there.sid != self.sid and there.video == self.here.video:
            await self._announce(self.here, is_new=False)  # who has just come has not heard us

    async def _tell_people(self) -> None:
        """Send who else is here, where that has changed."""
        if self.here is None or self.here.video is None:
            return
        video = self.here.video
        people = self.table.people(video, time.monotonic())
        if people != self.told:
            self.told = people
            said = {"id": video, "video": video, "you": self.sid, "people": people}
            await self.send_json({"kind": "presence", **said})

    async def _leave(self) -> None:
        if self.here is not None:
            gone = Here(sid=self.sid, **self.who, video=None)
            self.here, self.told = None, []
            await self._announce(gone, is_new=False)

    async def _announce(self, here: Here, *, is_new: bool) -> None:
        word = {"type": "project.presence", "here": asdict(here), "is_new": is_new}
        with suppress(OSError, RedisError):
            await self.channel_layer.group_send(group_of(self.project_id), word)

    async def _is_ours(self, video: int) -> bool:
        if self.here is not None and self.here.video == video:
            return True
        return await database_sync_to_async(self.has_clip)(self.project_id, video)

    def _may_speak(self) -> bool:
        """A page that floods the project is not heard for the rest of the second."""
        second, count = self.words
        now = time.monotonic()
        self.words = (now, 1) if now - second >= 1 else (second, count + 1)
        return self.words[1] <= self.most_words_a_second

    async def _trusted(self) -> bool:
        fresh = time.monotonic() - self.checked_at < self.trust_s
        return fresh or await self._still_allowed()

    async def _patrol(self) -> None:
        while True:
            await asyncio.sleep(self.patrol_s)
            if not await self._still_allowed():
                return
            await self._tell_people()  # some may have fallen silent

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
        self.who = {"user": user.pk, "username": user.get_username()}
        return True


def _parsed(text: str | None) -> Any:
    if text is None or len(text) > LONGEST_MESSAGE:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


async def _current_user(scope: dict[str, Any]) -> Any:
    """The user of the session as it is stored now, not as it was at the handshake."""
    engine = import_module(settings.SESSION_ENGINE)
    fresh = engine.SessionStore(scope["session"].session_key)
    return await get_user({**scope, "session": fresh})
