"""Intervals come from drawing whole groups, and both classifiers are held to the same draws."""

import numpy as np
import pytest

from inference.classify.comparison import compare_choices
from inference.classify.metrics import compare
from inference.errors import ModelError

TRUTH = ["Walk", "Run", "Sit", "Walk", "Run", "Sit", "Walk", "Walk"] * 5
CHOSEN = ["Walk", "Run", "Run", "Walk", "Walk", "Sit", "Walk", "Run"] * 5
BEFORE = ["Walk", "Sit", "Run", "Run", "Walk", "Sit", "Walk", "Run"] * 5
EACH = [str(i) for i in range(len(TRUTH))]


def test_the_differences_are_those_of_the_plain_figures():
    both = compare_choices(TRUTH, CHOSEN, BEFORE, EACH)
    now, old = compare(TRUTH, CHOSEN), compare(TRUTH, BEFORE)
    for name in ("accuracy", "macro_f1", "macro_recall"):
        assert both["figures"][name]["difference"] == pytest.approx(now[name] - old[name])
        low, high = both["figures"][name]["candidate"]
        assert low < now[name] < high
    for label, one in both["f1"].items():
        assert one["difference"] == pytest.approx(
            now["per_class"][label]["f1"] - old["per_class"][label]["f1"]
        )


def test_the_interval_of_an_accuracy_is_about_that_of_a_share():
    rng = np.random.default_rng(1)
    truth = ["Walk"] * 400
    chosen = [("Walk", "Run")[i] for i in (rng.random(400) < 0.3).astype(int)]
    both = compare_choices(truth, chosen, None, [str(i) for i in range(400)], resamples=2000)
    low, high = both["figures"]["accuracy"]["candidate"]
    share = chosen.count("Walk") / 400
    expected = 2 * 1.96 * np.sqrt(share * (1 - share) / 400)
    assert high - low == pytest.approx(expected, rel=0.1)
    assert both["figures"]["accuracy"]["difference"] is None


def test_examples_of_one_group_count_together():
    apart = compare_choices(TRUTH, CHOSEN, None, EACH)
    five = compare_choices(TRUTH, CHOSEN, None, [str(i // 8) for i in range(len(TRUTH))])
    width = lambda one: np.ptp(one["figures"]["accuracy"]["candidate"])  # noqa: E731
    assert width(five) == pytest.approx(0)  # all five groups are alike
    assert width(apart) > 0.1
    assert (apart["groups"], five["groups"]) == (len(TRUTH), 5)


def test_a_classifier_against_itself_differs_by_nothing():
    both = compare_choices(TRUTH, CHOSEN, CHOSEN, EACH)
    for one in (*both["figures"].values(), *both["f1"].values()):
        assert (one["difference"], one["difference_interval"]) == (0, (0, 0))


def test_the_same_seed_draws_the_same():
    assert compare_choices(TRUTH, CHOSEN, BEFORE, EACH) == compare_choices(
        TRUTH, CHOSEN, BEFORE, EACH
    )
    assert compare_choices(TRUTH, CHOSEN, BEFORE, EACH) != compare_choices(
        TRUTH, CHOSEN, BEFORE, EACH, seed=1
    )


def test_one_group_says_nothing():
    both = compare_choices(TRUTH, CHOSEN, BEFORE, ["a"] * len(TRUTH))
    assert (both["figures"], both["f1"], both["groups"]) == ({}, {}, 1)
    assert compare_choices([], [], [], [])["groups"] == 0


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(ModelError, match="one length"):
        compare_choices(TRUTH, CHOSEN[1:], None, EACH)
