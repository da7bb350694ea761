import errno
import os

import pytest

from webapp.core import storage
from webapp.core.errors import AppError


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../up", "a/../../up", "a/..", "a\\..\\b", "nul\0", ".."],
)
def test_names_that_lead_outside_are_refused(name):
    with pytest.raises(ValueError, match="inside the storage"):
        storage.path_of(name)


def test_a_link_that_leads_outside_is_refused(settings, tmp_path):
    settings.STORAGE_ROOT.mkdir()
    (settings.STORAGE_ROOT / "link").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="inside the storage"):
        storage.path_of("link/secret")


def test_new_names_differ_and_are_inside():
    names = {storage.new_name("poses", ".npz") for _ in range(50)}
    assert len(names) == 50
    assert all(storage.path_of(name).suffix == ".npz" for name in names)


def test_what_is_written_can_be_read_and_hashed():
    path = storage.write_atomically("a/b.bin", lambda file: file.write(b"abc"))
    assert path.read_bytes() == b"abc"
    assert storage.hash_file(path).startswith("ba7816bf8f01cfea")


def test_a_writer_that_fails_leaves_the_old_file_and_no_draft():
    path = storage.write_atomically("a/b.bin", b"old")

    def fails(file):
        file.write(b"half of the n")
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        storage.write_atomically("a/b.bin", fails)
    assert path.read_bytes() == b"old"
    assert [file for file in storage.path_of("a").parent.rglob("*") if file.is_file()] == [path]


def test_a_full_disk_is_said_in_the_apps_own_words():
    def no_room(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(AppError) as caught:
        storage.write_atomically("a/b.bin", no_room)
    assert (caught.value.code, caught.value.status) == ("disk_full", 507)


def test_room_is_refused_where_the_reserve_would_be_touched(settings):
    storage.expect_room_for(1)
    settings.DISK_RESERVE_BYTES = 1 << 62
    with pytest.raises(AppError, match="disk is full"):
        storage.expect_room_for(1)


def test_removing_twice_is_harmless():
    storage.write_atomically("a/b.bin", b"x")
    storage.remove("a/b.bin")
    storage.remove("a/b.bin")
    storage.remove("")
    assert not storage.path_of("a/b.bin").exists()


def test_what_killed_processes_left_is_cleared_away_after_a_day():
    draft = storage.atomic_path("a/b.bin")
    left = draft.__enter__()  # and never left: the process was killed
    left.write_bytes(b"half")
    assert storage.remove_stale_drafts() == 0
    os.utime(left, (1, 1))
    assert storage.remove_stale_drafts() == 1
    assert not left.exists()
