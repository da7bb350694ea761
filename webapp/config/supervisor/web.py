"""Serves the application on a socket that the supervisor holds."""

import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn

LONGEST_BODY_WAIT_S = 75


def main(arguments: list[str]) -> None:
    listener = socket.socket(fileno=int(arguments[0]))
    show_modules_on_request()
    config = uvicorn.Config(
        "webapp.config.asgi:application",
        lifespan="off",
        server_header=False,
        timeout_keep_alive=LONGEST_BODY_WAIT_S,
        timeout_graceful_shutdown=5,
        proxy_headers=True,
    )
    uvicorn.Server(config).run(sockets=[listener])


def show_modules_on_request() -> None:
    """For the test that no network is loaded here: SIGUSR1 writes ``sys.modules`` to a file.

    Only where the one who starts the server names that file.
    """
    target = os.environ.get("NIGHTJAR_MODULES_FILE")
    if not target:
        return

    def show(number: int, frame: object) -> None:
        path = Path(target)
        draft = path.with_suffix(".new")
        draft.write_text("\n".join(sorted(sys.modules)))
        draft.replace(path)

    signal.signal(signal.SIGUSR1, show)


if __name__ == "__main__":
    main(sys.argv[1:])
