"""Exposure is taken out, and boxes find their way back to the frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.detect.prepare import (
    Moment,
    fit_into,
    lifted,
    luma_of,
    planes_of,
    shrink,
    standardise,
    to_frame,
    to_input,
)
from inference.errors import ModelError

TARGET = (192, 144)


def moment(size, seed=0, low=0, high=255):
    rng = np.random.default_rng(seed)
    colour = rng.integers(low, high, (size[1], size[0], 3), np.uint8)
    return Moment(colour, luma_of(colour), luma_of(colour))


@pytest.mark.parametrize("planes", [3, 6])
@pytest.mark.parametrize(
    "size", [(320, 240), (240, 320), (1920, 1080), (31, 501), (64, 48), (1, 1)]
)
def test_frames_of_any_shape_fit_in(size, planes):
    fit = fit_into(size, TARGET)
    assert fit.inner[0] <= 192
    assert fit.inner[1] <= 144
    small = shrink(moment(size).colour, fit.inner)
    pixels = to_input(Moment(small, luma_of(small), luma_of(small)), fit, TARGET, planes)
    assert pixels.shape == (planes, 144, 192)
    assert np.isfinite(pixels).all()


def test_what_moves_shows_in_the_planes_of_its_neighbours():
    still = moment((64, 48), low=8, high=12)
    passed = still.before.copy()
    passed[10:30, 5:15] = 40
    planes = planes_of(Moment(still.colour, passed, still.after), 6)
    changed = np.abs(planes[3] - planes[4])
    assert changed[10:30, 5:15].min() > 10 * np.delete(changed, range(5, 15), axis=1).max() + 1


def test_local_contrast_shows_the_dark_half_beside_a_lamp():
    colour = np.full((48, 64, 3), 6, np.uint8)
    colour[:, 40:] = 250
    colour[15:35, 8:16] = 10
    luma = luma_of(colour)
    planes = planes_of(Moment(colour, luma, luma), 6)
    figure, ground = planes[:, 20:30, 9:15].mean(axis=(1, 2)), planes[:, 2:8, 2:8].mean(axis=(1, 2))
    assert figure[5] - ground[5] > 3 * (figure[0] - ground[0])


def test_dark_frames_are_lifted_to_the_wanted_luma_and_bright_ones_left_alone():
    dark = np.full((20, 30, 3), 12, np.uint8)
    assert lifted(dark, 0.45).mean() / 255 == pytest.approx(0.45, abs=0.02)
    bright = np.full((20, 30, 3), 180, np.uint8)
    assert np.array_equal(lifted(bright, 0.45), bright)
    assert lifted(dark, None) is dark
    assert lifted(np.zeros((3, 3, 3), np.uint8), 0.45).max() == 0


def test_another_number_of_planes_is_refused():
    with pytest.raises(ModelError):
        planes_of(moment((16, 16)), 5)


@given(st.integers(8, 2000), st.integers(8, 2000))
def test_the_borders_of_the_frame_map_to_the_borders_of_its_place(width, height):
    fit = fit_into((width, height), TARGET)
    corner = ((192 - fit.inner[0]) // 2, (144 - fit.inner[1]) // 2)
    placed = np.array(
        [[corner[0] - 0.5, corner[1] - 0.5, corner[0] + fit.inner[0] - 0.5,
          corner[1] + fit.inner[1] - 0.5]], np.float32,
    )  # fmt: skip
    box = to_frame(placed, fit, (width, height))[0]
    slack = 0.51 / fit.scale + 0.01
    assert box == pytest.approx([-0.5, -0.5, width - 0.5, height - 0.5], abs=slack)


def test_a_frame_and_its_darker_copy_look_alike():
    rng = np.random.default_rng(1)
    bright = rng.integers(60, 250, (40, 60, 3))
    dark = np.rint(bright / 4).astype(np.uint8)
    one, two = standardise(bright.astype(np.uint8)), standardise(dark)
    assert np.corrcoef(one.ravel(), two.ravel())[0, 1] > 0.99
    assert np.abs(one - two).mean() < 0.1


def test_a_black_frame_stays_finite():
    assert np.abs(standardise(np.zeros((20, 20, 3), np.uint8))).max() == 0


def test_boxes_are_clipped_to_the_frame():
    fit = fit_into((320, 240), TARGET)
    box = to_frame(np.array([[-50, -50, 500, 500]], np.float32), fit, (320, 240))
    assert box[0].tolist() == [-0.5, -0.5, 319.5, 239.5]
