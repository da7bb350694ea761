"""Leaves comments and indentation out of what browsers download; the sources stay as they are."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

_PIECE = re.compile(
    r"""
    (?P<blank>(?:\s+|//[^\n]*|/\*.*?\*/)+)
    | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?P<word>[\w$\#]+)
    | (?P<sign>.)
    """,
    re.DOTALL | re.VERBOSE,
)
_REGEX = re.compile(r"/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/\w*")
_WORDS_BEFORE_REGEX = {"return", "typeof", "case", "in", "of"}


def lean_script(source: str) -> str:
    """The same program: line ends are kept, for they may end statements."""
    return "".join(_lean(source, 0, [])).strip() + "\n"


def _lean(source: str, at: int, ends: list[int]) -> Iterator[str]:
    """Pieces from ``at`` on; within a template's place to its closing brace, noted in ``ends``."""
    last, depth, in_place = "", 0, bool(ends)
    while at < len(source):
        if source[at] == "`":
            text, at = _template(source, at)
            last = "`"
            yield text
            continue
        match = _PIECE.match(source, at)
        if source[at] == "/" and match["blank"] is None and _may_be_regex(last):
            match = _REGEX.match(source, at) or match
        text, at = match[0], match.end()
        if match.re is _PIECE and match["blank"]:
            yield "\n" if "\n" in text else " "
            continue
        depth += (text == "{") - (text == "}")
        if in_place and depth < 0:
            ends.append(at)
            return
        last = text
        yield text


def _may_be_regex(last: str) -> bool:
    return last in _WORDS_BEFORE_REGEX or not re.search(r"[\w$)\]}\"'`]$", last)


def _template(source: str, at: int) -> tuple[str, int]:
    """A template as it is, but for its places."""
    parts = ["`"]
    at += 1
    while source[at] != "`":
        if source.startswith("${", at):
            ends = [at]
            inner = "".join(_lean(source, at + 2, ends))
            parts.append("${" + inner + "}")
            at = ends[-1]
        else:
            length = 2 if source[at] == "\\" else 1
            parts.append(source[at : at + length])
            at += length
    return "".join([*parts, "`"]), at + 1


_SHEET_PIECE = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|/\*.*?\*/|\n\s*""", re.DOTALL)


def lean_sheet(source: str) -> str:
    return _SHEET_PIECE.sub(lambda match: match[1] or "\n", source).replace("\n\n", "\n").strip()


_LEAN = {".js": lean_script, ".css": lean_sheet}


class _LeanFiles:
    """A storage of sources that hands out our own files lean."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def open(self, name: str, mode: str = "rb") -> File:
        plain = self._storage.open(name, mode)
        make = _LEAN.get(PurePosixPath(name).suffix)
        if make is None or not name.startswith("nightjar/"):
            return plain
        with plain:
            text = make(plain.read().decode("utf-8"))
        return ContentFile(text.encode("utf-8"), name=name)


class LeanManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed as whitenoise does it, after our own files were made lean."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Any:
        lean = {name: (_LeanFiles(storage), path) for name, (storage, path) in paths.items()}
        yield from super().post_process(lean, dry_run, **options)
