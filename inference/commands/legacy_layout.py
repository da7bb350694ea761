"""The folders and text files of the published Dark_DCPose program, read with clear errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from inference.errors import BadInput

VIDEOS = (".mp4", ".avi", ".m4v", ".mkv", ".mov", ".webm")
"""Files that are taken for clips; the published program takes ``.mp4`` alone."""

_MOST_TOLD = 5
"""Bad lines of a file that are told at once."""


@dataclass(frozen=True)
class Listed:
    """A line of ``train.txt``.

    Attributes:
        line: its number, from 1.
        number: of the class.
        entry: the path as written.
        path: where the clip lies.
    """

    line: int
    number: int
    entry: str
    path: Path

    @property
    def folder(self) -> str:
        """The class's folder in the path, empty where there is none."""
        parts = PurePosixPath(self.entry).parts
        return parts[-2] if len(parts) > 1 else ""

    @property
    def group(self) -> str:
        """What must stay together: ``Jump_11_4`` belongs to ``Jump_11``."""
        return re.sub(r"_\d+$", "", self.path.stem)


def read_list(path: Path, root: Path) -> list[Listed]:
    """Read a list of lines ``id label path``, the path below ``root``.

    Empty lines are passed over, and a line that says what another said before.

    Raises:
        BadInput: the file cannot be read, has no line, or has bad ones: each is told with its
            number, what was expected and what came, the first five at least.
    """
    found: dict[str, Listed] = {}
    bad = []
    for line, text in _lines(path):
        words = text.split(maxsplit=2)
        if len(words) != 3:
            bad.append(f"line {line}: expected 'id label path', got {text!r:.80}")
        elif not words[1].isdecimal():
            bad.append(f"line {line}: expected a class number as label, got {words[1]!r:.40}")
        else:
            entry = words[2].replace("\\", "/")
            listed = Listed(line, int(words[1]), entry, root / entry)
            before = found.setdefault(entry, listed)
            if before.number != listed.number:
                bad.append(
                    f"line {line}: {entry} has label {listed.number} here and {before.number} "
                    f"in line {before.line}"
                )
    _tell(path, bad)
    if not found:
        raise BadInput("bad_list", f"{path}: expected lines 'id label path', found none.")
    return list(found.values())


def read_names(path: Path) -> dict[int, str]:
    """Read a table of class names, lines ``id name`` parted by a tab or spaces.

    Raises:
        BadInput: as ``read_list``; a number or a name that occurs twice.
    """
    names: dict[int, str] = {}
    bad = []
    for line, text in _lines(path):
        words = text.split(maxsplit=1)
        if len(words) != 2 or not words[0].isdecimal():
            bad.append(f"line {line}: expected 'number name', got {text!r:.80}")
        elif int(words[0]) in names or words[1] in names.values():
            bad.append(f"line {line}: {text!r:.80} occurs twice")
        else:
            names[int(words[0])] = words[1].strip()
    _tell(path, bad)
    return names


def folder_names(listed: Iterable[Listed]) -> dict[int, str]:
    """Names of the classes by the folders that their clips lie in; none for those without.

    Raises:
        BadInput: the clips of one class lie in two folders, or one folder has two classes.
    """
    names: dict[int, Listed] = {}
    numbers: dict[str, Listed] = {}
    for one in listed:
        if not one.folder:
            continue
        by_number = names.setdefault(one.number, one)
        by_folder = numbers.setdefault(one.folder, one)
        if by_number.folder != one.folder or by_folder.number != one.number:
            other = by_number if by_number.folder != one.folder else by_folder
            raise BadInput(
                "bad_list",
                f"Line {one.line}: class {one.number} in folder {one.folder}, but line "
                f"{other.line}: class {other.number} in folder {other.folder}. Expected one "
                "folder for each class, or --names FILE.",
            )
    return {number: one.folder for number, one in names.items()}


def clips_in(folder: Path) -> list[Path]:
    """The clips of a folder in the order of the numbers in their names.

    Raises:
        BadInput: there is no such folder or no clip in it.
    """
    if not folder.is_dir():
        raise BadInput("no_clips", f"Expected a folder with clips at {folder}.")
    clips = [path for path in folder.iterdir() if path.suffix.lower() in VIDEOS]
    if not clips:
        raise BadInput("no_clips", f"Expected clips in {folder}, found none.")
    return sorted(clips, key=_by_numbers)


def output_names(clips: Sequence[Path]) -> list[str]:
    """What ``output.txt`` calls the clips: their names up to the first point.

    Where that is not enough to tell two apart, their whole names.
    """
    short = [path.name.split(".")[0] for path in clips]
    return [
        name if short.count(name) == 1 else path.name
        for name, path in zip(short, clips, strict=True)
    ]


def _by_numbers(path: Path) -> list[tuple[int, int, str]]:
    """``clip9`` before ``clip10``."""
    parts = re.findall(r"\d+|\D+", path.name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts]


def _lines(path: Path) -> list[tuple[int, str]]:
    """Lines that are not empty, with their numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput("bad_list", f"Expected a text file at {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput("bad_list", f"{path}: expected text in UTF-8.") from error
    lines = enumerate(text.splitlines(), 1)
    return [(number, line.strip()) for number, line in lines if line.strip()]


def _tell(path: Path, bad: list[str]) -> None:
    if bad:
        more = f"; and {len(bad) - _MOST_TOLD} more" if len(bad) > _MOST_TOLD else ""
        raise BadInput("bad_list", f"{path}: {'; '.join(bad[:_MOST_TOLD])}{more}.")
