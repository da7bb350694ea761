"""Says how good a classifier is, in numbers that JSON and a reviewer can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypedDict

import numpy as np
import numpy.typing as npt

from inference.errors import ModelError
from inference.types import Floats

Counts = npt.NDArray[np.int64]


class ClassMetrics(TypedDict):
    """One class; a ratio without anything to divide by is 0."""

    precision: float
    recall: float
    f1: float
    support: int


class Confusion(TypedDict):
    """``counts[i][j]``: examples of ``labels[i]`` that were called ``labels[j]``."""

    labels: list[str]
    counts: list[list[int]]


class Metrics(TypedDict):
    """Figures of one classifier on one set; all ratios in 0..1, 0 for an empty set."""

    accuracy: float
    macro_f1: float
    macro_recall: float
    per_class: dict[str, ClassMetrics]
    confusion: Confusion
    count: int


class Classifier(Protocol):
    """Whatever gives every label a probability."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The L labels, in the order of the probabilities."""

    def probabilities(self, features: Floats) -> Floats:
        """float32 [S, L] of features [S, F]."""


def evaluate_head(head: Classifier, features: Floats, labels: Sequence[str]) -> Metrics:
    """Compare a head's first choices with the truth.

    Args:
        head: the classifier; labels that it does not know count as wrong.
        features: float32 [S, F].
        labels: S true labels.

    Returns:
        See ``compare``.
    """
    chosen: list[str] = []
    if len(labels):
        best = head.probabilities(features).argmax(axis=1)
        chosen = [head.labels[int(i)] for i in best]
    return compare(labels, chosen, order=head.labels)


def compare(truth: Sequence[str], chosen: Sequence[str], order: Sequence[str] = ()) -> Metrics:
    """Accuracy, F1, recall and confusion of chosen labels.

    Macro recall is the mean over the labels that occur in the truth, macro F1 over those that
    occur in the truth or among the choices.

    Args:
        truth: S true labels.
        chosen: S labels that were given instead.
        order: labels to name first in the confusion matrix; others follow by name.

    Raises:
        ModelError: the two differ in length.
    """
    if len(truth) != len(chosen):
        raise ModelError(
            "bad_metrics", f"Expected as many choices as truths ({len(truth)}), got {len(chosen)}."
        )
    names = [*order, *sorted({*truth, *chosen} - set(order))]
    at = {name: i for i, name in enumerate(names)}
    counts: Counts = np.zeros((len(names), len(names)), dtype=np.int64)
    for is_label, said in zip(truth, chosen, strict=True):
        counts[at[is_label], at[said]] += 1
    per_class = {name: _class_metrics(counts, i) for i, name in enumerate(names)}
    used = [i for i in range(len(names)) if counts[i].sum() + counts[:, i].sum()]
    true = [i for i in range(len(names)) if counts[i].sum()]
    return {
        "accuracy": float(np.trace(counts)) / max(1, len(truth)),
        "macro_f1": _mean([per_class[names[i]]["f1"] for i in used]),
        "macro_recall": _mean([per_class[names[i]]["recall"] for i in true]),
        "per_class": per_class,
        "confusion": {"labels": names, "counts": counts.tolist()},
        "count": len(truth),
    }


def _class_metrics(counts: Counts, i: int) -> ClassMetrics:
    hits, support, said = int(counts[i, i]), int(counts[i].sum()), int(counts[:, i].sum())
    return {
        "precision": hits / said if said else 0.0,
        "recall": hits / support if support else 0.0,
        "f1": 2 * hits / (said + support) if said + support else 0.0,
        "support": support,
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
