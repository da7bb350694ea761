"""Lets files appear under their names only when they are whole: whoever reads never sees half."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """A temporary path beside ``path``, renamed to it where the block ends well.

    Else it is removed, and what was under the name before stays as it was. Any number of
    processes may write the same file: the last one counts.

    Args:
        path: the file to make; its folder must be there.

    Raises:
        OSError: the file cannot be renamed.
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
