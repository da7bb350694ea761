"""From raw outputs to what is said of segments and clips."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.runs.predictions import Shares, clip_shares, renormalised, shares_of, verdicts

SHARES = st.dictionaries(st.integers(1, 9), st.floats(0, 1), min_size=1)


def test_outputs_without_a_label_are_left_out():
    shares = shares_of([[0.5, 0.3, 0.2]], [7, None, 9])
    assert list(shares.stored()) == [{"7": 0.5, "9": 0.2}]


def test_outputs_of_one_label_are_added_up():
    shares = shares_of([[0.5, 0.25, 0.25], [0, 0, 1]], [9, 9, 7])
    assert list(shares.stored()) == [{"7": 0.25, "9": 0.75}, {"7": 1.0, "9": 0.0}]


def test_as_many_outputs_as_labels_are_expected():
    with pytest.raises(ValueError, match="rows of 3 outputs, got shape"):
        shares_of([[0.5, 0.5]], [1, 2, 3])


@given(SHARES, st.sets(st.integers(1, 9)))
def test_usable_labels_share_all_of_the_probability(shares, usable):
    ranked = renormalised(shares, usable)
    assert set(ranked) <= usable & set(shares)
    if ranked:
        assert sum(ranked.values()) == pytest.approx(1)
        assert list(ranked.values()) == sorted(ranked.values(), reverse=True)


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 3), min_size=1), st.sets(st.integers(1, 4)))
def test_many_at_once_are_judged_as_each_alone_is_read(rows, usable):
    said = verdicts(shares_of(rows, [3, 1, 2]), usable)
    for place, row in enumerate(rows):
        ranked = renormalised(dict(zip((3, 1, 2), row, strict=True)), usable)
        assert said.said[place] == bool(ranked)
        if ranked:
            label, probability = next(iter(ranked.items()))
            assert (said.label_ids[place], said.probabilities[place]) == (
                label,
                pytest.approx(probability),
            )


@pytest.mark.parametrize("usable", [set(), {9}])
def test_nothing_is_said_where_no_label_is_in_use(usable):
    assert not verdicts(shares_of([[0.6, 0.4]], [1, 2]), usable).said.any()


def test_longer_segments_count_more_and_those_without_weight_not_at_all():
    of_segments = Shares((1, 2), np.array([[0, 1.0], [1, 0], [0, 1], [1, 0]]))
    clips, weights = np.array([8, 5, 5, 5]), np.array([1.0, 30, 10, 0])
    ids, shares = clip_shares(of_segments, clips, weights)
    assert ids.tolist() == [5, 8]
    assert shares.values.tolist() == [[pytest.approx(0.75), pytest.approx(0.25)], [0, 1]]


def test_a_clip_in_which_nothing_counts_has_no_share():
    ids, shares = clip_shares(Shares((1,), np.ones((2, 1))), np.array([5, 5]), np.zeros(2))
    assert (len(ids), shares.values.shape) == (0, (0, 1))
