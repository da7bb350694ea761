"""Files that arrive in pieces and survive a crash: the file's length is the truth."""

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from typing import Any

from webapp.core import storage
from webapp.core.errors import Conflict, Refused, TooLarge


def expect_size(size_bytes: int, most_bytes: int) -> None:
    """Refuse what is larger than allowed or than the disk has room for."""
    if size_bytes > most_bytes:
        raise TooLarge(
            "too_large",
            f"Expected at most {most_bytes:,} bytes, got {size_bytes:,}.",
            {"max_bytes": most_bytes},
        )
    storage.expect_room_for(size_bytes)


@contextmanager
def open_locked(name: str) -> Iterator[FileIO]:
    """Open a stored file for one writer at a time; it is made where it is not there.

    Unbuffered: what a full disk refused must not be written when the file is closed.
    """
    path = storage.path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o640), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("busy", "Another request is writing to this upload.") from None
        yield file


def write_piece(
    file: FileIO,
    *,
    offset: int,
    data: bytes,
    size_bytes: int,
    is_over: bool = False,
    extra: dict[str, Any] | None = None,
) -> int:
    """Add bytes at the end of a file that ``open_locked`` gave; returns its new length.

    A piece that was cut short by a crash has left a good beginning: the caller reads the new
    length from the refusal and goes on from there.

    Raises:
        Conflict: ``wrong_offset`` with ``received_bytes`` (and ``extra``), also once it is over.
        Refused: more bytes than were announced.
        AppError: ``disk_full``; the file keeps its former length.
    """
    length = file.seek(0, os.SEEK_END)
    if offset != length or is_over:
        raise Conflict(
            "wrong_offset",
            f"Expected the bytes from {length} on, got those from {offset} on.",
            {"received_bytes": length, **(extra or {})},
        )
    if length + len(data) > size_bytes:
        raise Refused(
            "too_many_bytes",
            f"Expected {size_bytes} bytes in all, got {length + len(data)}.",
        )
    append(file, length, data)
    return length + len(data)


def append(file: FileIO, length: int, data: bytes) -> None:
    """Write all or nothing behind the first ``length`` bytes, down to the disk."""
    rest = memoryview(data)
    try:
        while rest:  # a write may take a part only
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
    except OSError as error:
        file.truncate(length)
        raise storage.disk_full() if error.errno == errno.ENOSPC else error from error


def received_bytes(name: str) -> int:
    """How much is on disk, also after a crash between file and row."""
    try:
        return storage.path_of(name).stat().st_size
    except FileNotFoundError:
        return 0


def last_write(name: str) -> float:
    """When the file was last written to, in seconds since 1970; 0 where there is none."""
    try:
        return storage.path_of(name).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def clean_name(name: str) -> str:
    """The last part of a path, without control characters, short enough for a column."""
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(letter for letter in name if letter.isprintable()).strip()
    if not name:
        raise Refused("bad_name", "Expected the file's name, got an empty one.")
    stem, dot, suffix = name.rpartition(".")
    if len(name) <= 255:
        return name
    return f"{stem[: 254 - len(suffix)]}{dot}{suffix}" if len(suffix) < 20 else name[:255]
