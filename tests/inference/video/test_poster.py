"""Posters show dark clips so that people can recognise them."""

import cv2
import numpy as np
import pytest

from inference.errors import BadInput
from inference.video.coded import code_frame, coded_clip, read_code
from inference.video.frames import read_clip
from inference.video.poster import brighten, write_poster
from inference.video.proxy import write_frames


def test_the_middle_frame_is_shown(tmp_path):
    clip = coded_clip(9)
    clip.frames[4] = code_frame(0b1010_0011_0101_1100, clip.size)
    clip.frames[3] = clip.frames[5] = clip.frames[4]
    write_frames(tmp_path / "c.mp4", iter(clip.frames), clip.table, options={"crf": "10"})
    write_poster(tmp_path / "c.mp4", tmp_path / "poster.jpg")
    assert (tmp_path / "poster.jpg").read_bytes()[:3] == b"\xff\xd8\xff"
    assert read_code(cv2.imread(str(tmp_path / "poster.jpg"))) == 0b1010_0011_0101_1100


def test_a_dark_clip_is_brightened(tmp_path):
    clip = coded_clip(8)
    dark = (clip.frames // 16).astype(np.uint8)
    write_frames(tmp_path / "dark.mp4", iter(dark), clip.table, options={"crf": "10"})
    assert read_clip(tmp_path / "dark.mp4").frames.mean() < 12
    write_poster(tmp_path / "dark.mp4", tmp_path / "poster.jpg")
    assert cv2.imread(str(tmp_path / "poster.jpg")).mean() > 60


def test_black_stays_black():
    assert brighten(np.zeros((8, 8, 3), np.float32)).max() == 0


def test_the_longest_side_is_limited(make_video):
    out = make_video.folder / "poster.jpg"
    write_poster(make_video(size=(640, 320)), out, max_side=100)
    assert cv2.imread(str(out)).shape == (50, 100, 3)


def test_what_is_no_video_gets_no_poster(tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"nothing")
    with pytest.raises(BadInput):
        write_poster(tmp_path / "bad.mp4", tmp_path / "poster.jpg")
    assert not (tmp_path / "poster.jpg").exists()
