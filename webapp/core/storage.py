"""Files by name under one root: never outside it, and never half-written."""

import errno
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.conf import settings

from webapp.core.errors import AppError

DRAFTS = "drafts"
LONGEST_NAME = 255  # bytes, of most file systems

Writer = Callable[[BinaryIO], None]


def path_of(name: str) -> Path:
    """The file's place on disk.

    Raises:
        ValueError: the name is empty or leads out of the storage root.
    """
    parts = PurePosixPath(name).parts
    if not parts or "\0" in name or "\\" in name or name.startswith("/") or ".." in parts:
        raise ValueError(f"Expected a name inside the storage, got {name!r}.")
    root = Path(settings.STORAGE_ROOT).resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise ValueError(f"Expected a name inside the storage, got {name!r}.")
    return path


def new_name(folder: str, suffix: str = "") -> str:
    """A name that nothing else has, spread over sub-folders."""
    key = uuid.uuid4().hex
    return f"{folder}/{key[:2]}/{key}{suffix}"


def write_atomically(name: str, content: bytes | Writer) -> Path:
    """Store bytes, or what ``content(file)`` writes, so that the name never shows a part."""
    with atomic_path(name) as draft, draft.open("wb") as file:
        if callable(content):
            content(file)
        else:
            file.write(content)
    return path_of(name)


def keep_copy(source: Path, name: str) -> None:
    """Copy a file into the storage under a name made from its content: kept once, never again."""
    if not path_of(name).exists():
        with source.open("rb") as file:
            write_atomically(name, lambda out: shutil.copyfileobj(file, out))


@contextmanager
def atomic_path(name: str) -> Iterator[Path]:
    """Give a temporary path on the same disk; rename it when the block ends well."""
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path_of(f"{DRAFTS}/{uuid.uuid4().hex}{path.suffix}")
    draft.parent.mkdir(exist_ok=True)
    try:
        yield draft
        _flush_to_disk(draft)
        draft.replace(path)
        _flush_to_disk(path.parent)
    except OSError as error:
        raise disk_full() if error.errno == errno.ENOSPC else error from error
    finally:
        draft.unlink(missing_ok=True)


def remove_stale_drafts(*, older_than_s: float = 86400) -> int:
    """Clear away what killed processes left half-written; returns how many files."""
    before = time.time() - older_than_s
    drafts = path_of(DRAFTS)
    stale = [file for file in drafts.glob("*") if _changed_at(file) < before]
    for file in stale:
        file.unlink(missing_ok=True)
    return len(stale)


def remove(name: str) -> None:
    if name:
        path_of(name).unlink(missing_ok=True)


def lend(name: str, folder: Path, shown_as: str) -> Path:
    """A link to a stored file under a person's name for it, for work that reads or tells names."""
    link = folder / shown_as
    if (
        not shown_as.strip(".")
        or link.parent != folder
        or len(os.fsencode(shown_as)) > LONGEST_NAME
    ):
        link = folder / "file"
    link.symlink_to(path_of(name))
    return link


def hash_file(path: Path) -> str:
    """SHA-256 of the file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def expect_room_for(size_bytes: int) -> None:
    """Refuse, with ``disk_full``, what would eat into the reserve."""
    root = Path(settings.STORAGE_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(root).free - settings.DISK_RESERVE_BYTES < size_bytes:
        raise disk_full()


def disk_full() -> AppError:
    return AppError("disk_full", "The server's disk is full; nothing was stored.", status=507)


def _flush_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _changed_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # its process has just completed it
        return time.time()
