"""Top-5, average precision and calibration error are those of the textbooks."""

from __future__ import annotations

import numpy as np
import pytest

from inference.classify.ranking import average_precision, rank_figures
from inference.errors import ModelError

LABELS = list("abcdef")


def test_average_precision_of_a_worked_example() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    found = average_precision(scores, np.array([True, False, True, False]))
    assert found == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(scores, np.zeros(4, bool)) == 0.0


def test_equal_scores_gain_nothing_by_the_list_s_order() -> None:
    assert average_precision(np.zeros(4), np.array([True, False, False, False])) == 0.25


def test_the_sixth_choice_is_not_among_the_first_five() -> None:
    shares = np.array([[0.3, 0.25, 0.2, 0.15, 0.07, 0.03]])
    assert rank_figures(["e"], shares, LABELS)["top5"] == 1.0
    assert rank_figures(["f"], shares, LABELS)["top5"] == 0.0


def test_a_clip_without_anybody_is_wrong_but_claims_nothing() -> None:
    shares = np.array([[1.0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
    figures = rank_figures(["a", "b"], shares, LABELS)
    assert (figures["top5"], figures["answered"], figures["ece"]) == (0.5, 1, 0.0)
    assert figures["ap"] == {"a": 1.0, "b": 0.5}


def test_a_label_that_is_unknown_has_no_precision() -> None:
    figures = rank_figures(["x"], np.array([[1.0]]), ["a"])
    assert (figures["map"], figures["top5"]) == (0.0, 0.0)


def test_an_empty_list_has_figures_too() -> None:
    figures = rank_figures([], np.zeros((0, 6)), LABELS)
    assert (figures["top5"], figures["map"], figures["ece"], figures["answered"]) == (0, 0, 0, 0)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ModelError, match="Expected probabilities"):
        rank_figures(["a"], np.zeros((2, 6)), LABELS)
