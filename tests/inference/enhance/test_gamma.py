"""Dark frames are lifted to the wanted level, bright ones left alone."""

import numpy as np
import pytest

from inference.enhance.gamma import adaptive_gamma
from inference.errors import ModelError


@pytest.mark.parametrize("level", [8, 16, 40, 90])
def test_an_even_dark_frame_reaches_the_wanted_luma(level):
    frames = np.full((2, 6, 8, 3), level, np.uint8)
    assert adaptive_gamma(frames, 0.45).mean() / 255 == pytest.approx(0.45, abs=0.02)


def test_bright_frames_are_left_alone():
    frames = np.full((1, 6, 8, 3), 180, np.uint8)
    assert np.array_equal(adaptive_gamma(frames), frames)


def test_each_frame_gets_its_own_gamma_and_black_stays_black():
    frames = np.stack([np.full((4, 4, 3), v, np.uint8) for v in (0, 10, 60)])
    lifted = adaptive_gamma(frames)
    assert lifted[0].max() == 0
    assert abs(int(lifted[1, 0, 0, 0]) - int(lifted[2, 0, 0, 0])) < 8


def test_other_arrays_are_refused():
    with pytest.raises(ModelError):
        adaptive_gamma(np.zeros((4, 4, 3), np.uint8))
