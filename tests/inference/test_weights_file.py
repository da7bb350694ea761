"""Weights and their card belong together and are never half written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch

from inference.errors import ModelError
from inference.weights_file import load_card, load_weights, save_weights

CARD = {"name": "test", "config": {"width": 3}}


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "net.safetensors"
    save_weights(path, {"a": torch.arange(6).view(2, 3).T.float(), "b": torch.ones(2)}, CARD)
    return path


def test_what_is_saved_is_loaded(weights: Path) -> None:
    state, card = load_weights(weights)
    torch.testing.assert_close(state["a"], torch.arange(6).view(2, 3).T.float())
    assert card["config"] == {"width": 3}
    assert load_card(weights) == card


def test_no_other_file_is_left_behind(weights: Path) -> None:
    assert sorted(p.name for p in weights.parent.iterdir()) == ["net.json", "net.safetensors"]


def test_saving_again_gives_the_same_bytes(weights: Path, tmp_path: Path) -> None:
    state, card = load_weights(weights)
    save_weights(tmp_path / "again.safetensors", state, card)
    assert (tmp_path / "again.safetensors").read_bytes() == weights.read_bytes()


def test_weights_of_another_card_are_refused(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(ModelError, match="sha256") as error:
        load_weights(weights)
    assert error.value.code == "wrong_weights"


@pytest.mark.parametrize("name", ["net.safetensors", "net.json"])
def test_a_missing_file_is_named(weights: Path, name: str) -> None:
    (weights.parent / name).unlink()
    with pytest.raises(ModelError, match=name):
        load_weights(weights)


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_broken_card_is_said(weights: Path, text: str) -> None:
    weights.with_suffix(".json").write_text(text)
    with pytest.raises(ModelError, match="JSON"):
        load_weights(weights)


def test_a_file_of_another_kind_is_refused(weights: Path) -> None:
    weights.write_bytes(b"pickle?")
    card = {"sha256": hashlib.sha256(b"pickle?").hexdigest()}
    weights.with_suffix(".json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match="not a safetensors file"):
        load_weights(weights)


def test_large_kernels_in_bytes_come_back_nearly_as_they_were(tmp_path: Path) -> None:
    torch.manual_seed(0)
    state = {
        "large.weight": torch.randn(16, 32, 3, 3) * torch.logspace(-3, 1, 16)[:, None, None, None],
        "zero.weight": torch.zeros(8, 64, 3, 3),
        "small.bias": torch.randn(16),
        "count": torch.tensor(7),
    }
    whole, small = tmp_path / "whole.safetensors", tmp_path / "small.safetensors"
    save_weights(whole, state, CARD)
    save_weights(small, state, CARD, in_bytes=True)
    found, _ = load_weights(small)
    assert found.keys() == state.keys()
    wrong = (found["large.weight"] - state["large.weight"]).abs().amax(dim=(1, 2, 3))
    most = state["large.weight"].abs().amax(dim=(1, 2, 3))
    assert (wrong <= most / 253).all() and wrong.max() > 0
    assert not found["zero.weight"].any()
    torch.testing.assert_close(found["small.bias"], state["small.bias"], rtol=0, atol=0)
    assert int(found["count"]) == 7
    assert small.stat().st_size < 0.4 * whole.stat().st_size
