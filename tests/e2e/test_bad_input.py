"""Whatever is uploaded ends in a clear card, and harms nothing else."""

import json
import shutil
import struct
import wave
import zlib
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import expect_settled

GIB = 1024**3


def text_file(path: Path) -> None:
    path.write_text("This is no video.\n" * 200)


def picture(path: Path) -> None:
    row = b"\0" + b"\x10\x20\x30" * 64
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 48)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def playlist(path: Path) -> None:
    path.write_text(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n"
        "file:///etc/hostname\n#EXTINF:10,\nhttp://192.0.2.1/secret.ts\n#EXT-X-ENDLIST\n"
    )


def list_of_files(path: Path) -> None:
    path.write_text("ffconcat version 1.0\nfile /etc/hostname\n")


def sound(path: Path) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\0\1" * 8000)


def sound_in_mp4(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=44100, layout="mono")
        for start in range(0, 44032, 1024):
            samples = np.zeros((1, 1024), np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44100, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode())


REFUSED = {
    "notes.mp4": text_file,
    "picture.mp4": picture,
    "playlist.mp4": playlist,
    "playlist.m3u8": playlist,
    "files.mp4": list_of_files,
    "sound.mp4": sound,
    "voice.mp4": sound_in_mp4,
}


@pytest.fixture
def library(project, stack, open_page) -> Page:
    return open_page(*stack.first_admin, path=f"/projects/{project['slug']}/")


def settled(page: Page, name: str, state: str):
    """The card of a file, once it has reached the state."""
    card = page.get_by_test_id("clip-card").filter(has=page.get_by_title(name, exact=True)).first
    expect_settled(card, state)
    return card


def test_what_is_no_video_is_refused_with_a_reason(library: Page, tmp_path, coded_clip):
    for name, make in REFUSED.items():
        make(tmp_path / name)
    (tmp_path / "cut.mp4").write_bytes(coded_clip.read_bytes()[:3000])
    names = [*REFUSED, "cut.mp4"]
    library.get_by_test_id("upload-input").set_input_files([tmp_path / name for name in names])
    said = {}
    for name in names:
        card = settled(library, name, "rejected")
        said[name] = card.get_by_test_id("card-message").inner_text()
        assert card.get_attribute("data-error"), name
    assert all(len(message) > 15 for message in said.values()), json.dumps(said, indent=1)
    assert not any("Traceback" in message or "/" in message for message in said.values()), said


def test_an_empty_file_is_refused_before_it_is_sent(library: Page, tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    library.get_by_test_id("upload-input").set_input_files(tmp_path / "empty.mp4")
    item = library.get_by_test_id("upload-item")
    expect(item).to_have_attribute("data-state", "refused")
    expect(item).to_contain_text("empty")


def test_the_same_file_twice_is_said_to_be_a_duplicate(library: Page, tmp_path, coded_clip):
    shutil.copy(coded_clip, tmp_path / "first.mp4")
    shutil.copy(coded_clip, tmp_path / "second.mp4")
    upload = library.get_by_test_id("upload-input")
    upload.set_input_files(tmp_path / "first.mp4")
    settled(library, "first.mp4", "analysed")
    upload.set_input_files(tmp_path / "second.mp4")
    card = settled(library, "second.mp4", "duplicate")
    expect(card.get_by_test_id("card-message")).to_contain_text("first.mp4")


def test_a_clip_without_people_is_analysed_and_says_so(library: Page, coded_clip):
    library.get_by_test_id("upload-input").set_input_files(coded_clip)
    card = settled(library, "coded.mp4", "analysed")
    assert card.get_attribute("data-label") == ""
    expect(card).to_contain_text("person", ignore_case=True)


@pytest.mark.parametrize(("frames", "size"), [(1, (64, 48)), (7, (102, 58))])
def test_one_frame_and_odd_sizes_go_through(library: Page, tmp_path, frames, size):
    from inference.video.coded import coded_clip
    from inference.video.synthetic import write_video

    write_video(tmp_path / "small.mp4", coded_clip(frames, size=size))
    library.get_by_test_id("upload-input").set_input_files(tmp_path / "small.mp4")
    card = settled(library, "small.mp4", "analysed")
    card.get_by_role("link").click()
    expect(library.locator("nj-player")).to_have_attribute("data-frames", str(frames))
    expect(library.locator("nj-player")).to_have_attribute("data-frame", "0")


def test_four_gigabytes_are_refused_before_they_are_sent(
    library: Page, tmp_path, expected_faults: list[str]
):
    expected_faults.append("status of 413")
    huge = tmp_path / "night.mp4"
    with huge.open("wb") as file:
        file.truncate(4 * GIB)
    library.get_by_test_id("upload-input").set_input_files(huge)
    item = library.get_by_test_id("upload-item")
    expect(item).to_have_attribute("data-state", "refused")
    expect(item).to_contain_text("4,294,967,295")
    expect(library.get_by_test_id("clip-card")).to_have_count(0)
