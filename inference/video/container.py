"""Opens video files so that nothing but the file itself is ever read.

Uploads are hostile until shown otherwise. The demuxer is chosen by content and must be on a short
list of real containers, the only protocol is ``file``, and external references in QuickTime files
stay closed, so that playlists and scripts that name other files or addresses get nowhere.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import av
import av.container
import av.error
import av.video.stream
from av.stream import Disposition

from inference.errors import BadInput

DEMUXERS = ("mov", "mp4", "matroska", "webm", "avi", "mpegts", "mpeg", "ogg", "flv", "asf")
"""Container readers that may be chosen: MP4/MOV, MKV/WebM, AVI, MPEG, Ogg, FLV, WMV."""

EXPECTED = "Expected a video file (MP4, MOV, MKV, WebM, AVI, MPEG, OGV, FLV or WMV)"

MAX_PIXELS = 8192 * 8192
"""Largest frame that is decoded at all."""

_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": ",".join(DEMUXERS),
    "enable_drefs": "0",
    "use_absolute_path": "0",
    "max_streams": "64",
}
_SOUND_ONLY = ((b"ID3", 0), (b"fLaC", 0), (b"WAVE", 8), (b"#!AMR", 0), (b"AIFF", 8))
_ISO_FIRST = {b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"pnot"}


@contextmanager
def open_container(path: str | Path) -> Iterator[av.container.InputContainer]:
    """Open a local video file with everything but itself out of reach.

    Raises:
        BadInput: ``unreadable`` where there is no such file, ``truncated`` where the file ends
            before the length that its own header gives, ``not_a_video`` for all that is not one of
            ``DEMUXERS``, ``audio_only`` for plain sound files.
    """
    file = Path(path)
    size = _size_of(file)
    with file.open("rb") as stream:
        head = stream.read(64)
        cut = _is_cut(stream, head, size)
    if any(head[at : at + len(mark)] == mark for mark, at in _SOUND_ONLY):
        raise BadInput("audio_only", f"{EXPECTED}; {file.name} holds sound only.")
    if cut:
        raise BadInput(
            "truncated",
            f"{file.name} is cut off: it holds {size} bytes, its own header promises more.",
        )
    container = _open(file)
    try:
        yield container
    finally:
        container.close()


def video_stream(container: av.container.InputContainer, name: str) -> av.video.stream.VideoStream:
    """The first real picture stream (cover art does not count), set to decode on several threads.

    Raises:
        BadInput: ``audio_only``, ``no_frames`` where no stream is there, ``not_a_video`` where the
            codec is unknown, ``too_large`` above ``MAX_PIXELS``.
    """
    cover = Disposition.attached_pic
    streams = [s for s in container.streams.video if not s.disposition & cover]
    if not streams:
        if container.streams.audio:
            raise BadInput("audio_only", f"{EXPECTED}; {name} holds sound only.")
        raise BadInput("no_frames", f"{EXPECTED}; {name} holds no picture.")
    stream = streams[0]
    context = stream.codec_context
    if context is None:
        raise BadInput("not_a_video", f"{EXPECTED}; the codec inside {name} is not known.")
    if context.width * context.height > MAX_PIXELS:
        raise BadInput(
            "too_large",
            f"{name}: frames of {context.width} x {context.height} px are above the limit of "
            f"{MAX_PIXELS} pixels.",
        )
    context.thread_type = "AUTO"
    return stream


def _open(file: Path) -> av.container.InputContainer:
    try:
        return av.open(f"file:{file.absolute()}", options=dict(_OPTIONS), metadata_errors="replace")
    except av.error.EOFError:
        raise BadInput("no_frames", f"{EXPECTED}; {file.name} holds no picture.") from None
    except av.error.FFmpegError as error:
        if error.errno in (errno.EACCES, errno.EIO, errno.ENOMEM):
            raise BadInput("unreadable", f"{file.name} cannot be read: {error.strerror}.") from None
        raise BadInput("not_a_video", f"{EXPECTED}; {file.name} is something else.") from None


def _size_of(file: Path) -> int:
    if not file.is_file():
        raise BadInput("unreadable", f"Expected a video file, found none at {file}.")
    size = file.stat().st_size
    if size == 0:
        raise BadInput("no_frames", f"{EXPECTED}; {file.name} is empty (0 bytes).")
    return size


def _is_cut(stream: BinaryIO, head: bytes, size: int) -> bool:
    """Whether the container's own lengths reach past the end of the file."""
    if head[4:8] in _ISO_FIRST:
        return _iso_is_cut(stream, size)
    if head[:4] == b"RIFF":
        promised = int.from_bytes(head[4:8], "little")
        return promised not in (0, 0xFFFFFFFF) and promised + 8 > size + 8
    if head[:4] == b"\x1aE\xdf\xa3":
        return _matroska_is_cut(stream, size)
    return False


def _iso_is_cut(stream: BinaryIO, size: int) -> bool:
    """Walk the top-level boxes: one that ends past the file, or no ``moov`` at all, is a cut."""
    at, seen_moov = 0, False
    while at + 8 <= size:
        stream.seek(at)
        head = stream.read(16)
        length, kind = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        elif length == 0:
            length = size - at
        seen_moov |= kind == b"moov"
        if length < 8 or not kind.isascii():
            break
        at += length
        if at > size:
            return True
    return not seen_moov


def _matroska_is_cut(stream: BinaryIO, size: int) -> bool:
    """Compare the Segment's length with the file's; live recordings leave it unknown."""
    stream.seek(0)
    data = stream.read(4096)
    _, head_length, at = _ebml_number(data, 4)
    at += head_length
    if data[at : at + 4] != b"\x18\x53\x80\x67":
        return False
    unknown, length, begin = _ebml_number(data, at + 4)
    return not unknown and begin + length > size


def _ebml_number(data: bytes, at: int) -> tuple[bool, int, int]:
    """A variable-length EBML size: (all ones, that is unknown), value, offset behind it."""
    if at >= len(data) or data[at] == 0:
        return True, 0, at
    width = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + width], "big") & ((1 << (7 * width)) - 1)
    return value == (1 << (7 * width)) - 1, value, at + width
