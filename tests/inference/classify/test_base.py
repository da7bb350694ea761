"""The base set that comes with the product is whole and can be retrained on."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from inference.classify.base import BASE_FILE, HEAD_FILE, load_base, save_base
from inference.classify.data import CORRECTION_WEIGHT, TrainingData
from inference.classify.head import ActionHead
from inference.classify.metrics import evaluate_head
from inference.classify.train import fit_head
from inference.errors import ModelError
from inference.features.vector import FEATURE_NAMES

ARID = {"Jump", "Run", "Sit", "Stand", "Turn", "Walk"}


def test_it_holds_the_training_clips_and_the_fixed_examination() -> None:
    base = load_base()
    assert base.features.shape[1] == len(FEATURE_NAMES)
    assert set(base.where("train").labels) == set(base.where("eval").labels) == ARID
    assert base.split.count("eval") == 45
    assert not set(base.where("train").groups) & set(base.where("eval").groups)


def test_a_clip_weighs_one_over_all_its_copies() -> None:
    train = load_base().where("train")
    weight: Counter[str] = Counter()
    for label, share in zip(train.labels, train.sample_weights, strict=True):
        weight[label] += float(share)
    assert weight == pytest.approx(dict.fromkeys(ARID, 25.0), abs=0.01)


def test_its_card_names_source_and_licence() -> None:
    card = json.loads(BASE_FILE.with_suffix(".json").read_text())
    assert card["sha256"] == hashlib.sha256(BASE_FILE.read_bytes()).hexdigest()
    assert "ARID" in json.dumps(card["data"])
    assert "CC BY 4.0" in json.dumps(card["data"])


def test_the_shipped_head_knows_the_actions() -> None:
    examined = load_base().where("eval")
    metrics = evaluate_head(ActionHead.load(HEAD_FILE), examined.features, examined.labels)
    assert metrics["accuracy"] >= 0.6
    card = json.loads(HEAD_FILE.with_suffix(".json").read_text())
    assert card["sha256"] == hashlib.sha256(HEAD_FILE.read_bytes()).hexdigest()


@pytest.mark.slow
def test_one_correction_with_a_new_label_is_learned_beside_the_base() -> None:
    base = load_base()
    row = base.where("eval").features[5:6] + 0.5
    wave = TrainingData(
        row, ["Wave"], ["video 7"], ["train"], np.array([CORRECTION_WEIGHT], np.float32)
    )
    result = fit_head(base.join(wave), labels=[*sorted(ARID), "Wave"])
    assert result.head.labels[int(result.head.probabilities(row).argmax())] == "Wave"
    assert result.metrics["accuracy"] >= 0.6


def test_what_was_saved_is_read_back(tmp_path: Path) -> None:
    data = TrainingData(np.ones((2, 3), np.float32), ["a", "b"], ["x", "y"], ["train", "eval"])
    save_base(tmp_path / "b.npz", data, {"name": "test"})
    again = load_base(tmp_path / "b.npz")
    np.testing.assert_array_equal(again.features, data.features)
    assert (again.labels, again.groups, again.split) == (data.labels, data.groups, data.split)
    assert json.loads((tmp_path / "b.json").read_text())["examples"] == {"train": 1, "eval": 1}


def test_missing_broken_and_older_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match="Expected a base set"):
        load_base(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(ModelError, match="Expected a base set"):
        load_base(tmp_path / "text.npz")
    data = TrainingData(np.ones((1, 3), np.float32), ["a"], ["x"], ["train"])
    monkeypatch.setattr("inference.classify.base.FEATURE_VERSION", "older")
    save_base(tmp_path / "old.npz", data, {})
    monkeypatch.undo()
    with pytest.raises(ModelError, match="'older'"):
        load_base(tmp_path / "old.npz")
