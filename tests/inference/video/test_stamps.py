"""Stamps of any kind become strictly increasing ones that tell the time."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import BadInput
from inference.video.timing import StampMender, make_table

MS = Fraction(1, 1000)


@given(st.lists(st.none() | st.integers(-(10**9), 10**9), min_size=1, max_size=60))
def test_any_stamps_become_strictly_increasing(stamps):
    mender = StampMender(MS, Fraction(30))
    mended = [mender.mend(stamp) for stamp in stamps]
    assert np.all(np.diff(mended) > 0)


def test_good_stamps_are_left_alone():
    mender = StampMender(MS, Fraction(25))
    assert [mender.mend(s) for s in (7, 40, 80, 500)] == [7, 40, 80, 500]


def test_missing_stamps_follow_at_the_nominal_step():
    mender = StampMender(MS, Fraction(25))
    assert [mender.mend(s) for s in (0, None, None, 120)] == [0, 40, 80, 120]


def test_a_small_slip_moves_one_frame_only():
    mender = StampMender(MS, Fraction(25))
    assert [mender.mend(s) for s in (0, 40, 40, 80)] == [0, 40, 41, 80]


def test_joined_recordings_run_on():
    mender = StampMender(MS, Fraction(25))
    assert [mender.mend(s) for s in (9000, 9040, 0, 40)] == [9000, 9040, 9080, 9120]


def test_the_nominal_rate_is_believed_only_where_stamps_agree():
    stamps = [0, 33, 67, 100, 133]
    assert make_table(stamps, 33, MS, Fraction(30)).fps == 30
    assert make_table(stamps, 33, MS, Fraction(90)).fps == pytest.approx(30.08, abs=0.01)


def test_a_last_frame_without_duration_lasts_as_long_as_the_others():
    assert make_table([0, 40, 80], None, MS, None).end_pts == 120


def test_no_stamps_is_bad_input():
    with pytest.raises(BadInput) as caught:
        make_table([], None, MS, None)
    assert caught.value.code == "no_frames"
