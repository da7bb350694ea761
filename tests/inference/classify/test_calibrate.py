"""Confidence is made to mean what it says, and the least sure answers can be withheld."""

from __future__ import annotations

import numpy as np
import pytest

from inference.classify.calibrate import (
    best_temperature,
    log_softmax,
    select,
    tempered,
    unsure_below,
)
from inference.classify.reliability import reliability
from inference.errors import ModelError


def claims(factor: float) -> tuple[np.ndarray, list[int]]:
    """Logits of 4,000 examples that claim ``factor`` times as much as they should."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 3)) * 2
    shares = np.exp(log_softmax(logits))
    truth = [int(rng.choice(3, p=row)) for row in shares]
    return logits * factor, truth


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_the_temperature_takes_back_what_was_claimed_too_much(factor: float) -> None:
    logits, truth = claims(factor)
    assert best_temperature(logits, truth, trust=0.0) == pytest.approx(factor, rel=0.1)


def test_a_calibrated_classifier_has_a_small_error() -> None:
    logits, truth = claims(2.5)
    before = np.exp(log_softmax(logits))
    after = tempered(before, best_temperature(logits, truth, trust=0.0))
    right = before.argmax(1) == truth
    assert reliability(before.max(1), right)["ece"] > 0.1
    assert reliability(after.max(1), right)["ece"] < 0.03
    np.testing.assert_array_equal(after.argmax(1), before.argmax(1))


def test_few_examples_leave_the_temperature_near_one() -> None:
    logits = np.array([[0.0, 8.0]])
    assert best_temperature(logits, [0], trust=0.0) == pytest.approx(5.0)
    assert best_temperature(logits, [0], trust=100.0) < 1.2
    assert best_temperature(np.zeros((0, 2)), [], trust=0.0) == 1.0


def test_the_threshold_leaves_the_wanted_share() -> None:
    confidence = np.arange(10) / 10
    assert unsure_below(confidence, 0.8) == pytest.approx(0.2)
    assert unsure_below(confidence, 1.0) == 0.0
    assert unsure_below([], 0.8) == 0.0
    with pytest.raises(ModelError, match="coverage"):
        unsure_below(confidence, 0.0)


def test_what_is_answered_is_counted() -> None:
    chosen = select([0.9, 0.8, 0.3, 0.2], [True, True, False, True], 0.5)
    assert chosen == {"threshold": 0.5, "coverage": 0.5, "accuracy": 1.0, "gain": 0.25}
    assert select([0.1], [True], 0.5)["coverage"] == 0.0
