"""What the orders of the queue are, on plain arrays."""

import math

import numpy as np
import pytest

from webapp.reviews import ordering
from webapp.reviews.ordering import rank

EVEN = [1 / 3, 1 / 3, 1 / 3]


def order(kind, probabilities, features=None, labelled=(), **more):
    n = len(probabilities)
    known = np.zeros(n, bool)
    known[list(labelled)] = True
    features = np.eye(n) if features is None else features
    ranking = rank(kind, probabilities=probabilities, features=features, labelled=known, **more)
    return ranking.index.tolist()


def test_entropy_goes_from_0_to_1_and_is_1_where_nothing_was_said():
    values = ordering.entropy(np.array([[1, 0, 0], EVEN, [0.5, 0.5, 0], [np.nan] * 3], np.float32))
    assert values == pytest.approx([0, 1, math.log(2) / math.log(3), 1], abs=1e-6)


def test_margin_is_the_lead_of_the_first_label():
    values = ordering.margin(np.array([[0.7, 0.2, 0.1], EVEN, [0.1, 0.4, 0.5]], np.float32))
    assert values == pytest.approx([0.5, 1, 0.9], abs=1e-6)


def test_entropy_and_margin_may_order_differently():
    said = [[0.5, 0.5, 0.0, 0.0], [0.4, 0.2, 0.2, 0.2]]
    assert order("margin", said) == [0, 1]
    assert order("entropy", said) == [1, 0]


def test_disagreement_is_0_for_the_same_and_1_for_nothing_shared():
    said = np.array([[1, 0], [1, 0], [0.5, 0.5]], np.float32)
    others = np.array([[1, 0], [0, 1], [1, 0]], np.float32)
    values = ordering.disagreement(said, others)
    assert values[:2] == pytest.approx([0, 1], abs=1e-5)
    middle = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))
    assert values[2] == pytest.approx(middle - 0.5, abs=1e-5)
    assert order("disagreement", said, others=others) == [1, 2, 0]


def test_what_the_other_version_has_not_seen_comes_last():
    others = [[np.nan, np.nan], [0.2, 0.8], [0.5, 0.5]]
    assert order("disagreement", [[0.5, 0.5]] * 3, others=others) == [1, 2, 0]


def test_by_age_the_oldest_comes_first():
    assert order("age", [EVEN] * 3, ages=[5, 30, 10]) == [1, 2, 0]


def test_labelled_segments_are_not_ordered():
    assert sorted(order("mixed", [EVEN] * 5, labelled=(1, 3))) == [0, 2, 4]


def test_equals_keep_their_order():
    assert order("entropy", [EVEN] * 4) == [0, 1, 2, 3]


def test_diversity_goes_far_from_the_labelled_and_from_what_it_chose():
    """Rows 0 and 1 lie together, 2 and 3 as well, 4 alone; row 0 is labelled."""
    features = [[9, 0, 0], [9, 0.1, 0], [0, 9, 0], [0.1, 9, 0], [0, 0, 9]]
    found = order("diversity", [EVEN] * 5, features, labelled=(0,))
    assert set(found[:2]) in ({2, 4}, {3, 4})
    assert found[-1] == 1


def test_greedy_choice_is_the_farthest_each_time():
    rng = np.random.default_rng(3)
    units = ordering.unit_rows(rng.normal(size=(40, 6)))
    novelty = ordering.nearest_distance(units, units[:3])
    chosen = ordering.spread_out(units, novelty, np.ones(40, np.float32), 12).tolist()
    seen = [0, 1, 2]
    for pick in chosen:
        nearest = ((1 - units @ units[seen].T) / 2).min(axis=1)
        assert nearest[pick] == pytest.approx(nearest.max(), abs=1e-6)
        seen.append(pick)
    assert len(set(chosen)) == 12


def test_each_segment_comes_once_even_where_the_classifier_is_wholly_sure():
    assert sorted(order("mixed", [[1, 0, 0]] * 5, [[1, 0]] * 5)) == [0, 1, 2, 3, 4]


def test_mixed_prefers_the_unsure_and_does_not_ask_twins_twice():
    """0 and 1: unsure twins; 2: unsure elsewhere; 3: sure and far; all unlike the labelled 4."""
    said = [EVEN, EVEN, EVEN, [0.98, 0.01, 0.01], [1, 0, 0]]
    features = [[5, 0, 0, 0], [5, 0, 0, 0], [0, 5, 0, 0], [0, 0, 5, 0], [0, 0, 0, 5]]
    found = order("mixed", said, features, labelled=(4,))
    assert found[:2] == [0, 2]
    assert set(found[2:]) == {1, 3}


def test_behind_the_batch_all_others_follow():
    rng = np.random.default_rng(0)
    said = rng.dirichlet(np.ones(4), 50)
    features = rng.normal(size=(50, 8))
    for kind in ("mixed", "diversity"):
        found = order(kind, said, features, labelled=range(5), batch=7)
        assert sorted(found) == list(range(5, 50))


def test_the_same_arrays_give_the_same_order():
    rng = np.random.default_rng(1)
    said, features = rng.dirichlet(np.ones(5), 300), rng.normal(size=(300, 16))
    assert order("mixed", said, features) == order("mixed", said, features)


def test_scale_of_a_feature_and_constant_features_decide_nothing():
    rng = np.random.default_rng(2)
    features = rng.normal(size=(60, 5))
    scaled = np.hstack([features * [1, 1000, 1e-3, 1, 7] + 4, np.full((60, 1), 12.0)])
    same = np.hstack([features, np.zeros((60, 1))])
    said = [EVEN] * 60
    assert order("diversity", said, scaled) == order("diversity", said, same)


def test_missing_numbers_do_no_harm():
    features = np.array([[np.nan, 1], [np.inf, 2], [0, 3]])
    assert sorted(order("mixed", [EVEN, [np.nan] * 3, EVEN], features)) == [0, 1, 2]


def test_nobody_and_one_are_ordered():
    assert order("mixed", np.zeros((0, 3)), np.zeros((0, 4))) == []
    assert order("mixed", [EVEN], [[1.0, 2.0]]) == [0]


@pytest.mark.parametrize(
    ("kind", "features"), [("best", np.eye(3)), ("mixed", np.eye(2)), ("mixed", np.zeros(3))]
)
def test_what_does_not_fit_is_refused(kind, features):
    with pytest.raises(ValueError, match="expected"):
        order(kind, [EVEN] * 3, features)
