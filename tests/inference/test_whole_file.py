"""A file appears under its name when it is whole; before that, what was there stays."""

from pathlib import Path

import pytest

from inference.whole_file import whole_file


def test_the_name_shows_the_former_content_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("former")
    with whole_file(path) as part:
        part.write_text("new")
        assert path.read_text() == "former"
        assert part.parent == path.parent
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_former_content_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("former")
    with pytest.raises(ValueError, match="half-way"), whole_file(path) as part:
        part.write_text("ne")
        raise ValueError("half-way")
    assert path.read_text() == "former"
    assert list(tmp_path.iterdir()) == [path]


def test_two_may_write_at_once_and_the_last_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with whole_file(path) as first:
        first.write_text("first")
        with whole_file(str(path)) as second:
            second.write_text("second")
        assert path.read_text() == "second"
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]
