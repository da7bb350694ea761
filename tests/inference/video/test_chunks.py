"""Chunks hold what the whole clip holds, in flat memory; their thread ends with their reader."""

import gc
import threading
import time

import numpy as np
import pytest

from inference.errors import BadInput, Cancelled, ModelError
from inference.video import chunks as module
from inference.video.chunks import chunks_of, read_chunks
from inference.video.coded import coded_clip, read_code
from inference.video.frames import read_clip
from tests.inference.video.test_decoding import KINDS


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert [t.name for t in threading.enumerate() if t.name == "decode"] == []


def all_of(path, **settings):
    with read_chunks(path, **settings) as chunks:
        return list(chunks)


@pytest.mark.parametrize("kind", KINDS)
def test_chunks_joined_are_the_clip(make_video, kind):
    path = make_video(**KINDS[kind])
    clip, chunks = read_clip(path), all_of(path, length=5)
    assert np.array_equal(np.concatenate([c.own for c in chunks]), clip.frames)
    table = chunks[-1].table
    assert np.array_equal(table.pts, clip.table.pts)
    assert (table.fps, table.end_pts, table.time_base, table.variable) == (
        clip.table.fps,
        clip.table.end_pts,
        clip.table.time_base,
        clip.table.variable,
    )


def test_rotated_chunks_come_upright(make_video):
    path = make_video("r.mp4", rotation=90)
    chunks = all_of(path, length=5)
    assert np.array_equal(np.concatenate([c.own for c in chunks]), read_clip(path).frames)


@pytest.mark.parametrize("frames", [1, 4, 5, 11, 12])
@pytest.mark.parametrize(
    ("length", "before", "after"), [(4, 0, 0), (4, 1, 1), (3, 2, 5), (99, 1, 1)]
)
def test_neighbours_come_along_and_only_the_last_has_the_table(
    make_video, frames, length, before, after
):
    path = make_video(frames=frames)
    read = all_of(path, length=length, before=before, after=after)
    held = list(chunks_of(read_clip(path), length=length, before=before, after=after))
    for chunks in (read, held):
        start = 0
        for chunk in chunks:
            assert (chunk.start_frame, chunk.end_frame) == (start, min(start + length, frames))
            seen = range(max(0, start - before), min(frames, chunk.end_frame + after))
            assert chunk.first_frame == seen[0]
            assert [read_code(frame) for frame in chunk.frames] == list(seen)
            assert [read_code(f) for f in chunk.own] == list(range(start, chunk.end_frame))
            start = chunk.end_frame
        assert start == frames
        assert [c.table is not None for c in chunks] == [False] * (len(chunks) - 1) + [True]


def test_the_decoder_waits_for_its_reader(make_video, monkeypatch):
    decoded = []
    frames = module.watched_frames
    monkeypatch.setattr(
        module, "watched_frames", lambda *a: (decoded.append(f.index) or f for f in frames(*a))
    )
    with read_chunks(make_video(frames=100), length=8, after=1) as chunks:
        next(chunks)
        before = -1
        while before != len(decoded):
            before = len(decoded)
            time.sleep(0.1)
        assert 9 <= before <= 9 + 8 + 1
        assert sum(len(chunk.own) for chunk in chunks) == 92


def test_large_frames_make_short_chunks(make_video, monkeypatch):
    monkeypatch.setattr(module, "MAX_CHUNK_BYTES", 3 * 64 * 48 * 3)
    chunks = all_of(make_video(frames=10), length=8, before=1, after=1)
    assert [len(c.own) for c in chunks] == [3, 3, 3, 1]
    assert [len(c.frames) for c in chunks] == [4, 5, 5, 2]


def test_a_reader_that_stops_early_ends_the_thread(make_video):
    path = make_video(frames=100)
    with read_chunks(path, length=4) as chunks:
        next(chunks)
    with read_chunks(path, length=4):
        pass


def test_a_reader_that_fails_ends_the_thread(make_video):
    with pytest.raises(ZeroDivisionError), read_chunks(make_video(frames=100), length=4) as chunks:
        for _ in chunks:
            raise ZeroDivisionError
    gc.collect()


def test_reading_can_be_cancelled(make_video):
    asked = []

    def after_two():
        asked.append(1)
        return len(asked) > 2

    with (
        pytest.raises(Cancelled),
        read_chunks(make_video(frames=100), length=4, is_cancelled=after_two) as chunks,
    ):
        for _ in chunks:
            pass
    assert len(asked) == 3


def test_a_wait_for_the_decoder_can_be_cancelled(make_video, monkeypatch):
    go_on = threading.Event()
    frames = module.watched_frames

    def stuck(*args):
        go_on.wait()
        yield from frames(*args)

    monkeypatch.setattr(module, "watched_frames", stuck)
    monkeypatch.setattr(module, "_ASK_EVERY_S", 0.01)

    def cancel():
        go_on.set()
        return True

    with pytest.raises(Cancelled), read_chunks(make_video(), is_cancelled=cancel) as chunks:
        next(chunks)


def test_callbacks_are_called_from_the_readers_thread(make_video):
    seen = []

    def tell(stage, part):
        seen.append((stage, part, threading.get_ident()))

    with read_chunks(make_video(frames=40), length=8, progress=tell) as chunks:
        list(chunks)
    assert {(stage, thread) for stage, _, thread in seen} == {("decode", threading.get_ident())}
    parts = [part for _, part, _ in seen]
    assert parts == sorted(parts)
    assert parts[-1] == 1.0


def test_too_long_clips_are_refused(make_video):
    path = make_video(frames=12)
    with pytest.raises(BadInput) as caught:
        all_of(path, max_frames=11)
    assert caught.value.code == "too_long"
    assert sum(len(c.own) for c in all_of(path, length=5, max_frames=12)) == 12


def test_files_are_refused_as_by_read_clip(tmp_path, make_video):
    whole = make_video(frames=40).read_bytes()
    for name, data in {
        "text.mp4": b"hello " * 99,
        "empty.mp4": b"",
        "cut.mp4": whole[:900],
    }.items():
        path = tmp_path / name
        path.write_bytes(data)
        codes = []
        for reader in (read_clip, all_of):
            with pytest.raises(BadInput) as caught:
                reader(path)
            codes.append(caught.value.code)
        assert codes[0] == codes[1]


@pytest.mark.parametrize("settings", [{"length": 0}, {"before": -1}, {"after": -1}])
def test_impossible_chunks_are_refused(make_video, settings):
    with pytest.raises(ModelError, match="Expected chunks"):
        all_of(make_video(), **settings)
    with pytest.raises(ModelError, match="Expected chunks"):
        list(chunks_of(coded_clip(3), **settings))
