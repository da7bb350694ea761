"""Pairs have the least total cost of all pairings."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.track.assign import assign


def cheapest(costs):
    if costs.shape[0] > costs.shape[1]:
        costs = costs.T
    rows = range(costs.shape[0])
    return min(
        sum(costs[r, c] for r, c in zip(rows, columns, strict=True))
        for columns in permutations(range(costs.shape[1]), costs.shape[0])
    )


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10**6), st.booleans())
def test_the_total_is_the_least_possible(rows, columns, seed, ties):
    rng = np.random.default_rng(seed)
    costs = rng.integers(0, 4, (rows, columns)) if ties else rng.uniform(-5, 5, (rows, columns))
    pairs = assign(costs.astype(np.float64))
    assert len(pairs) == min(rows, columns)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
    assert sum(costs[r, c] for r, c in pairs) == pytest.approx(cheapest(costs))


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_to_pair(shape):
    assert assign(np.zeros(shape)) == []
