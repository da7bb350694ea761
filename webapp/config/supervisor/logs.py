"""Keeps what each child says: a file for each, and the screen with the child's name before it."""

import re
import sys
from pathlib import Path

LARGEST_BYTES = 20_000_000
REMEMBERED_LINES = 15


class Log:
    """One child's output; the file is put aside once it has grown large."""

    def __init__(self, path: Path, name: str, hidden: re.Pattern[str] | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.last_lines: list[str] = []
        self._name = name
        self._hidden = hidden
        self._rest = b""
        self._file = path.open("ab", buffering=0)

    def feed(self, data: bytes) -> None:
        """Take raw output; a line counts once it has ended."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line)

    def flush(self) -> None:
        """Take what came after the last line's end."""
        if self._rest:
            self._take(self._rest)
            self._rest = b""

    def close(self) -> None:
        self.flush()
        self._file.close()

    def _take(self, line: bytes) -> None:
        self._write(line + b"\n")
        text = line.decode(errors="replace").rstrip()
        self.last_lines = [*self.last_lines, text][-REMEMBERED_LINES:]
        if not (self._hidden and self._hidden.search(text)):
            say(text, self._name)

    def _write(self, data: bytes) -> None:
        # A full disk must not end the supervisor: the line is on the screen all the same.
        try:
            self._file.write(data)
            if self._file.tell() > LARGEST_BYTES:
                self.path.replace(self.path.with_suffix(".log.1"))
                self._file.close()
                self._file = self.path.open("ab", buffering=0)
        except OSError as error:
            say(f"{self.path} cannot be written: {error.strerror}")


def say(text: str, name: str = "nightjar") -> None:
    """Print a line; a terminal that has gone away is no reason to stop."""
    try:
        print(f"{name:<8} | {text}", flush=True)
    except OSError:
        sys.stdout = open("/dev/null", "w")  # noqa: PTH123, SIM115
