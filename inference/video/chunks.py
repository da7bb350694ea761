"""Reads a clip in chunks, decoded by a thread of its own, so that memory stays flat.

While the networks work on one chunk the next is being decoded. Frame numbers, pixels, stamps and
errors are those of ``read_clip``.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import Cancelled, ModelError
from inference.types import (
    Clip,
    FrameTable,
    IsCancelled,
    Pixels,
    Progress,
    never_cancelled,
    no_progress,
)
from inference.video.frames import expected_frames, table_of, watched_frames

LENGTH = 64
"""Frames of a chunk, unless told otherwise."""

MAX_CHUNK_BYTES = 256 * 1024**2
"""Of large frames so many are taken less; context is never cut."""

_ASK_EVERY_S = 0.5


@dataclass(frozen=True)
class Chunk:
    """Some frames in a row, with their neighbours.

    Attributes:
        frames: uint8 [N, H, W, 3] RGB, upright; frame ``first_frame`` of the clip and on.
        first_frame: number of ``frames[0]``, at most ``start_frame``.
        start_frame: first frame that is this chunk's own; each frame is one chunk's own.
        end_frame: one past the last own frame.
        table: the whole clip's, with the last chunk; None before.
    """

    frames: Pixels
    first_frame: int
    start_frame: int
    end_frame: int
    table: FrameTable | None

    @property
    def own(self) -> Pixels:
        """uint8 [end_frame - start_frame, H, W, 3]: the chunk's own frames, a view."""
        return self.frames[self.start_frame - self.first_frame : self.end_frame - self.first_frame]


@contextmanager
def read_chunks(
    path: str | Path,
    *,
    length: int = LENGTH,
    before: int = 0,
    after: int = 0,
    max_frames: int | None = None,
    progress: Progress = no_progress,
    is_cancelled: IsCancelled = never_cancelled,
) -> Iterator[Iterator[Chunk]]:
    """Decode a file chunk by chunk; leaving the ``with`` block stops the decoding thread.

    At most about twice ``length`` plus the context is in memory at a time. Both callbacks are
    called from the caller's own thread.

    Args:
        path: video file.
        length: own frames of a chunk; less where frames are large (``MAX_CHUNK_BYTES``) and in
            the last one.
        before: neighbours wanted in front of the own frames, fewer at the clip's start.
        after: neighbours wanted behind them, fewer at the clip's end.
        max_frames: refuse longer clips, once so many frames have come.
        progress: told about the stage ``"decode"``.
        is_cancelled: asked for each chunk and while waiting for it.

    Yields:
        An iterator over the chunks, at least one, in presentation order.

    Raises:
        BadInput: as ``read_clip`` (never ``too_large`` for the clip's length), from the iterator.
        Cancelled: the caller asked to stop; from the iterator.
    """
    _check(length, before, after)
    source = _Source(path, length, max_frames)
    try:
        yield _chunks(source, (length, before, after), progress, is_cancelled)
    finally:
        source.close()


def chunks_of(
    clip: Clip, *, length: int = LENGTH, before: int = 0, after: int = 0
) -> Iterator[Chunk]:
    """The same chunks of a clip that is in memory already, as views of its frames."""
    _check(length, before, after)
    total = len(clip.table)
    for start in range(0, total, length):
        end, first = min(start + length, total), max(0, start - before)
        table = clip.table if end == total else None
        yield Chunk(clip.frames[first : end + after], first, start, end, table)


def _check(length: int, before: int, after: int) -> None:
    if length < 1 or min(before, after) < 0:
        raise ModelError(
            "bad_config",
            f"Expected chunks of at least 1 frame with 0 or more neighbours, got {length} with "
            f"{before} before and {after} after.",
        )


def _chunks(
    source: _Source,
    wanted: tuple[int, int, int],
    progress: Progress,
    is_cancelled: IsCancelled,
) -> Iterator[Chunk]:
    """Gathers frames until a chunk and what must lie behind it are there."""
    length, before, after = wanted
    held: deque[Pixels] = deque()
    first = start = 0
    while True:
        # One frame more than the chunk tells whether it is the last.
        while not source.ended and first + len(held) < start + length + max(after, 1):
            frame = source.next(is_cancelled)
            if frame is not None:
                held.append(frame)
                length = min(length, max(1, MAX_CHUNK_BYTES // frame.nbytes))
        if is_cancelled():
            raise Cancelled()
        end = min(start + length, first + len(held))
        last = source.ended and end == first + len(held)
        table = source.table if last else None
        progress("decode", 1.0 if last else min(0.99, end / source.expected))
        count = min(len(held), end + after - first)
        yield Chunk(_stack(held, count), first, start, end, table)
        if last:
            return
        start = end
        while first < start - before:
            held.popleft()
            first += 1


def _stack(held: deque[Pixels], count: int) -> Pixels:
    out = np.empty((count, *held[0].shape), np.uint8)
    for index in range(count):
        out[index] = held[index]
    return out


class _Source:
    """A thread that decodes ahead of its one reader, by so many frames at most.

    Attributes:
        ended: true once the reader has had the last frame.
        expected: a guess at the number of frames, at least 1.
    """

    def __init__(self, path: str | Path, ahead: int, max_frames: int | None) -> None:
        self.ended = False
        self.expected = 1
        self._path, self._ahead, self._max_frames = path, ahead, max_frames
        self._ready: deque[Pixels] = deque()
        self._changed = threading.Condition()
        self._stopped = self._finished = False
        self._error: BaseException | None = None
        self._table: FrameTable | None = None
        self._thread = threading.Thread(target=self._work, name="decode", daemon=True)
        self._thread.start()

    @property
    def table(self) -> FrameTable | None:
        """The clip's, once it has ended."""
        return self._table

    def next(self, is_cancelled: IsCancelled) -> Pixels | None:
        """The next frame; None where the clip has ended."""
        with self._changed:
            while not self._ready and not self._finished:
                if not self._changed.wait(_ASK_EVERY_S) and is_cancelled():
                    raise Cancelled()
            if self._ready:
                self._changed.notify_all()
                return self._ready.popleft()
            if self._error is not None:
                raise self._error
            self.ended = True
            return None

    def close(self) -> None:
        """Stop the thread and wait until it is gone."""
        with self._changed:
            self._stopped = True
            self._ready.clear()
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        try:
            self._decode()
        except Cancelled:
            pass
        except BaseException as error:
            self._error = error
        finally:
            with self._changed:
                self._finished = True
                self._changed.notify_all()

    def _decode(self) -> None:
        self.expected = max(1, expected_frames(self._path))
        pts: list[int] = []
        duration, size = None, None
        frames = watched_frames(self._path, self._max_frames, no_progress, lambda: self._stopped)
        for frame in frames:
            size = size or (frame.picture.width, frame.picture.height)
            self._put(frame.rgb(size))
            pts.append(frame.pts)
            duration = frame.duration
        self._table = table_of(self._path, pts, duration)

    def _put(self, pixels: Pixels) -> None:
        ahead = min(self._ahead, max(1, MAX_CHUNK_BYTES // pixels.nbytes))
        with self._changed:
            while len(self._ready) >= ahead and not self._stopped:
                self._changed.wait()
            if self._stopped:
                raise Cancelled()
            self._ready.append(pixels)
            self._changed.notify_all()
