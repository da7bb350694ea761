"""The installation says in one line what is missing, and does nothing when nothing changed."""

import subprocess
import sys
from collections import namedtuple

import pytest

from webapp.config.supervisor import install

Usage = namedtuple("Usage", "total used free")


def test_an_old_python_is_said():
    with pytest.raises(install.Refusal, match=r"Python 3\.11 or newer is needed, /old is 3\.9"):
        install.check_version((3, 9), "/old")


def test_a_python_without_ensurepip_is_said(monkeypatch):
    find = install.importlib.util.find_spec
    monkeypatch.setattr(
        install.importlib.util, "find_spec", lambda n: None if n == "ensurepip" else find(n)
    )
    with pytest.raises(install.Refusal, match=r"lacks ensurepip.*apt-get install python3-venv"):
        install.check_modules()


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(install.shutil, "disk_usage", lambda path: Usage(0, 0, 10**9))
    with pytest.raises(install.Refusal, match=r"needs 8 GB of disk, .* has 1\.0 GB free"):
        install.check_space(tmp_path)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("x.c:1:10: fatal error: Python.h: No such file or directory", "headers are missing"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("Failed to establish a new connection: [Errno 101]", "cannot be reached"),
        ("ERROR: No matching distribution found for x==1\n\n", "pip failed: ERROR: No matching"),
        ("", "pip failed: it said nothing"),
    ],
)
def test_a_known_fault_of_pip_is_one_clear_line(output, message):
    explained = install.explain(output, "pip failed")
    assert message in explained
    assert "\n" not in explained


def test_the_fingerprint_follows_files_that_are_named(tmp_path):
    (tmp_path / "base.txt").write_text("a==1\n")
    (tmp_path / "dev.txt").write_text("-r base.txt\nb==1\n")
    before = install.fingerprint(tmp_path / "dev.txt")
    (tmp_path / "base.txt").write_text("a==2\n")
    assert install.fingerprint(tmp_path / "dev.txt") != before


def test_the_script_installs_once_and_then_leaves_things_alone(tmp_path):
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    command = [sys.executable, install.__file__, ".venv", "requirements.txt"]
    first, second = (
        subprocess.run(command, cwd=tmp_path, capture_output=True, text=True) for _ in range(2)
    )
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "installed in" in first.stdout
    assert second.stdout == ""
