"""Starts the supervisor as a person would, and reads what it says."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"ready at (http://\S+?)/ after ([\d.]+) s")
ADMIN = re.compile(r"Log in as (\S+) with the password (\S+)")
START_S = 300  # on two busy cores


@dataclass
class Stack:
    """A running supervisor and everything below it."""

    process: subprocess.Popen[str]
    state_dir: Path
    lines: list[str] = field(default_factory=list)
    address: str = ""
    start_s: float = 0.0
    first_admin: tuple[str, str] = ("", "")
    _news: "queue.Queue[str | None]" = field(default_factory=queue.Queue)

    @property
    def modules_file(self) -> Path:
        return self.state_dir / "web_modules"

    def pids(self) -> dict[str, int]:
        """Who runs, by the supervisor's own list."""
        lines = (self.state_dir / "running").read_text().splitlines()
        return {name: int(pid) for name, pid in (line.split() for line in lines)}

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not self.address:
            line = self._news.get(timeout=max(0.1, deadline - time.monotonic()))
            if line is None:
                raise RuntimeError("The start failed:\n" + "\n".join(self.lines))
            if found := READY.search(line):
                self.start_s, self.address = float(found[2]), found[1]
        time.sleep(0.2)  # the lines on the admin come with the one on the address
        for line in self.lines:
            if found := ADMIN.search(line):
                self.first_admin = (found[1], found[2])

    def stop(self, number: signal.Signals = signal.SIGINT, seconds: float = 60) -> int:
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def listen(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            self._news.put(line)
        self._news.put(None)


@contextmanager
def start_stack(state_dir: Path, **env: str) -> Iterator[Stack]:
    """Start a Nightjar on a free port; it is stopped at the end."""
    stack = Stack(launch(state_dir, **env), state_dir)
    reader = threading.Thread(target=stack.listen, daemon=True)
    reader.start()
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.stop()
        reader.join(10)
        stack.process.stdout.close()


def launch(state_dir: Path, **env: str) -> subprocess.Popen[str]:
    """The supervisor as a process, with both its outputs in one pipe."""
    given = {
        "PORT": "0",
        "STATE_DIR": str(state_dir),
        "NIGHTJAR_MODULES_FILE": str(state_dir / "web_modules"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "webapp.config.supervisor"],
        cwd=ROOT,
        env={**os.environ, **given, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
