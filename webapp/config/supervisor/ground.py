"""What must hold before anything starts: a folder of our own, room on the disk, a free port."""

import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import IO

from webapp.config.supervisor.errors import CannotStart

FREE_BYTES_NEEDED = 500_000_000


def lock_state_dir(state_dir: Path) -> IO[str]:
    """Make the folder and hold it; the lock ends with this process, however it ends."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        lock = (state_dir / "lock").open("w")
    except OSError as error:
        raise CannotStart(f"STATE_DIR {state_dir} cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise CannotStart(
            f"A Nightjar is running with its state in {state_dir} already. "
            "For a second one beside it: STATE_DIR=var2 PORT=8001 make up"
        ) from error
    return lock


def check_space(state_dir: Path) -> None:
    free = shutil.disk_usage(state_dir).free
    if free < FREE_BYTES_NEEDED:
        raise CannotStart(
            f"The disk is full: {state_dir} has {free / 1e6:.0f} MB free, "
            f"Nightjar needs {FREE_BYTES_NEEDED / 1e6:.0f} MB to start."
        )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, all or nothing."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    draft.replace(path)


def listen(host: str, port: int) -> socket.socket:
    """Take the port now and keep it, so that a web server that restarts never loses it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise CannotStart(why_not(host, port, error)) from error
    listener.setblocking(False)
    return listener


def why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == 98:  # EADDRINUSE
        return (
            f"Port {port} of {host} is in use by another program. "
            f"Choose another: PORT={port + 1} make up"
        )
    return f"HOST {host} PORT {port} cannot be listened on: {error.strerror or error}."


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
