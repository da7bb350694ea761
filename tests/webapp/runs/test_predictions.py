"""From raw outputs to what is said of segments and clips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.runs.predictions import by_label, renormalised, verdict, weighted_mean

SHARES = st.dictionaries(st.integers(1, 9), st.floats(0, 1), min_size=1)


def test_outputs_without_a_label_are_left_out():
    assert by_label([0.5, 0.3, 0.2], [7, None, 9]) == {7: 0.5, 9: 0.2}


def test_outputs_of_one_label_are_added_up():
    assert by_label([0.5, 0.25, 0.25], [7, 7, 9]) == {7: 0.75, 9: 0.25}


def test_as_many_outputs_as_labels_are_expected():
    with pytest.raises(ValueError, match="expected 3 outputs, got 2"):
        by_label([0.5, 0.5], [1, 2, 3])


@given(SHARES, st.sets(st.integers(1, 9)))
def test_usable_labels_share_all_of_the_probability(shares, usable):
    ranked = renormalised(shares, usable)
    assert set(ranked) <= usable & set(shares)
    if ranked:
        assert sum(ranked.values()) == pytest.approx(1)
        assert list(ranked.values()) == sorted(ranked.values(), reverse=True)


def test_the_verdict_is_the_likeliest_label_in_use():
    said = verdict({1: 0.6, 2: 0.3, 3: 0.1}, {2, 3})
    assert said is not None
    assert (said.label_id, said.probability) == (2, pytest.approx(0.75))
    assert said.probabilities == {"1": 0.6, "2": 0.3, "3": 0.1}


@pytest.mark.parametrize("usable", [set(), {9}])
def test_nothing_is_said_where_no_label_is_in_use(usable):
    assert verdict({1: 0.6, 2: 0.4}, usable) is None


def test_longer_segments_count_more():
    mean = weighted_mean([(30, {1: 1.0}), (10, {1: 0.0, 2: 1.0})])
    assert mean == {1: pytest.approx(0.75), 2: pytest.approx(0.25)}
