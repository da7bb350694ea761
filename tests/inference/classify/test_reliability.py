"""The calibration error is nothing for honest answers and the gap for boastful ones."""

import numpy as np
import pytest

from inference.classify.reliability import reliability
from inference.errors import ModelError


def test_honest_answers_have_almost_no_error():
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.2, 1.0, 20000)
    assert reliability(sure, rng.random(20000) < sure)["ece"] < 0.02


def test_the_error_is_the_gap_between_claim_and_truth():
    figures = reliability([0.95] * 10, [True] * 6 + [False] * 4)
    assert figures["ece"] == pytest.approx(0.35)
    (used,) = [one for one in figures["bins"] if one["count"]]
    assert (used["low"], used["high"], used["count"]) == (0.9, 1.0, 10)
    assert (used["confidence"], used["accuracy"]) == (pytest.approx(0.95), pytest.approx(0.6))


def test_bins_count_by_their_answers():
    figures = reliability([1.0] * 9 + [0.5], [True] * 9 + [False])
    assert figures["ece"] == pytest.approx(0.05)


def test_edges_belong_to_the_bin_below():
    counts = [one["count"] for one in reliability([0.0, 0.1, 0.11, 1.0], [True] * 4)["bins"]]
    assert counts == [2, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_no_answers_have_no_error():
    figures = reliability([], [])
    assert (figures["ece"], len(figures["bins"])) == (0, 10)


def test_what_cannot_be_is_refused():
    with pytest.raises(ModelError, match="as many"):
        reliability([0.5], [])
    with pytest.raises(ModelError, match=r"0\.\.1"):
        reliability([1.5], [True])
