"""The published head learns as published, and stops in time where that is asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.classify.legacy import CORRECTED, LegacyClassifier, LegacyHead
from inference.classify.legacy_train import (
    CORRECTED_TRAINING,
    Examples,
    LegacyTrainConfig,
    fit_corrected,
    fit_legacy,
    mirrored,
    split_groups,
)
from inference.errors import BadInput, Cancelled, ModelError
from inference.features.legacy import corrected_features
from inference.skeleton import POSETRACK15, flip
from inference.types import Poses, Tracks

SHORT = LegacyTrainConfig(epochs=3)


def examples(count: int = 60, noise: float = 1.0, seed: int = 0) -> Examples:
    """Classes 2, 5 and 9, each in two groups, told apart by their means."""
    rng = np.random.default_rng(seed)
    numbers = tuple((2, 5, 9)[i % 3] for i in range(count))
    centres = np.random.default_rng(99).normal(size=(10, 280))
    rows = noise * rng.normal(size=(count, 280)) + centres[list(numbers)]
    groups = tuple(f"{n}_{i // 3 % 2}" for i, n in enumerate(numbers))
    return Examples(rows.astype(np.float32), numbers, groups)


def accuracy(fit, held: Examples) -> float:
    best = fit.head.logits(held.features).argmax(axis=1)
    return float(np.mean([fit.numbers[b] == n for b, n in zip(best, held.numbers, strict=True)]))


def test_training_is_as_published_by_default():
    config = LegacyTrainConfig()
    assert (config.epochs, config.batch, config.learning_rate) == (300, 50, 1e-3)
    assert config.patience is None
    sizes = [tuple(weight.shape) for weight in LegacyHead().parameters()]
    assert sizes == [(256, 280), (256,), (128, 256), (128,), (10, 128), (10,)]


def test_it_learns_what_can_be_told_apart():
    fit = fit_legacy(examples(), examples(seed=1), LegacyTrainConfig(epochs=20))
    assert fit.numbers == (2, 5, 9)
    assert (fit.epoch, len(fit.curves)) == (20, 20)
    assert fit.curves[-1]["train_loss"] < 0.1 * fit.curves[0]["train_loss"]
    assert fit.curves[-1]["held_out_accuracy"] == accuracy(fit, examples(seed=1)) > 0.95


def test_the_same_seed_gives_the_same_head_and_nothing_global_is_drawn():
    before = torch.random.get_rng_state()
    one, two = (fit_legacy(examples(), None, SHORT, seed=4).head for _ in range(2))
    other = fit_legacy(examples(), None, SHORT, seed=5).head
    assert torch.equal(one.fc1.weight, two.fc1.weight)
    assert not torch.equal(one.fc1.weight, other.fc1.weight)
    assert torch.equal(before, torch.random.get_rng_state())


def test_heads_of_labels_that_cannot_be_learnt_stop_early():
    noise = examples(noise=5.0)
    told = np.random.default_rng(1).permutation(noise.numbers)
    shuffled = Examples(noise.features, tuple(int(n) for n in told), noise.groups)
    config = LegacyTrainConfig(epochs=200, patience=5)
    fit = fit_legacy(shuffled, examples(seed=2), config)
    losses = [entry["held_out_loss"] for entry in fit.curves]
    assert len(losses) == fit.epoch + 5 < 200
    assert fit.epoch == int(np.argmin(losses)) + 1


def test_the_weights_of_the_best_epoch_are_taken():
    held = examples(seed=2)
    config = LegacyTrainConfig(epochs=60, patience=5)
    fit = fit_legacy(examples(noise=3.0), held, config)
    again = fit_legacy(examples(noise=3.0), None, LegacyTrainConfig(epochs=fit.epoch))
    assert torch.equal(fit.head.fc3.weight, again.head.fc3.weight)


def test_whole_groups_of_every_class_are_held_out():
    learn, held = split_groups(examples(), seed=0)
    assert len(learn) + len(held) == 60
    assert set(learn.numbers) == set(held.numbers) == {2, 5, 9}
    assert not set(learn.groups) & set(held.groups)


def test_a_class_of_a_single_group_keeps_it_to_learn_from():
    one = Examples(examples().features, examples().numbers, ("take",) * 60)
    learn, held = split_groups(one, seed=0)
    assert (len(learn), len(held)) == (60, 0)
    assert fit_corrected(one, config=SHORT).epoch == 3


def test_with_nothing_to_hold_out_against_the_number_of_epochs_is_found_and_all_is_learnt():
    config = LegacyTrainConfig(epochs=60, patience=5)
    fit = fit_corrected(examples(noise=3.0), config=config)
    again = fit_legacy(examples(noise=3.0), None, LegacyTrainConfig(epochs=fit.epoch))
    assert torch.equal(fit.head.fc3.weight, again.head.fc3.weight)
    assert "held_out_loss" in fit.curves[0]


def test_the_corrected_training_varies_its_examples():
    plain, varied = LegacyTrainConfig(epochs=2), replace(CORRECTED_TRAINING, epochs=2)
    one = fit_legacy(examples(), None, plain).head.fc1.weight
    for change in ({"mirror": False}, {"jitter": 0.0}, {"smoothing": 0.0}):
        other = fit_legacy(examples(), None, replace(varied, **change)).head.fc1.weight
        assert not torch.equal(one, other)
        assert not torch.equal(fit_legacy(examples(), None, varied).head.fc1.weight, other)


def test_a_mirror_image_exchanges_left_and_right():
    keypoints = np.random.default_rng(0).uniform(0, 99, (1, 10, 15, 3)).astype(np.float32)
    boxes = np.ones((1, 10, 4), np.float32)
    tracks = Tracks(boxes, boxes[..., 0].copy(), np.zeros((1, 10), bool))
    poses = Poses(tracks, keypoints, "posetrack15", Fraction(30), (100, 100), np.arange(10) / 30)
    other = replace(poses, keypoints=flip(keypoints, POSETRACK15, 100))
    found = mirrored(torch.from_numpy(corrected_features(poses)[None]))[0].numpy()
    np.testing.assert_allclose(found, corrected_features(other), atol=1e-5)


def test_labels_that_were_never_learnt_count_as_wrong():
    held = examples(seed=2)
    strange = Examples(held.features, (7,) * 60, held.groups)
    fit = fit_legacy(examples(), strange, SHORT)
    assert fit.curves[-1]["held_out_accuracy"] == 0
    assert "held_out_loss" not in fit.curves[-1]


def test_nothing_to_learn_from_and_stopping_are_told():
    with pytest.raises(BadInput, match="labelled clip"):
        fit_legacy(examples(0))
    with pytest.raises(Cancelled):
        fit_legacy(examples(), is_cancelled=lambda: True)


def test_a_head_is_kept_with_its_classes_and_its_way(tmp_path: Path):
    fit = fit_legacy(examples(), None, SHORT)
    kept = LegacyClassifier(fit.head, fit.numbers, {2: "Sit", 9: "Wave"}, CORRECTED)
    kept.save(tmp_path / "head.safetensors", {"seed": 0})
    again = LegacyClassifier.load(tmp_path / "head.safetensors")
    assert (again.numbers, dict(again.names), again.way) == ((2, 5, 9), kept.names, CORRECTED)
    x = examples(seed=3).features
    assert again.choose(x) == kept.choose(x)
    assert again.choose(x)[:3] == [2, 5, 9]


def test_a_head_trained_by_the_published_program_on_other_classes_is_read(tmp_path: Path):
    torch.save({"epoch": 3, "state_dict": LegacyHead(11).state_dict()}, tmp_path / "head.pth")
    assert LegacyClassifier.load(tmp_path / "head.pth").numbers == tuple(range(11))


def test_files_that_are_no_such_head_are_refused(tmp_path: Path):
    path = tmp_path / "head.safetensors"
    fit = fit_legacy(examples(), None, SHORT)
    LegacyClassifier(fit.head, fit.numbers, {}).save(path, {})
    card = json.loads(path.with_suffix(".json").read_text())
    for change in ({"task": "pose"}, {"numbers": [1]}, {"labels": 3}, {"features": "other"}):
        path.with_suffix(".json").write_text(json.dumps({**card, **change}))
        with pytest.raises(ModelError):
            LegacyClassifier.load(path)
    with pytest.raises(BadInput, match="safetensors"):
        LegacyClassifier(fit.head, fit.numbers, {}).save(tmp_path / "head.pth", {})
