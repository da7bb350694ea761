"""Composed pixels show the person where they belong for as long as the truth says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.bench.composed_pixels import SIZE, Filmed, compose_pixels
from tests.bench.composed_tracks import CourseConfig


def light_upright(label: str, light: int) -> Filmed:
    """Somebody of one light, 100 px high, who goes 30 px to the right in 40 frames on black."""
    frames = np.zeros((40, SIZE[1], SIZE[0], 3), np.uint8)
    boxes = np.stack([(60 + 0.75 * t, 80, 100 + 0.75 * t, 180) for t in range(40)])
    for frame, (left, top, right, bottom) in zip(frames, boxes.astype(int), strict=True):
        frame[top:bottom, left:right] = light
    return Filmed(label, np.zeros((40, 17, 3), np.float32), boxes.astype(np.float32), frames)


@pytest.fixture(scope="module")
def composed():
    takes = [light_upright("Walk", 200), light_upright("Turn", 90)]
    return compose_pixels(takes, 6.0, 0, CourseConfig(most_repeats=2))


def test_a_clip_has_the_wanted_length_and_truth_covers_it(composed):
    clip, truth = composed
    assert clip.frames.shape == (180, SIZE[1], SIZE[0], 3)
    assert (truth[0].start_frame, truth[-1].end_frame) == (0, 180)
    for before, after in pairwise(truth):
        assert before.end_frame == after.start_frame
        assert before.label != after.label


def test_somebody_stands_on_the_floor_inside_the_picture_in_every_frame(composed):
    clip, _ = composed
    for frame in clip.frames:
        rows, columns = np.nonzero(frame[..., 0] > 60)
        assert len(rows) > 1000
        assert rows.max() < SIZE[1] - 5
        assert columns.min() > 5
        assert columns.max() < SIZE[0] - 5


def test_the_same_seed_gives_the_same_clip(composed):
    takes = [light_upright("Walk", 200), light_upright("Turn", 90)]
    again, truth = compose_pixels(takes, 6.0, 0, CourseConfig(most_repeats=2))
    np.testing.assert_array_equal(again.frames, composed[0].frames)
    assert truth == composed[1]
