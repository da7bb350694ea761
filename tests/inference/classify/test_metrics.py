"""Figures are those of the textbooks, and JSON can hold them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from inference.classify.head import ActionHead
from inference.classify.metrics import compare, evaluate_head
from inference.errors import ModelError


def test_figures_of_a_worked_example() -> None:
    metrics = compare(["a", "a", "a", "b", "b", "c"], ["a", "a", "b", "b", "c", "c"])
    assert metrics["accuracy"] == pytest.approx(4 / 6)
    assert metrics["macro_recall"] == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert metrics["macro_f1"] == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)
    assert metrics["per_class"]["a"] == {
        "precision": 1.0, "recall": pytest.approx(2 / 3), "f1": pytest.approx(0.8), "support": 3,
    }  # fmt: skip
    assert metrics["confusion"] == {
        "labels": ["a", "b", "c"],
        "counts": [[2, 1, 0], [0, 1, 1], [0, 0, 1]],
    }


def test_labels_that_never_occur_pull_nothing_down() -> None:
    metrics = compare(["a", "b"], ["a", "b"], order=["b", "never", "a"])
    assert metrics["macro_f1"] == metrics["macro_recall"] == 1.0
    assert metrics["confusion"]["labels"] == ["b", "never", "a"]
    assert metrics["per_class"]["never"]["support"] == 0


def test_a_label_that_the_head_does_not_know_counts_as_wrong() -> None:
    head = ActionHead(
        ("a",), np.zeros(2, np.float32), np.ones(2, np.float32),
        (np.zeros((1, 2, 1), np.float32),), (np.zeros((1, 1), np.float32),),
    )  # fmt: skip
    metrics = evaluate_head(head, np.zeros((2, 2), np.float32), ["a", "new"])
    assert metrics["accuracy"] == 0.5
    assert metrics["per_class"]["new"]["recall"] == 0.0
    assert json.loads(json.dumps(metrics)) == metrics


def test_an_empty_set_has_figures_too() -> None:
    metrics = compare([], [], order=["a"])
    assert (metrics["accuracy"], metrics["macro_f1"], metrics["count"]) == (0.0, 0.0, 0)


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ModelError, match="as many"):
        compare(["a"], [])
