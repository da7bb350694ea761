"""What is not a whole video is refused with a code, and nothing else is ever opened."""

import os
import struct
import wave

import av
import cv2
import numpy as np
import pytest

from inference.errors import BadInput
from inference.video.coded import read_code
from inference.video.frames import frame_table, probe, read_clip
from tests.inference.conftest import _silence


def refusal(path):
    codes = []
    for reader in (probe, frame_table, read_clip):
        with pytest.raises(BadInput) as caught:
            reader(path)
        assert str(path.parent) not in caught.value.message or not path.is_file()
        codes.append(caught.value.code)
    assert len(set(codes)) == 1
    return codes[0]


def write(folder, name, data):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize("data", [b"hello " * 99, os.urandom(9000), b"\0" * 5000, b"x"])
def test_other_data_is_not_a_video(tmp_path, data):
    assert refusal(write(tmp_path, "a.mp4", data)) == "not_a_video"


@pytest.mark.parametrize("kind", [".png", ".jpg", ".bmp", ".webp", ".tiff"])
def test_an_image_renamed_is_not_a_video(tmp_path, kind):
    _, data = cv2.imencode(kind, np.full((48, 64, 3), 90, np.uint8))
    assert refusal(write(tmp_path, "a.mp4", data.tobytes())) == "not_a_video"


def test_empty_and_absent_files(tmp_path):
    assert refusal(write(tmp_path, "a.mp4", b"")) == "no_frames"
    assert refusal(tmp_path / "absent.mp4") == "unreadable"
    assert refusal(tmp_path) == "unreadable"


@pytest.mark.parametrize("name", ["z.mp4", "z.webm"])
def test_a_container_without_frames(tmp_path, name):
    codec = "libx264" if name.endswith("mp4") else "libvpx-vp9"
    with av.open(str(tmp_path / name), "w") as out:
        stream = out.add_stream(codec, rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        out.start_encoding()
    assert refusal(tmp_path / name) == "no_frames"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"container_options": {"movflags": "+faststart"}},
        {"container_options": {"movflags": "frag_keyframe+empty_moov"}},
        {"name": "c.mkv"},
        {"name": "c.avi", "codec": "mpeg4"},
    ],
)
def test_cut_files_are_truncated(make_video, settings, part):
    path = make_video(frames=40, **settings)
    data = path.read_bytes()
    assert refusal(write(path.parent, "cut" + path.suffix, data[: int(len(data) * part)])) == (
        "truncated"
    )


def test_sound_alone_is_audio_only(tmp_path):
    with av.open(str(tmp_path / "a.m4a"), "w") as out:
        stream = out.add_stream("aac", rate=8000)
        out.mux(stream.encode(_silence()))
        out.mux(stream.encode(None))
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1000))
    assert refusal(tmp_path / "a.m4a") == "audio_only"
    assert refusal(tmp_path / "a.wav") == "audio_only"


def playlists(folder, secret):
    """Files of every kind that ask a reader to open ``secret``."""
    mpd = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet>'
        f'<Representation id="1" bandwidth="1"><BaseURL>{secret}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>"
    )
    return {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{secret}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile '{secret}'\n",
        "concat_relative": f"ffconcat version 1.0\nfile '{secret.name}'\n",
        "dash": mpd,
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{secret}"/></svg>',
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
        "asx": f'<asx version="3.0"><entry><ref href="{secret}"/></entry></asx>',
        "reference": f"[Reference]\nRef1={secret}\n",
        "address": "http://127.0.0.1:9/secret.mp4\n",
    }


@pytest.mark.parametrize("ending", ["mp4", "m3u8", "ffconcat", "mpd", "svg", "sdp", "txt"])
@pytest.mark.parametrize(
    "kind",
    ["hls", "concat", "concat_relative", "dash", "svg", "sdp", "asx", "reference", "address"],
)
def test_files_that_name_others_are_refused(make_video, kind, ending):
    secret = make_video("secret.ts")
    path = write(make_video.folder, f"list.{ending}", playlists(make_video.folder, secret)[kind])
    assert refusal(path) == "not_a_video"


def test_quicktime_references_to_other_files_stay_closed(make_video):
    """The poisoned file asks for its samples from ``secret.mp4``; its own are zeroed."""
    secret = make_video("secret.mp4", frames=8)
    poisoned = write(make_video.folder, "poisoned.mov", with_alias(secret.read_bytes(), secret))
    with av.open(str(poisoned), options={"enable_drefs": "1", "use_absolute_path": "1"}) as leaky:
        frames = [f.to_ndarray(format="rgb24") for f in leaky.decode(video=0)]
    assert [read_code(f) for f in frames] == list(range(8)), "the poison would work elsewhere"
    assert refusal(poisoned) == "no_frames"


def with_alias(data, target):
    """Replace the only data reference by a Macintosh alias to ``target`` and zero the samples."""
    data = bytearray(data)
    mdat = data.index(b"mdat")
    length = int.from_bytes(data[mdat - 4 : mdat], "big")
    data[mdat + 4 : mdat - 4 + length] = bytes(length - 8)
    start = data.index(b"url ") - 4
    old = int.from_bytes(data[start : start + 4], "big")
    path = str(target).encode()
    path += b"\0" * (len(path) % 2)
    body = bytes(4) + bytes(10) + bytes(1 + 27) + bytes(12) + bytes(1 + 63) + bytes(16)
    body += struct.pack(">HH", 1, 1) + bytes(16)
    body += struct.pack(">HH", 2, len(path)) + path + struct.pack(">hH", -1, 0)
    alias = struct.pack(">I4s", 8 + len(body), b"alis") + body
    data[start : start + old] = alias
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = data.index(box) - 4
        size = int.from_bytes(data[at : at + 4], "big") + len(alias) - old
        data[at : at + 4] = size.to_bytes(4, "big")
    return bytes(data)


def test_huge_frames_are_refused_before_decoding(make_video, monkeypatch):
    monkeypatch.setattr("inference.video.container.MAX_PIXELS", 64 * 48 - 1)
    assert refusal(make_video()) == "too_large"


def test_clips_that_do_not_fit_in_memory_are_refused(make_video, monkeypatch):
    monkeypatch.setattr("inference.video.frames.MAX_CLIP_BYTES", 64 * 48 * 3 * 5)
    with pytest.raises(BadInput) as caught:
        read_clip(make_video(frames=6))
    assert caught.value.code == "too_large"
    assert len(read_clip(make_video(frames=5)).table) == 5
