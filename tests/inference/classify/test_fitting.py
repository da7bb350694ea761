"""Training is seeded, watched, stoppable, and learns from a single example."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.classify.data import TrainingData
from inference.classify.metrics import evaluate_head
from inference.classify.train import HeadConfig, fit_head
from inference.errors import BadInput, Cancelled, ModelError

QUICK = HeadConfig(hidden=(16,), members=2, epochs=8, steps=20, batch=32)


def blobs(seed: int = 0, each: int = 20) -> TrainingData:
    """Three clouds of points in 12 dimensions; a quarter of them for evaluation."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(3, 12)) * 1.5
    features = (centres[:, None] + rng.normal(size=(3, each, 12))).reshape(-1, 12)
    labels = [name for name in ("Run", "Sit", "Walk") for _ in range(each)]
    split = ["eval" if i % 4 == 0 else "train" for i in range(3 * each)]
    groups = [f"take {i % 5}" for i in range(3 * each)]
    return TrainingData(features.astype(np.float32), labels, groups, split)


def one(label: str, at: float, weight: float = 3.0) -> TrainingData:
    row = np.full((1, 12), at, np.float32)
    return TrainingData(row, [label], ["mine"], ["train"], np.array([weight], np.float32))


def test_it_learns() -> None:
    result = fit_head(blobs(), QUICK)
    assert result.metrics["accuracy"] > 0.8
    assert result.curves[-1]["train_loss"] < result.curves[0]["train_loss"]
    held_out = blobs().where("eval")
    assert evaluate_head(result.head, held_out.features, held_out.labels) == result.metrics


def test_a_seed_decides_everything_and_nothing_global_is_touched() -> None:
    torch.manual_seed(1)
    np.random.seed(1)
    first = fit_head(blobs(), QUICK, seed=4)
    drawn = torch.rand(1)
    torch.manual_seed(2)
    second = fit_head(blobs(), QUICK, seed=4)
    other = fit_head(blobs(), QUICK, seed=5)
    torch.manual_seed(1)
    assert torch.equal(drawn, torch.rand(1))
    assert first.curves == second.curves
    assert first.metrics == second.metrics
    for a, b, c in zip(first.head.weights, second.head.weights, other.head.weights, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)


def test_the_same_set_and_seed_give_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        fit_head(blobs(), QUICK, seed=4).head.save(tmp_path / name, {"seed": 4})
    fit_head(blobs(), QUICK, seed=5).head.save(tmp_path / "other", {"seed": 4})
    one, two, other = (sha256((tmp_path / n).read_bytes()) for n in ("one", "two", "other"))
    assert one.hexdigest() == two.hexdigest() != other.hexdigest()


def test_a_share_of_the_evaluation_split_is_answered() -> None:
    data = blobs(each=80)
    head = fit_head(data, QUICK).head
    sure = head.probabilities(data.where("eval").features).max(1) >= head.unsure_below - 1e-6
    assert sure.mean() == pytest.approx(0.8, abs=0.03)


def test_every_epoch_is_reported() -> None:
    seen: list[tuple[int, int, dict[str, float]]] = []
    result = fit_head(blobs(), QUICK, on_epoch=lambda *report: seen.append(report))
    assert [(epoch, of) for epoch, of, _ in seen] == [(i, 8) for i in range(1, 9)]
    assert {"train_loss", "eval_accuracy"} <= seen[0][2].keys()
    assert len(result.curves) == 8


def test_the_caller_s_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    inside: list[int] = []
    torch.set_num_threads(2)
    fit_head(blobs(), QUICK, on_epoch=lambda *_: inside.append(torch.get_num_threads()))
    after = torch.get_num_threads()
    torch.set_num_threads(before)
    assert (set(inside), after) == ({2}, 2)


def test_it_stops_when_asked() -> None:
    seen: list[int] = []
    with pytest.raises(Cancelled):
        fit_head(
            blobs(),
            QUICK,
            on_epoch=lambda epoch, epochs, figures: seen.append(epoch),
            is_cancelled=lambda: len(seen) >= 3,
        )
    assert seen == [1, 2, 3]


def test_only_labels_with_an_example_get_an_output_in_the_order_asked() -> None:
    head = fit_head(blobs(), QUICK, labels=["Wave", "Walk", "Sit", "Run"]).head
    assert head.labels == ("Walk", "Sit", "Run")


def test_examples_of_labels_that_were_not_asked_for_are_left_out() -> None:
    result = fit_head(blobs(), QUICK, labels=["Sit", "Run"])
    assert result.head.labels == ("Sit", "Run")
    assert result.metrics["count"] == 10


def test_an_evaluation_example_of_a_label_without_training_counts_as_wrong() -> None:
    wave = one("Wave", 2.0)
    examined = TrainingData(wave.features, ["Wave"], ["mine"], ["eval"])
    result = fit_head(blobs().join(examined), QUICK, labels=["Run", "Sit", "Walk", "Wave"])
    assert "Wave" not in result.head.labels
    assert result.metrics["per_class"]["Wave"] == {
        "precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1,
    }  # fmt: skip


def test_one_example_of_a_new_label_is_learned() -> None:
    wave = one("Wave", 2.0)
    result = fit_head(blobs().join(wave), QUICK)
    assert result.head.labels[int(result.head.probabilities(wave.features).argmax())] == "Wave"
    assert result.metrics["accuracy"] > 0.75


def test_a_single_example_in_all_can_be_trained_on() -> None:
    result = fit_head(one("Wave", 1.0), QUICK)
    assert result.head.probabilities(one("Wave", 1.0).features).tolist() == [[1.0]]
    assert result.metrics["count"] == 0


def test_nothing_to_train_on_is_the_input_s_fault() -> None:
    with pytest.raises(BadInput, match="at least one labelled example"):
        fit_head(blobs(), QUICK, labels=["Wave"])


def test_the_evaluation_split_moves_no_weight() -> None:
    data = blobs()
    wrong = TrainingData(
        data.features,
        [("Run" if s == "eval" else c) for c, s in zip(data.labels, data.split, strict=True)],
        data.groups,
        data.split,
    )
    a, b = fit_head(data, QUICK).head, fit_head(wrong, QUICK).head
    for x, y in zip(a.weights + a.biases, b.weights + b.biases, strict=True):
        np.testing.assert_array_equal(x, y)


def test_wrong_labels_make_the_head_less_sure() -> None:
    data = blobs(each=80)
    rng = np.random.default_rng(3)
    wrong = TrainingData(
        data.features,
        [
            str(rng.choice(["Run", "Sit", "Walk"])) if s == "eval" else c
            for c, s in zip(data.labels, data.split, strict=True)
        ],
        data.groups,
        data.split,
    )
    assert fit_head(wrong, QUICK).head.temperature > fit_head(data, QUICK).head.temperature


@pytest.mark.parametrize(
    "broken",
    [
        {"features": np.full((1, 2), np.nan, np.float32)},
        {"split": ["test"]},
        {"groups": []},
        {"weights": np.zeros(1, np.float32)},
    ],
)
def test_broken_training_data_are_refused(broken: dict[str, object]) -> None:
    good = {
        "features": np.zeros((1, 2), np.float32),
        "labels": ["Run"],
        "groups": ["a"],
        "split": ["train"],
    }
    with pytest.raises(ModelError):
        TrainingData(**{**good, **broken})  # type: ignore[arg-type]
