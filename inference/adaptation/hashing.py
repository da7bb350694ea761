"""Tells files apart by what they hold, for the card."""

from __future__ import annotations

import hashlib
from pathlib import Path

from inference.errors import BadInput


def hash_of(path: Path) -> str:
    """sha256 of a file.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput("unreadable", f"cannot be read: {error.strerror}") from error
