"""A drawn box is followed by the skeletons it gives, and no longer than they are believed."""

from fractions import Fraction

import numpy as np
import pytest

from inference.errors import BadInput, Cancelled
from inference.flow import Watch
from inference.one_person import follow_box
from inference.types import Clip, FrameTable, no_progress
from inference.video.chunks import chunks_of

FRAMES, SPEED = 30, 4.0
CORNERS = [(0, 0), (10, 0), (0, 20), (10, 20), (5, 10), (5, 15)]


class Sees:
    """Finds a square of joints about wherever the person is, if the box holds its middle."""

    def __init__(self, lost_at: int = FRAMES) -> None:
        self.lost_at, self.boxes = lost_at, []

    def skeletons(self, frames, frame, boxes_xyxy):
        # The number of each frame is its brightness: whichever chunk it comes in, it is known.
        number = int(frames[int(frame[0]), 0, 0, 0])
        self.boxes.append((number, boxes_xyxy[0].copy()))
        left, top = 20 + SPEED * number, 30.0
        corners = np.array(CORNERS) + np.array([left, top])
        box = boxes_xyxy[0]
        middle = corners.mean(axis=0)
        inside = (middle >= box[:2]).all() and (middle <= box[2:]).all()
        score = 0.9 if inside and number < self.lost_at else 0.05
        return np.concatenate([corners, np.full((6, 1), score)], axis=1)[None].astype(np.float32)


def clip() -> Clip:
    frames = (
        np.zeros((FRAMES, 8, 8, 3), np.uint8)
        + np.arange(FRAMES, dtype=np.uint8)[:, None, None, None]
    )
    table = FrameTable(np.arange(FRAMES), FRAMES, Fraction(1, 30), Fraction(30))
    return Clip("clip", frames, table)


def follow(sees, frames, box=(12, 22, 38, 58), *, is_cancelled=lambda: False, treat=lambda x: x):
    chunks = chunks_of(clip(), length=7, before=1, after=1)
    drawn = np.array(box, np.float32) + np.array([SPEED, 0, SPEED, 0], np.float32) * frames[0]
    watch = Watch(no_progress, is_cancelled)
    return follow_box(chunks, sees, treat, drawn, frames, watch)


def test_the_box_goes_with_the_person_over_the_borders_of_chunks():
    boxes, keypoints = follow(Sees(), (3, 25))
    assert (boxes.shape, keypoints.shape) == ((22, 4), (22, 6, 3))
    np.testing.assert_allclose(keypoints[:, 0, 0], 20 + SPEED * np.arange(3, 25))
    # The box of a frame is where the skeleton before said: its middle is one step behind.
    middle = (boxes[1:, 0] + boxes[1:, 2]) / 2
    np.testing.assert_allclose(middle, 25 + SPEED * np.arange(3, 24), atol=1e-3)


def test_a_box_that_was_drawn_too_large_comes_to_fit_the_person():
    boxes, _ = follow(Sees(), (3, 25), box=(-20, 0, 70, 90))
    size = boxes[:, 2:] - boxes[:, :2]
    assert (np.diff(size, axis=0) <= 1e-4).all()
    np.testing.assert_allclose(size[-1], (10 * 1.3, 20 * 1.18), rtol=0.05)


def test_who_is_lost_is_followed_no_longer():
    boxes, _ = follow(Sees(lost_at=11), (3, 25))
    assert len(boxes) == 8


def test_the_drawn_box_gets_a_skeleton_whatever_its_score():
    _, keypoints = follow(Sees(lost_at=0), (3, 25))
    assert (len(keypoints), keypoints[0, 0, 2]) == (1, np.float32(0.05))


def test_the_clips_first_part_decides_what_the_network_sees():
    treated = []

    def treat(frames):
        treated.append(int(frames[0, 0, 0, 0]))
        return frames

    follow(Sees(), (20, 22), treat=treat)
    assert treated[0] == 0
    assert all(first == 0 or first >= 13 for first in treated)


def test_an_empty_box_and_a_frame_outside_the_clip_are_refused():
    with pytest.raises(BadInput, match="1 x 1 px"):
        follow(Sees(), (0, 2), box=(5, 5, 5, 9))
    with pytest.raises(BadInput, match="it is shorter"):
        follow(Sees(), (FRAMES, FRAMES + 1))


def test_it_stops_when_it_is_asked_to():
    with pytest.raises(Cancelled):
        follow(Sees(), (0, 20), is_cancelled=lambda: True)
