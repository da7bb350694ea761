"""Keeps a crew of children running in one thread: reads them, restarts them, stops them all."""

import os
import selectors
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from webapp.config.supervisor.children import Child, Program, how_it_ended
from webapp.config.supervisor.errors import CannotStart
from webapp.config.supervisor.ground import write_private
from webapp.config.supervisor.logs import Log, say

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
STEADY_AFTER_S = 60.0  # who lived this long starts again as if it had never fallen
PATIENCE_S = 10.0  # how long a child may take to end by itself
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked for the end while something was awaited."""


@dataclass
class Member:
    """A program of the crew and its present child, if any."""

    program: Program
    log: Log
    child: Child | None = None
    began_at: float = 0.0
    wait_s: float = FIRST_WAIT_S
    due_at: float = field(default=float("inf"))


class Crew:
    """Children by name; ``roster`` is the file that says which process is which."""

    def __init__(self, roster: Path) -> None:
        self._roster = roster
        self._members: dict[str, Member] = {}
        self._selector = selectors.DefaultSelector()
        self._stops_asked = 0
        self._listen_to_signals()

    def _listen_to_signals(self) -> None:
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._stops_asked += 1

    def add(self, program: Program, log: Log) -> None:
        """Start a program that is to run until the end."""
        self._members[program.name] = Member(program, log)
        self._start(self._members[program.name])

    def run_once(self, program: Program, log: Log) -> int:
        """Run a program to its end and return its exit code; the others are looked after."""
        member = Member(program, log)
        self._start(member)
        try:
            while (code := child_of(member).returncode) is None:
                self._step(0.2)
                self._raise_if_stopped()
        finally:
            self._let_go(member)
            log.close()
        return code

    def wait_until(self, holds: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait for a state of things; nobody may fall meanwhile.

        Raises:
            CannotStart: a child ended, or time is up.
            Stopped: somebody asked for the end.
        """
        deadline = time.monotonic() + seconds
        while not holds():
            self._step(0.05)
            self._raise_if_stopped()
            self._raise_if_fallen()
            if time.monotonic() > deadline:
                raise CannotStart(f"{what} did not answer within {seconds:.0f} s.")

    def run(self) -> None:
        """Keep everybody running until somebody asks for the end."""
        while not self._stops_asked:
            self._step(0.5)
            for member in self._members.values():
                self._look_after(member)

    def stop(self) -> None:
        """End all children; a second Ctrl-C ends them at once."""
        for last in (False, True):
            members = [m for m in self._members.values() if m.program.ends_last is last]
            for member in members:
                if member.child:
                    member.child.signal(signal.SIGTERM)
            self._wait_for_end(members, time.monotonic() + PATIENCE_S, self._stops_asked)
            for member in members:
                member.log.close()
        self._roster.unlink(missing_ok=True)
        self._stop_listening()

    def _stop_listening(self) -> None:
        signal.set_wakeup_fd(-1)
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _wait_for_end(self, members: list[Member], deadline: float, asked: int) -> None:
        while any(member.child for member in members):
            self._step(0.1)
            late = time.monotonic() > deadline or self._stops_asked > asked
            for member in members:
                if member.child and late:
                    member.child.signal(signal.SIGKILL)
                if member.child and member.child.returncode is not None:
                    self._let_go(member)

    def _start(self, member: Member) -> None:
        member.began_at, member.due_at = time.monotonic(), float("inf")
        member.child = Child(member.program, member.log)
        self._selector.register(member.child.output, selectors.EVENT_READ, member.child)
        self._write_roster()

    def _let_go(self, member: Member) -> None:
        child, member.child = child_of(member), None
        self._selector.unregister(child.output)
        child.signal(signal.SIGKILL)
        while child.returncode is None:
            time.sleep(0.01)
        child.close()

    def _step(self, seconds: float) -> None:
        """Read what the children say, for at most this long."""
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                os.read(self._wake_read, 4096)
            elif not key.data.read():
                time.sleep(0.01)  # its end of the pipe is closed, it is about to end

    def _look_after(self, member: Member) -> None:
        now = time.monotonic()
        if member.child and (code := member.child.returncode) is not None:
            self._let_go(member)
            if now - member.began_at > STEADY_AFTER_S:
                member.wait_s = FIRST_WAIT_S
            member.due_at = now + member.wait_s
            say(
                f"{member.program.name} {how_it_ended(code)}; it starts again in "
                f"{member.wait_s:.0f} s. What it said: {member.log.path}"
            )
            member.wait_s = min(2 * member.wait_s, LONGEST_WAIT_S)
        elif now >= member.due_at:
            self._start(member)

    def _raise_if_stopped(self) -> None:
        if self._stops_asked:
            raise Stopped

    def _raise_if_fallen(self) -> None:
        for member in self._members.values():
            if (code := child_of(member).returncode) is not None:
                self._let_go(member)
                raise CannotStart(
                    f"{member.program.name} {how_it_ended(code)} during the start. "
                    f"What it said: {member.log.path}"
                )

    def _write_roster(self) -> None:
        """Say who runs, for people and for tests that look for orphans."""
        lines = [f"supervisor {os.getpid()}"]
        lines += [f"{n} {m.child.pid}" for n, m in self._members.items() if m.child]
        write_private(self._roster, "\n".join(lines) + "\n")


def child_of(member: Member) -> Child:
    if member.child is None:
        raise RuntimeError(f"{member.program.name} is not running")
    return member.child
