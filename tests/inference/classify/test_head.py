"""A head survives being stored, and is refused where its vectors are not ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from inference.classify.head import ActionHead
from inference.errors import ModelError


@pytest.fixture
def head() -> ActionHead:
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    return ActionHead(
        labels=("Run", "Sit", "Wave"),
        mean=draw(4),
        scale=np.ones(4, np.float32),
        weights=(draw(2, 4, 5), draw(2, 5, 3)),
        biases=(draw(2, 5), draw(2, 3)),
        temperature=1.3,
    )


FEATURES = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)


def test_probabilities_add_up_to_one(head: ActionHead) -> None:
    probabilities = head.probabilities(FEATURES)
    assert probabilities.shape == (6, 3)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-6)
    assert head.probabilities(FEATURES[:0]).shape == (0, 3)


def test_a_stored_head_says_the_same(head: ActionHead, tmp_path: Path) -> None:
    head.save(tmp_path / "a.safetensors", {"name": "test"})
    again = ActionHead.load(tmp_path / "a.safetensors")
    assert again.labels == head.labels
    np.testing.assert_array_equal(again.probabilities(FEATURES), head.probabilities(FEATURES))
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


def test_a_higher_temperature_is_less_sure_of_the_same(head: ActionHead) -> None:
    cool, warm = (
        head.probabilities(FEATURES),
        replace(head, temperature=4.0).probabilities(FEATURES),
    )
    assert (warm.max(1) < cool.max(1)).all()
    assert (warm.argmax(1) == cool.argmax(1)).all()


def test_vectors_of_another_length_are_refused(head: ActionHead) -> None:
    with pytest.raises(ModelError, match="features"):
        head.probabilities(np.zeros((1, 5), np.float32))


def test_a_head_for_other_features_is_refused(head: ActionHead, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    object.__setattr__(head, "feature_version", "older")
    head.save(path)
    with pytest.raises(ModelError, match="'older': train it anew") as caught:
        ActionHead.load(path)
    assert caught.value.code == "feature_version"


def test_a_head_of_another_label_order_is_refused(head: ActionHead, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    head.save(path)
    assert ActionHead.load(path, ["Run", "Sit", "Wave"]).labels == head.labels
    for other in (["Sit", "Run", "Wave"], ["Run", "Sit"], ["Run", "Sit", "Walk"]):
        with pytest.raises(ModelError, match="in this order") as caught:
            ActionHead.load(path, other)
        assert caught.value.code == "label_order"


def test_the_threshold_for_unsure_is_stored_with_the_head(head: ActionHead, tmp_path: Path) -> None:
    replace(head, unsure_below=0.45).save(tmp_path / "a.safetensors")
    assert ActionHead.load(tmp_path / "a.safetensors").unsure_below == 0.45
    with pytest.raises(ModelError, match="unsure"):
        replace(head, unsure_below=1.5)


def test_files_that_are_no_head_are_refused(tmp_path: Path) -> None:
    text, other = tmp_path / "text.safetensors", tmp_path / "other.safetensors"
    text.write_text("not safetensors")
    save_file({"x": np.zeros(1, np.float32)}, other)
    for path in (text, other, tmp_path / "missing.safetensors"):
        with pytest.raises(ModelError):
            ActionHead.load(path)


def test_layers_that_do_not_fit_are_refused(head: ActionHead) -> None:
    with pytest.raises(ModelError):
        replace(head, labels=("Run", "Sit"))
    with pytest.raises(ModelError, match="different labels"):
        replace(head, labels=("Run", "Run", "Sit"))


def test_labels_without_examples_wait_with_probability_zero(head: ActionHead) -> None:
    wide = head.with_labels(["Drink", "Wave", "Run", "Pour", "Sit"])
    shares = wide.probabilities(FEATURES)
    np.testing.assert_array_equal(shares[:, [0, 3]], 0)
    np.testing.assert_allclose(shares[:, [2, 4, 1]], head.probabilities(FEATURES), atol=1e-6)
    assert replace(wide, temperature=5.0).probabilities(FEATURES)[:, 0].max() == 0
    with pytest.raises(ModelError, match="Sit"):
        head.with_labels(["Run", "Wave"])
