"""Every ordinary kind of clip gives each frame once, in order, with honest stamps."""

from fractions import Fraction

import numpy as np
import pytest

from inference.errors import BadInput, Cancelled
from inference.video.coded import code_frame, read_code
from inference.video.frames import frame_table, probe, read_clip

NTSC = Fraction(30000, 1001)
LATE = [900000 + 3000 * i for i in range(12)]
VARIABLE = [0, 33, 70, 100, 200, 233, 500]

KINDS = {
    "mp4": {},
    "b_frames": {"b_frames": 3, "frames": 40},
    "avi_with_b_frames": {"name": "b.avi", "b_frames": 2, "frames": 30},
    "avi_mpeg4": {"name": "m.avi", "codec": "mpeg4"},
    "mkv": {"name": "a.mkv", "b_frames": 2},
    "webm": {"name": "a.webm", "codec": "libvpx-vp9"},
    "flv": {"name": "a.flv"},
    "wmv": {"name": "a.wmv", "codec": "wmv2"},
    "mpeg_program_stream": {"name": "a.mpg", "codec": "mpeg2video", "b_frames": 2},
    "transport_stream": {"name": "a.ts", "b_frames": 1},
    "fragmented": {"container_options": {"movflags": "frag_keyframe+empty_moov"}},
    "ntsc": {"fps": NTSC},
    "ntsc_in_milliseconds": {"name": "n.mkv", "fps": NTSC, "frames": 60},
    "variable": {"time_base": Fraction(1, 1000), "pts": VARIABLE},
    "odd_size": {"codec": "mpeg4", "size": (321, 241)},
    "one_frame": {"frames": 1},
    "one_frame_webm": {"name": "o.webm", "codec": "libvpx-vp9", "frames": 1},
    "with_sound": {"sound": True},
    "late_start": {"name": "l.ts", "time_base": Fraction(1, 90000), "pts": LATE},
}


@pytest.mark.parametrize("kind", KINDS)
def test_frames_come_once_and_in_order(make_video, kind):
    settings = KINDS[kind]
    clip = read_clip(make_video(**settings))
    count = len(settings["pts"]) if "pts" in settings else settings.get("frames", 12)
    assert [read_code(frame) for frame in clip.frames] == list(range(count))
    assert clip.size == settings.get("size", (64, 48))


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_alone_equals_the_clips(make_video, kind):
    path = make_video(**KINDS[kind])
    alone, with_pixels = frame_table(path), read_clip(path).table
    assert np.array_equal(alone.pts, with_pixels.pts)
    assert (alone.fps, alone.end_pts) == (with_pixels.fps, with_pixels.end_pts)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("variable", "late_start")])
def test_even_clips_keep_their_nominal_rate(make_video, kind):
    table = frame_table(make_video(**KINDS[kind]))
    assert table.fps == KINDS[kind].get("fps", 30)
    assert not table.variable
    assert table.duration_s == pytest.approx(len(table) / float(table.fps), abs=2e-3)


def test_variable_stamps_are_kept(make_video):
    table = frame_table(make_video(**KINDS["variable"]))
    assert table.variable
    assert table.times_s == pytest.approx(np.array(VARIABLE) / 1000)


def test_a_late_start_stays_in_the_stamps(make_video):
    table = frame_table(make_video(**KINDS["late_start"]))
    assert table.times_s[0] == pytest.approx(10.0)
    assert table.duration_s == pytest.approx(12 / 30)


@pytest.mark.parametrize("display_turn", [90, 180, 270])
def test_rotated_clips_come_upright(make_video, display_turn):
    path = make_video("r.mp4", rotation=display_turn)
    info, clip = probe(path), read_clip(path)
    stored = code_frame(5, (64, 48))
    assert info.rotation in (90, 180, 270)
    assert (info.width, info.height) == clip.size
    assert clip.size == ((64, 48) if display_turn == 180 else (48, 64))
    difference = clip.frames[5].astype(int) - np.rot90(stored, info.rotation // 90)
    assert np.median(np.abs(difference)) < 8


def test_a_phones_portrait_matrix_turns_clockwise(make_video):
    """Matrix (0, 1, -1, 0): the stored right end of a row is the upright bottom of a column."""
    data = bytearray(make_video("p.mp4").read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 20 + 8 + 8
    one = 0x10000
    for offset, value in zip((0, 4, 12, 16), (0, one, -one, 0), strict=True):
        data[at + offset : at + offset + 4] = value.to_bytes(4, "big", signed=True)
    path = make_video.folder / "portrait.mp4"
    path.write_bytes(data)
    upright = read_clip(path).frames[7]
    clockwise = np.rot90(code_frame(7, (64, 48)), -1)
    assert np.median(np.abs(upright.astype(int) - clockwise)) < 8


def test_probe_says_what_the_container_holds(make_video):
    info = probe(make_video("s.mp4", sound=True, fps=NTSC, frames=30))
    assert (info.codec, info.width, info.height, info.fps) == ("h264", 64, 48, NTSC)
    assert info.has_audio
    assert info.duration_s == pytest.approx(30 * 1001 / 30000, abs=1e-3)


def test_a_missing_duration_is_none(make_video):
    path = make_video("live.webm", codec="libvpx-vp9", container_options={"live": "1"})
    assert probe(path).duration_s is None
    assert frame_table(path).duration_s == pytest.approx(0.4, abs=2e-3)


def test_too_long_clips_are_refused(make_video):
    with pytest.raises(BadInput) as caught:
        read_clip(make_video(frames=12), max_frames=11)
    assert caught.value.code == "too_long"
    assert len(read_clip(make_video(frames=12), max_frames=12).table) == 12


def test_decoding_can_be_cancelled(make_video):
    with pytest.raises(Cancelled):
        read_clip(make_video(), is_cancelled=lambda: True)


def test_progress_rises_to_one(make_video):
    seen = []
    read_clip(make_video(frames=40), progress=lambda stage, part: seen.append((stage, part)))
    assert {stage for stage, _ in seen} == {"decode"}
    assert [part for _, part in seen] == sorted(part for _, part in seen)
    assert seen[-1][1] == 1.0


def test_damaged_packets_are_passed_over(make_video):
    data = bytearray(make_video("d.ts", frames=40, options={"g": "5"}).read_bytes())
    middle = len(data) // 2 // 188 * 188
    data[middle + 20 : middle + 180] = bytes(160)
    path = make_video.folder / "damaged.ts"
    path.write_bytes(data)
    table = frame_table(path)
    assert 30 <= len(table) <= 40
    assert np.all(np.diff(table.pts) > 0)
