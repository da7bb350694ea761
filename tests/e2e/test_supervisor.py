"""The supervisor with the real processes: it starts soon, ends cleanly and says what is wrong."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.e2e.stack import Stack, launch, start_stack

NAMES = {"supervisor", "valkey", "web", "media", "pose", "train"}


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State of an installation that has been started once."""
    folder = tmp_path_factory.mktemp("twice")
    with start_stack(folder, DEMO="0") as first:
        assert first.first_admin[0] == "admin"
    return folder


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for_end(pids: dict[str, int], seconds: float = 20) -> dict[str, int]:
    """Those who still live after a while."""
    deadline = time.monotonic() + seconds
    while (left := {n: p for n, p in pids.items() if is_alive(p)}) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def everyone(stack: Stack) -> dict[str, int]:
    """Process ids once all workers have been started."""
    deadline = time.monotonic() + 20
    while set(stack.pids()) != NAMES:
        assert time.monotonic() < deadline, stack.pids()
        time.sleep(0.1)
    return stack.pids()


def test_the_second_start_is_quick_and_shows_no_password(state_dir):
    with start_stack(state_dir, DEMO="0") as second:
        assert second.first_admin == ("", "")
    assert second.start_s <= 10


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_no_process_behind(state_dir, number):
    with start_stack(state_dir, DEMO="0") as stack:
        pids = everyone(stack)
        assert stack.stop(number) == 0
        assert wait_for_end(pids) == {}
        assert "stopped" in stack.lines[-1]


def test_a_killed_supervisor_leaves_no_process_behind(state_dir):
    with start_stack(state_dir, DEMO="0") as stack:
        pids = everyone(stack)
        stack.stop(signal.SIGKILL)
        assert wait_for_end(pids) == {}


def test_a_killed_web_server_and_worker_come_back(state_dir):
    with start_stack(state_dir, DEMO="0") as stack:
        before = everyone(stack)
        for name in ("web", "pose"):
            os.kill(before[name], signal.SIGKILL)
        deadline = time.monotonic() + 20
        while True:
            after = stack.pids()
            if set(after) == NAMES and all(after[n] != before[n] for n in ("web", "pose")):
                break
            assert time.monotonic() < deadline, (before, after)
            time.sleep(0.1)
        assert after["train"] == before["train"]
        assert any("web was ended by SIGKILL; it starts again" in line for line in stack.lines)


def test_a_port_in_use_is_one_clear_line(state_dir):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = launch(state_dir, PORT=str(port))
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said.splitlines() == [
        f"nightjar: Port {port} of 127.0.0.1 is in use by another program. "
        f"Choose another: PORT={port + 1} make up"
    ]


def test_a_second_start_on_the_same_state_is_refused(state_dir):
    with start_stack(state_dir, DEMO="0"):
        process = launch(state_dir)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "running with its state in" in said
    assert len(said.splitlines()) == 1
