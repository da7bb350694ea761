"""Sheets of thumbnails hold the very frames that they name."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from inference.errors import BadInput
from inference.video import thumbnails
from inference.video.coded import coded_clip, read_code
from inference.video.proxy import GOP, write_frames, write_proxy
from inference.video.thumbnails import write_thumbnails

TILE = (32, 24)


def codes(path, count, columns):
    sheet = cv2.imread(str(path))
    tiles = [
        sheet[y : y + TILE[1], x : x + TILE[0]]
        for y in range(0, sheet.shape[0], TILE[1])
        for x in range(0, columns * TILE[0], TILE[0])
    ]
    return [read_code(tile) for tile in tiles[:count]]


@pytest.fixture
def proxy(make_video, tmp_path):
    def make(**kind):
        write_proxy(make_video(**kind), tmp_path / "proxy.mp4")
        return tmp_path / "proxy.mp4"

    return make


@pytest.mark.parametrize(
    "frames", [[0b10101], [0, 1, 2, 29], list(range(0, 30, 3)), list(range(30))]
)
def test_each_picture_is_the_frame_it_stands_for(proxy, tmp_path, frames):
    path = proxy(frames=30, pts=[i + i // 7 for i in range(30)])
    write_thumbnails(path, tmp_path / "t.jpg", frames=frames, tile=TILE, columns=4)
    assert codes(tmp_path / "t.jpg", len(frames), 4) == frames


def test_of_key_frames_no_other_frame_is_decoded(proxy, tmp_path, monkeypatch):
    path = proxy(frames=5 * GOP)
    decoded = []
    real = thumbnails._decoded
    monkeypatch.setattr(
        thumbnails, "_decoded", lambda *asked: (decoded.append(p) or p for p in real(*asked))
    )
    wanted = [0, 2 * GOP, 4 * GOP]
    write_thumbnails(path, tmp_path / "t.jpg", frames=wanted, tile=TILE, columns=2)
    assert codes(tmp_path / "t.jpg", 3, 2) == wanted
    assert len(decoded) == 3


def test_a_dark_clip_is_brightened_and_all_its_pictures_alike(tmp_path):
    clip = coded_clip(6)
    levels = np.array([8, 8, 16, 16, 24, 24])[:, None, None, None]
    dark = np.broadcast_to(levels, clip.frames.shape).astype(np.uint8)
    write_frames(tmp_path / "dark.mp4", iter(dark), clip.table, options={"crf": "5"})
    out = tmp_path / "t.jpg"
    write_thumbnails(tmp_path / "dark.mp4", out, frames=range(6), tile=TILE, columns=6)
    means = [tile.mean() for tile in np.split(cv2.imread(str(out)), 6, axis=1)]
    assert means[0] > 60
    assert [b > a + 10 for a, b in pairwise(means[::2])] == [True, True]


def test_frames_that_are_not_there_are_refused(proxy, tmp_path):
    with pytest.raises(BadInput, match="below 12"):
        write_thumbnails(proxy(), tmp_path / "t.jpg", frames=[3, 12], tile=TILE, columns=2)
    assert not (tmp_path / "t.jpg").exists()
