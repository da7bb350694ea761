"""Boxes are held for a stretch of time, not of frames, and never for less than was asked for."""

from fractions import Fraction

import pytest

from inference.pipeline import holding
from inference.pose.estimator import EstimatorConfig
from tests.inference.fakes import FakeEstimator


@pytest.mark.parametrize(
    ("fps", "frames"), [(30, 4), (Fraction(30000, 1001), 4), (25, 3), (10, 1), (5, 1), (60, 8)]
)
def test_frames_follow_the_rate(fps, frames):
    estimator = FakeEstimator()
    assert holding(estimator, 0.13, Fraction(fps)).config.hold == frames
    assert estimator.config.hold == 1


def test_a_longer_hold_that_was_asked_for_stays():
    estimator = FakeEstimator()
    estimator.config = EstimatorConfig(hold=9)
    assert holding(estimator, 0.13, Fraction(30)) is estimator
    assert holding(FakeEstimator(), 0.0, Fraction(30)).config.hold == 1
