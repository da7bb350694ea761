"""Whatever is in the way of a start is said in one clear line."""

import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from webapp.config.supervisor import ground
from webapp.config.supervisor.errors import CannotStart
from webapp.config.supervisor.options import read_options

Usage = namedtuple("Usage", "total used free")


def test_a_port_in_use_is_said_with_another_one_to_take():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} .* in use .*PORT={port + 1} make up"):
            ground.listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_said():
    with pytest.raises(CannotStart, match=r"HOST 192\.0\.2\.1 PORT 8000 cannot be listened on"):
        ground.listen("192.0.2.1", 8000)


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9, 3_000_000))
    with pytest.raises(CannotStart, match=r"The disk is full: .* has 3 MB free"):
        ground.check_space(tmp_path)


def test_a_state_folder_serves_one_at_a_time(tmp_path):
    with (
        ground.lock_state_dir(tmp_path),
        pytest.raises(CannotStart, match="STATE_DIR=var2 PORT=8001 make up"),
    ):
        ground.lock_state_dir(tmp_path)
    ground.lock_state_dir(tmp_path).close()


def test_a_state_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="cannot be written"):
        ground.lock_state_dir(tmp_path / "file" / "state")


def test_a_private_file_is_private_and_whole(tmp_path):
    path = tmp_path / "secret"
    ground.write_private(path, "one")
    ground.write_private(path, "two")
    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["secret"]


def test_options_have_defaults():
    options = read_options({})
    assert (options.host, options.port, options.redis_url) == ("127.0.0.1", 8000, None)
    assert options.state_dir == Path(__file__).resolve().parents[2] / "var"
    assert options.cores >= 1


def test_options_come_from_the_environment(tmp_path):
    given = {"HOST": "0.0.0.0", "PORT": "9000", "STATE_DIR": str(tmp_path), "CORES": "3"}
    options = read_options({**given, "REDIS_URL": "redis://elsewhere/1", "DEMO": "0"})
    assert (options.host, options.port, options.cores) == ("0.0.0.0", 9000, 3)
    assert (options.state_dir, options.redis_url) == (tmp_path, "redis://elsewhere/1")
    assert not options.demo


@pytest.mark.parametrize("port", ["web", "-1", "65536", "8000.5"])
def test_an_unclear_port_is_refused(port):
    with pytest.raises(CannotStart, match=r"PORT must be a whole number from 0 to 65535"):
        read_options({"PORT": port})
