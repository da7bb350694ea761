"""Refuses oversized request bodies before Django spools them to disk."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from webapp.core.errors import error_body

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


READ_AND_DROP_BYTES = 64 * 1024**2
"""Up to here an excess is read and dropped: browsers look at an answer only after sending."""


class BodyLimit:
    """ASGI middleware: 413 for a body above ``max_bytes``, announced or not."""

    def __init__(self, app: Any, *, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        length = _announced_length(scope)
        if length > self.max_bytes:
            if length <= READ_AND_DROP_BYTES:
                await _drop_body(receive)
            await self._refuse(send)
            return
        await self.app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        """Cut off a body that came without a length, or with a wrong one."""
        seen = 0

        async def count() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            return {"type": "http.disconnect"} if seen > self.max_bytes else message

        return count

    async def _refuse(self, send: Send) -> None:
        text = f"Expected a request body of at most {self.max_bytes} bytes."
        body = json.dumps(error_body("body_too_large", text)).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _announced_length(scope: Message) -> int:
    for name, value in scope.get("headers", []):
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _drop_body(receive: Receive) -> None:
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
