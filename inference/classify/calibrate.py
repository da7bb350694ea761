"""Makes probabilities mean what they say, and finds below which confidence to say "unsure"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from inference.errors import ModelError

Doubles = npt.NDArray[np.float64]

TEMPERATURES = np.geomspace(0.3, 5.0, 80)
"""What is tried as a temperature."""


class Selection(TypedDict):
    """What is answered when answers below ``threshold`` are called unsure."""

    threshold: float
    coverage: float
    accuracy: float
    gain: float


def best_temperature(logits: Doubles, truth: Sequence[int], trust: float) -> float:
    """The temperature of least log loss (Guo et al., 2017), drawn to 1 where there is little data.

    Args:
        logits: [S, L], or logarithms of probabilities.
        truth: S right columns.
        trust: examples that the temperature 1 is worth.

    Returns:
        One of ``TEMPERATURES``; 1 where there are no examples.
    """
    if not len(truth):
        return 1.0
    rows = np.arange(len(truth))
    losses = [
        trust * np.log(t) ** 2 - log_softmax(logits / t)[rows, list(truth)].sum()
        for t in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def tempered(probabilities: Doubles, temperature: float) -> Doubles:
    """Probabilities [S, L] as a head of another temperature would give them."""
    logs = np.log(np.maximum(probabilities, 1e-12))
    result: Doubles = np.exp(log_softmax(logs / temperature))
    return result


def log_softmax(logits: Doubles) -> Doubles:
    """Logarithms of the probabilities [S, L]."""
    shifted = logits - logits.max(axis=1, keepdims=True, initial=-np.inf)
    result: Doubles = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def unsure_below(confidence: Sequence[float] | Doubles, coverage: float = 0.8) -> float:
    """The confidence that a share ``coverage`` of the answers reaches; 0 without answers."""
    if not 0 < coverage <= 1:
        raise ModelError("bad_coverage", f"Expected a coverage in (0, 1], got {coverage}.")
    sure = np.sort(np.asarray(confidence, dtype=np.float64))[::-1]
    return float(sure[max(1, round(coverage * len(sure))) - 1]) if len(sure) else 0.0


def select(
    confidence: Sequence[float] | Doubles,
    is_right: Sequence[bool] | npt.NDArray[np.bool_],
    threshold: float,
) -> Selection:
    """How good the answers at or above a threshold are, and what the others cost.

    Args:
        confidence: [S] probability of each answer.
        is_right: [S] whether it was right.
        threshold: answers below it are called unsure.

    Returns:
        Share of the answers that is given, how many of those are right, and how much better
        that is than answering always; zeros where nothing is answered.
    """
    sure, right = np.asarray(confidence, np.float64), np.asarray(is_right, bool)
    given = sure >= threshold
    if not given.any():
        return {"threshold": threshold, "coverage": 0.0, "accuracy": 0.0, "gain": 0.0}
    accuracy = float(right[given].mean())
    return {
        "threshold": threshold,
        "coverage": float(given.mean()),
        "accuracy": accuracy,
        "gain": accuracy - float(right.mean()),
    }
