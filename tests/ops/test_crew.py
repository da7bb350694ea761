"""The crew restarts who falls, and leaves nobody behind however it ends."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from webapp.config.supervisor import crew as crews
from webapp.config.supervisor.children import Program
from webapp.config.supervisor.crew import Crew
from webapp.config.supervisor.errors import CannotStart
from webapp.config.supervisor.logs import Log

SCRIPT = """
import sys
from pathlib import Path
from webapp.config.supervisor.children import Program
from webapp.config.supervisor.crew import Crew
from webapp.config.supervisor.logs import Log

folder = Path(sys.argv[1])
crew = Crew(folder / "running")
code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {grandchild!r}]);"
code += {child!r}
program = Program("one", (sys.executable, "-c", code), {{}}, folder)
crew.add(program, Log(folder / "one.log", "one"))
crew.run()
crew.stop()
"""
SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


def start_crew(folder: Path, child: str = "time.sleep(60)") -> subprocess.Popen[bytes]:
    script = textwrap.dedent(SCRIPT).format(grandchild=SLEEP, child=child)
    process = subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE)
    wait_for(lambda: "one" in roster(folder))
    return process


def roster(folder: Path) -> dict[str, int]:
    file = folder / "running"
    lines = file.read_text().splitlines() if file.exists() else []
    return {name: int(pid) for name, pid in (line.split() for line in lines)}


def wait_for(holds, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


def group_members(group: int) -> list[int]:
    """Living processes of a process group, by the kernel's own list."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_children_and_what_they_started(tmp_path, number):
    process = start_crew(tmp_path)
    group = roster(tmp_path)["one"]
    wait_for(lambda: len(group_members(group)) == 2)
    process.send_signal(number)
    assert process.wait(10) == 0
    process.stdout.close()
    wait_for(lambda: group_members(group) == [])
    assert not (tmp_path / "running").exists()


def test_a_killed_supervisor_takes_its_children_along(tmp_path):
    process = start_crew(tmp_path)
    child = roster(tmp_path)["one"]
    process.kill()
    process.wait(10)
    process.stdout.close()
    wait_for(lambda: child not in group_members(child))
    for left in group_members(child):  # the grandchild is the child's own affair
        os.kill(left, signal.SIGKILL)


def test_a_second_signal_ends_a_child_that_does_not_listen(tmp_path):
    process = start_crew(tmp_path, child=STUBBORN)
    group = roster(tmp_path)["one"]
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 0
    process.stdout.close()
    wait_for(lambda: group_members(group) == [])


def test_a_fallen_child_starts_again_later_each_time(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(crews, "FIRST_WAIT_S", 0.05)
    crew = quiet_crew(tmp_path)
    marks = tmp_path / "starts"
    code = f"open({str(marks)!r}, 'a').write('x'); raise SystemExit(3)"
    crew.add(program(code, tmp_path), Log(tmp_path / "log", "one"))
    member = crew._members["one"]
    member.wait_s = 0.05
    deadline = time.monotonic() + 10
    while (not marks.exists() or len(marks.read_text()) < 3) and time.monotonic() < deadline:
        crew._step(0.05)
        crew._look_after(member)
    crew.stop()
    assert len(marks.read_text()) >= 3
    assert "ended with exit code 3; it starts again" in capfd.readouterr().out
    assert member.wait_s >= 0.2


def test_a_fall_during_the_start_is_said_with_the_log(tmp_path):
    crew = quiet_crew(tmp_path)
    crew.add(program("raise SystemExit(7)", tmp_path), Log(tmp_path / "one.log", "one"))
    with pytest.raises(CannotStart, match=r"one ended with exit code 7 .*one\.log"):
        crew.wait_until(lambda: False, 10, "It")
    crew.stop()


def test_waiting_has_an_end(tmp_path):
    crew = quiet_crew(tmp_path)
    with pytest.raises(CannotStart, match="It did not answer within 0 s"):
        crew.wait_until(lambda: False, 0.2, "It")
    crew.stop()


def test_run_once_gives_the_exit_code_and_keeps_the_output(tmp_path):
    log = Log(tmp_path / "one.log", "one")
    code = "import sys; print('said'); sys.stdout.write('last words'); raise SystemExit(4)"
    crew = quiet_crew(tmp_path)
    assert crew.run_once(program(code, tmp_path), log) == 4
    crew.stop()
    assert (tmp_path / "one.log").read_text() == "said\nlast words\n"
    assert log.last_lines == ["said", "last words"]


def program(code: str, folder: Path) -> Program:
    return Program("one", (sys.executable, "-c", code), {}, folder)


def quiet_crew(folder: Path) -> Crew:
    return Crew(folder / "running")


@pytest.fixture(autouse=True)
def give_signals_back():
    kept = {number: signal.getsignal(number) for number in crews.STOP_SIGNALS}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)
