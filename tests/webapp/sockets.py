"""A WebSocket client inside the process (channels.testing would need a second server)."""

import json
from typing import Any
from urllib.parse import unquote

from asgiref.testing import ApplicationCommunicator


class Socket(ApplicationCommunicator):
    def __init__(self, application: Any, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        super().__init__(
            application,
            {
                "type": "websocket",
                "path": unquote(path),
                "query_string": b"",
                "headers": headers,
                "subprotocols": [],
            },
        )

    async def connect(self) -> bool:
        """Whether the server lets the socket in."""
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output())["type"] == "websocket.accept"

    async def send_text(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})

    async def receive_json(self) -> Any:
        event = await self.receive_output()
        assert event["type"] == "websocket.send", event
        return json.loads(event["text"])

    async def receive_close(self) -> int:
        event = await self.receive_output()
        assert event["type"] == "websocket.close", event
        return event["code"]

    async def disconnect(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait()
