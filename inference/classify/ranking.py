"""Says how good the probabilities of a classifier are, beyond its first choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from inference.classify.reliability import reliability
from inference.errors import ModelError

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class RankingFigures(TypedDict):
    """Figures in 0..1; ``ap`` by label that occurs in the truth, ``map`` their mean."""

    top5: float
    map: float
    ap: dict[str, float]
    ece: float
    answered: int


def rank_figures(
    truth: Sequence[str], probabilities: Doubles, labels: Sequence[str]
) -> RankingFigures:
    """Top-5, mean average precision and calibration error.

    Args:
        truth: S true labels.
        probabilities: [S, L]; a row of zeros where there is no answer (nobody was found). Such a
            row is wrong in all figures but the calibration error, to which it has no part.
        labels: L names.

    Raises:
        ModelError: the shapes do not fit.
    """
    if probabilities.shape != (len(truth), len(labels)):
        raise ModelError(
            "bad_metrics",
            f"Expected probabilities [{len(truth)}, {len(labels)}], "
            f"got {list(probabilities.shape)}.",
        )
    answered: Flags = np.asarray(probabilities.max(axis=1, initial=0) > 0)
    right = np.array([[name == label for label in labels] for name in truth], dtype=bool)
    best = np.argsort(-probabilities, axis=1, kind="stable")
    ranked = np.take_along_axis(right.reshape(probabilities.shape), best, axis=1)
    among = ranked[:, :5].any(axis=1) & answered
    first = ranked[answered, 0]
    ap = {label: _ap(label, truth, probabilities, labels) for label in sorted(set(truth))}
    return {
        "top5": float(among.mean()) if len(truth) else 0.0,
        "map": sum(ap.values()) / max(1, len(ap)),
        "ap": ap,
        "ece": reliability(probabilities[answered].max(axis=1, initial=0), first)["ece"],
        "answered": int(answered.sum()),
    }


def _ap(label: str, truth: Sequence[str], probabilities: Doubles, labels: Sequence[str]) -> float:
    if label not in labels:
        return 0.0
    column = probabilities[:, labels.index(label)]
    return average_precision(column, np.array([name == label for name in truth]))


def average_precision(scores: Doubles, is_positive: Flags) -> float:
    """Mean of the precision at each positive, the highest scores first; 0 without positives.

    Of equal scores the positives come last, so that a classifier that says the same of
    everything gains nothing by the order of the list.
    """
    order = np.lexsort((is_positive, -scores))
    hits = is_positive[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean()) if hits.any() else 0.0
