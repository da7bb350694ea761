"""The published program's lists and folders are read, and bad lines are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.commands.legacy_layout import (
    clips_in,
    folder_names,
    output_names,
    read_list,
    read_names,
)
from inference.errors import BadInput


def text(folder: Path, content: str) -> Path:
    path = folder / "list.txt"
    path.write_text(content, encoding="utf-8")
    return path


def test_lines_are_id_label_path(tmp_path):
    path = text(tmp_path, "\ufeff0\t0\tJump/Jump_11_4.mp4\r\n\n7 2 Sit\\my clip.mp4  \n")
    one, two = read_list(path, Path("in"))
    assert (one.line, one.number, one.path) == (1, 0, Path("in/Jump/Jump_11_4.mp4"))
    assert (one.folder, one.group) == ("Jump", "Jump_11")
    assert (two.line, two.number, two.path) == (3, 2, Path("in/Sit/my clip.mp4"))


def test_every_bad_line_is_told_with_its_number(tmp_path):
    path = text(tmp_path, "0 0 a.mp4\n1 Jump b.mp4\n2 0\n3 1 a.mp4\n")
    with pytest.raises(BadInput) as caught:
        read_list(path, tmp_path)
    told = caught.value.message
    assert "line 2: expected a class number as label, got 'Jump'" in told
    assert "line 3: expected 'id label path', got '2 0'" in told
    assert "line 4: a.mp4 has label 1 here and 0 in line 1" in told


def test_many_bad_lines_are_counted(tmp_path):
    with pytest.raises(BadInput, match=r"line 5: .*; and 3 more"):
        read_list(text(tmp_path, "bad\n" * 8), tmp_path)


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_list_is_told(tmp_path, content):
    with pytest.raises(BadInput, match="found none"):
        read_list(text(tmp_path, content), tmp_path)


def test_missing_and_unreadable_lists_are_told(tmp_path):
    with pytest.raises(BadInput, match="No such file"):
        read_list(tmp_path / "absent.txt", tmp_path)
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="UTF-8"):
        read_list(tmp_path / "list.txt", tmp_path)


def test_a_line_said_twice_counts_once(tmp_path):
    assert len(read_list(text(tmp_path, "0 0 a.mp4\n1 0 a.mp4\n"), tmp_path)) == 1


def test_names_come_from_a_table(tmp_path):
    names = read_names(text(tmp_path, "0\tJump\n1 Stand up\n"))
    assert names == {0: "Jump", 1: "Stand up"}
    with pytest.raises(BadInput, match=r"line 2: expected 'number name', got 'Run 1'"):
        read_names(text(tmp_path, "0 Jump\nRun 1\n"))
    with pytest.raises(BadInput, match=r"line 2: '0 Run' occurs twice"):
        read_names(text(tmp_path, "0 Jump\n0 Run\n"))


def test_names_come_from_the_folders(tmp_path):
    listed = read_list(text(tmp_path, "0 3 Jump/a.mp4\n1 4 Run/b.mp4\n2 5 c.mp4\n"), tmp_path)
    assert folder_names(listed) == {3: "Jump", 4: "Run"}


@pytest.mark.parametrize(
    "content", ["0 0 Jump/a.mp4\n1 0 Run/b.mp4\n", "0 0 Jump/a.mp4\n1 1 Jump/b.mp4\n"]
)
def test_folders_that_do_not_fit_the_numbers_are_told(tmp_path, content):
    with pytest.raises(BadInput, match=r"Line 2: .* line 1: "):
        folder_names(read_list(text(tmp_path, content), tmp_path))


def test_clips_come_in_the_order_of_their_numbers(tmp_path):
    for name in ("10.mp4", "9.mp4", "b.MP4", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in clips_in(tmp_path)] == ["9.mp4", "10.mp4", "b.MP4"]
    with pytest.raises(BadInput, match="folder with clips"):
        clips_in(tmp_path / "absent")
    (tmp_path / "none").mkdir()
    with pytest.raises(BadInput, match="found none"):
        clips_in(tmp_path / "none")


def test_names_in_the_output_end_at_the_first_point_unless_they_clash():
    paths = [Path(name) for name in ("a.1.mp4", "a.2.mp4", "b.x.mp4")]
    assert output_names(paths) == ["a.1.mp4", "a.2.mp4", "b"]
