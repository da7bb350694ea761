"""The proxy holds the same frames at the same times, ready for exact seeking."""

from fractions import Fraction

import av
import numpy as np
import pytest

from inference.errors import BadInput, Cancelled, TransientError
from inference.video.coded import read_code
from inference.video.frames import read_clip
from inference.video.proxy import GOP, write_proxy

LATE = [900000 + 3000 * i for i in range(12)]
KINDS = {
    "plain": {},
    "b_frames": {"b_frames": 3, "frames": 40},
    "avi_with_b_frames": {"name": "b.avi", "b_frames": 2, "frames": 30},
    "ntsc": {"fps": Fraction(30000, 1001), "frames": 40},
    "milliseconds": {"name": "m.mkv", "fps": Fraction(30000, 1001), "frames": 40},
    "variable": {"time_base": Fraction(1, 1000), "pts": [5, 33, 70, 100, 200, 233, 900]},
    "late_start": {"name": "l.ts", "time_base": Fraction(1, 90000), "pts": LATE},
    "one_frame": {"frames": 1},
    "odd_size": {"codec": "mpeg4", "size": (321, 241), "frames": 3},
}


@pytest.mark.parametrize("kind", KINDS)
def test_frames_and_times_are_the_clips(make_video, kind):
    path = make_video(**KINDS[kind])
    out = path.with_name("proxy.mp4")
    write_proxy(path, out)
    clip, proxy = read_clip(path), read_clip(out)
    assert [read_code(f) for f in proxy.frames] == [read_code(f) for f in clip.frames]
    assert proxy.table.times_s == pytest.approx(clip.table.times_s - clip.table.times_s[0])
    assert proxy.table.duration_s == pytest.approx(clip.table.duration_s)
    assert proxy.table.pts[0] == 0


def test_proxies_suit_browsers(make_video):
    out = make_video.folder / "proxy.mp4"
    write_proxy(make_video("s.mkv", frames=40, sound=True, b_frames=2), out)
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.codec.canonical_name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert not container.streams.audio
        packets = [p for p in container.demux(stream) if p.size]
    keys = [i for i, packet in enumerate(packets) if packet.is_keyframe]
    assert max(np.diff([*keys, len(packets)])) <= GOP
    assert all(packet.pts == packet.dts for packet in packets)


def test_odd_sides_are_padded_by_repeating_the_edge(make_video):
    path = make_video(codec="mpeg4", size=(321, 241), frames=2)
    out = path.with_name("proxy.mp4")
    write_proxy(path, out)
    clip, proxy = read_clip(path), read_clip(out)
    assert proxy.size == (322, 242)
    inside = proxy.frames[:, :241, :321].astype(int) - clip.frames
    assert np.abs(inside).mean() < 3
    edge = proxy.frames[:, :241, 321].astype(int) - clip.frames[:, :, 320]
    assert np.abs(edge).mean() < 6


def test_rotation_is_applied(make_video):
    path = make_video(rotation=90)
    out = path.with_name("proxy.mp4")
    write_proxy(path, out)
    clip, proxy = read_clip(path), read_clip(out)
    assert proxy.size == clip.size == (48, 64)
    assert np.abs(proxy.frames.astype(int) - clip.frames).mean() < 3


def test_a_failed_proxy_leaves_nothing_behind(make_video):
    out = make_video.folder / "proxy.mp4"
    path = make_video()
    with pytest.raises(Cancelled):
        write_proxy(path, out, is_cancelled=lambda: True)
    bad = make_video.folder / "bad.mp4"
    bad.write_bytes(b"no video at all")
    with pytest.raises(BadInput):
        write_proxy(bad, out)
    with pytest.raises(TransientError):
        write_proxy(path, make_video.folder / "no_such_folder" / "proxy.mp4")
    assert sorted(p.name for p in make_video.folder.iterdir()) == ["bad.mp4", "clip.mp4"]
