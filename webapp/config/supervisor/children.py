"""One child process: how it starts, is read, and ends with all that it started itself."""

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from webapp.config.supervisor.logs import Log

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Program:
    """What to run; ``env`` is complete, nothing is inherited beside it."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    niceness: int = 0  # added to the supervisor's, so that pages stay quick while networks work
    pass_fds: tuple[int, ...] = ()
    ends_last: bool = False  # the others need it until they have ended
    when_orphaned: signal.Signals = signal.SIGKILL  # what the kernel sends if the supervisor dies


class Child:
    """A program that has been started.

    Make it on the main thread only: the kernel sends ``when_orphaned`` once the thread that
    forked has ended.
    """

    def __init__(self, program: Program, log: Log) -> None:
        self.log = log
        self._process = subprocess.Popen(
            program.command,
            env=dict(program.env),
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone
            pass_fds=program.pass_fds,
            preexec_fn=before_exec(program, os.getpid()),  # safe: the supervisor has one thread
        )
        assert self._process.stdout is not None  # asked for above
        self.output = self._process.stdout
        os.set_blocking(self.output.fileno(), False)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        return self._process.poll()

    def read(self) -> bool:
        """Move waiting output to the log; false when none waits."""
        try:
            data = os.read(self.output.fileno(), 65536)
        except BlockingIOError:
            return False
        self.log.feed(data)
        return bool(data)

    def signal(self, number: signal.Signals) -> None:
        """Send to the child and to everything that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def close(self) -> None:
        """Take the last output; what the child left behind in its group ends here."""
        while self.read():
            pass
        self.signal(signal.SIGKILL)
        self.log.flush()
        self.output.close()


def before_exec(program: Program, parent: int) -> Callable[[], None]:
    """What runs in the new process before the program does."""

    def prepare() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(program.when_orphaned), 0, 0, 0)
        if os.getppid() != parent:  # the supervisor died before the line above
            os._exit(1)
        os.nice(program.niceness)

    return prepare


def how_it_ended(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return f"was ended by {signal.Signals(-returncode).name}"
    return f"ended with exit code {returncode}"
