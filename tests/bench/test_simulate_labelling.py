"""The simulation starts every order alike, and says plainly what an order saves."""

from __future__ import annotations

import numpy as np
import pytest

from inference.classify.train import HeadConfig
from tests.bench.simulate_labelling import (
    Described,
    Plan,
    counts_of,
    first_reaching,
    lines,
    report,
    saving,
    simulate,
    verdict,
)


def made(count, seed):
    rng = np.random.default_rng(seed)
    names = ["Jump", "Sit"]
    labels = [names[i % 2] for i in range(count)]
    shift = np.array([[3.0 * (label == "Sit")] for label in labels])
    return Described((rng.normal(size=(count, 4)) + shift).astype(np.float32), labels)


@pytest.fixture(scope="module")
def curves():
    plan = Plan(("random", "entropy"), seeds=2, start=1, step=4, learner=HeadConfig(epochs=1))
    pool = made(12, 0)
    return simulate(pool, made(10, 1), plan), counts_of(plan, pool)


def test_all_orders_begin_and_end_alike(curves):
    hits, counts = curves
    assert counts == [2, 6, 10, 12]
    assert hits["random"].shape == hits["entropy"].shape == (2, 4, 10)
    np.testing.assert_array_equal(hits["random"][:, 0], hits["entropy"][:, 0])
    np.testing.assert_array_equal(hits["random"][:, -1], hits["entropy"][:, -1])


def test_the_report_names_every_order_and_the_mark(curves):
    hits, counts = curves
    text = lines(report({**hits, "mixed": hits["entropy"]}, counts))
    assert "random" in text
    assert "entropy" in text
    assert "mark of 30 %" in text


def test_a_goal_counts_when_it_is_held_for_two_rounds():
    counts, curve = [10, 20, 30, 40], np.array([0.5, 0.8, 0.6, 0.8])
    assert first_reaching(counts, curve, 0.75) == 40
    assert first_reaching(counts, curve, 0.6) == 20
    assert first_reaching(counts, curve, 0.9) is None


def test_the_saving_is_a_share_of_all_labels():
    chance = np.zeros((1, 4, 2), bool)
    chance[:, -1] = True
    quick = chance.copy()
    quick[:, 1:] = True
    assert saving(quick, chance, [10, 20, 30, 40]) == 0.5
    assert saving(chance, chance, [10, 20, 30, 40]) == 0.0


@pytest.mark.parametrize(
    ("share", "word"), [(0.52, "held"), (0.30, "held"), (0.29, "MISSED"), (None, "MISSED")]
)
def test_a_missed_mark_is_called_missed(share, word):
    assert word in verdict(share, "mixed")
