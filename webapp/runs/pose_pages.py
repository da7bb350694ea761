"""Packs skeletons small and in pages, so that a browser reads only what it is about to show.

The layout is written down in docs/formats.md; ``clip/skeleton/pages.js`` reads it. Needs NumPy
only: the web process packs a run's skeletons once, next to its poses file, and then sends pieces.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from webapp.core import storage
from webapp.core.errors import AppError
from webapp.runs.poses import Floats, read_arrays

VERSION = 1
PAGE_FRAMES = 256
"""Frames of a page: eight seconds at 30 a second, about 24 kB a person."""

MAGIC = b"NJPS"
ABSENT = -32768
LARGEST = 32767
FINEST = 16
"""Steps a pixel, unless the picture is so large that int16 would not reach its end."""

_HEADER = struct.Struct("<4s6H4I")
_PAGE = struct.Struct("<IHHI")

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Header:
    """What stands at the start of every message."""

    units: int
    joints: int
    people: int
    frames: int
    pages: int
    first_frame: int
    page_frames: int = PAGE_FRAMES

    def pack(self) -> bytes:
        """32 bytes; the offsets of the pages follow."""
        return _HEADER.pack(
            *(MAGIC, VERSION, self.units, self.joints, self.page_frames, _HEADER.size),
            *(record_bytes(self.joints), self.people, self.frames, self.pages, self.first_frame),
        )

    @classmethod
    def unpack(cls, content: bytes) -> "Header":
        magic, version, units, joints, page_frames, _, _, people, frames, pages, first = (
            _HEADER.unpack(content[: _HEADER.size])
        )
        if (magic, version) != (MAGIC, VERSION):
            raise AppError("poses_broken", "Expected packed skeletons.", status=500)
        return cls(units, joints, people, frames, pages, first, page_frames)


def record_bytes(joints: int) -> int:
    """Bytes of one person in one frame: int16 box and joints, uint8 scores, an even number."""
    size = 2 * (4 + 2 * joints) + joints
    return size + size % 2


def pages_name(poses_file: str) -> str:
    """The stored name of the packed form of a poses file."""
    return f"{poses_file.removesuffix('.npz')}.v{VERSION}.pages"


def packed_file(poses_file: str) -> Path:
    """The packed form of a stored poses file; made when it is asked for first."""
    name = pages_name(poses_file)
    path = storage.path_of(name)
    if not path.exists():
        boxes, keypoints = read_arrays(poses_file)
        storage.write_atomically(name, pack(boxes, keypoints))
    return path


def pack(boxes_xyxy: Floats, keypoints: Floats, *, start_frame: int = 0) -> bytes:
    """All pages of skeletons in one message.

    Args:
        boxes_xyxy: float32 [P, T, 4] px, NaN where a person is absent.
        keypoints: float32 [P, T, K, 3]: x px, y px, score 0..1; NaN where absent.
        start_frame: of the clip, at which the first of T frames lies.
    """
    units = _units(boxes_xyxy, keypoints)
    records = _records(boxes_xyxy, keypoints, units)
    people, frames = records.shape[:2]
    end_frame = start_frame + frames
    present = ~np.isnan(boxes_xyxy[..., 0])
    # Borders of pages are the same in every message, wherever it starts.
    borders = [
        start_frame,
        *range(start_frame // PAGE_FRAMES * PAGE_FRAMES, end_frame, PAGE_FRAMES),
    ]
    borders = [*sorted({border for border in borders if border >= start_frame}), end_frame]
    pages = [
        _page(records, present, (start - start_frame, end - start_frame), start)
        for start, end in pairwise(borders)
    ]
    joints = keypoints.shape[2]
    header = Header(units, joints, people, end_frame, len(pages), start_frame)
    return _message(header, pages)


def ranged(path: Path, start_frame: int, end_frame: int) -> bytes:
    """A message with the whole pages that cover ``[start_frame, end_frame)``."""
    with path.open("rb") as file:
        header = Header.unpack(file.read(_HEADER.size))
        pages = list(_pages_within(file, header, start_frame, end_frame))
    first = pages[0][0] if pages else start_frame
    fewer = Header(header.units, header.joints, header.people, header.frames, len(pages), first)
    return _message(fewer, [content for _, content in pages])


def _pages_within(
    file: BinaryIO, header: Header, start_frame: int, end_frame: int
) -> Iterator[tuple[int, bytes]]:
    offsets = np.frombuffer(file.read(4 * header.pages), "<u4")
    for offset in offsets:
        file.seek(int(offset))
        head = file.read(_PAGE.size)
        start, frames, _, size = _PAGE.unpack(head)
        if start < end_frame and start_frame < start + frames:
            yield start, head + file.read(size - _PAGE.size)


def _message(header: Header, pages: list[bytes]) -> bytes:
    sizes = np.array([0, *map(len, pages)], np.uint32)
    offsets = _HEADER.size + 4 * len(pages) + np.cumsum(sizes)[:-1]
    return header.pack() + offsets.astype("<u4").tobytes() + b"".join(pages)


def _page(
    records: Bytes, present: npt.NDArray[np.bool_], part: tuple[int, int], start_frame: int
) -> bytes:
    """Those who are there at all in these frames, one after the other."""
    frames = slice(*part)
    there = np.flatnonzero(present[:, frames].any(axis=1))
    keys = _padded(there.astype("<u2").tobytes())
    content = _padded(records[there, frames].tobytes())
    size = _PAGE.size + len(keys) + len(content)
    return _PAGE.pack(start_frame, part[1] - part[0], len(there), size) + keys + content


def _padded(content: bytes) -> bytes:
    """Up to a multiple of four, so that what follows is aligned."""
    return content + b"\0" * (-len(content) % 4)


def _records(boxes_xyxy: Floats, keypoints: Floats, units: int) -> Bytes:
    people, frames, joints = keypoints.shape[:3]
    flat = keypoints[..., :2].reshape(people, frames, 2 * joints)
    numbers = _quantised(np.concatenate([boxes_xyxy, flat], axis=-1), units)
    scores = np.nan_to_num(keypoints[..., 2]).clip(0, 1)
    out = np.zeros((people, frames, record_bytes(joints)), np.uint8)
    split = 2 * (4 + 2 * joints)
    out[..., :split] = numbers.view(np.uint8).reshape(people, frames, split)
    out[..., split : split + joints] = np.rint(scores * 255).astype(np.uint8)
    return out


def _quantised(values: Floats, units: int) -> npt.NDArray[np.int16]:
    whole = np.rint(np.nan_to_num(values, nan=0.0) * units).clip(-LARGEST, LARGEST)
    return np.where(np.isnan(values), ABSENT, whole).astype("<i2")


def _units(boxes_xyxy: Floats, keypoints: Floats) -> int:
    """The finest steps a pixel, 16 at most, with which every place fits into int16."""
    reach = max(
        float(np.abs(np.nan_to_num(part)).max(initial=0.0))
        for part in (boxes_xyxy, keypoints[..., :2])
    )
    units = FINEST
    while units > 1 and reach * units > LARGEST:
        units //= 2
    return units
