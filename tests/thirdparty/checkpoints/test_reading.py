"""Checkpoints are read whole, safely and only where they fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from thirdparty.checkpoints import CheckpointError, load_into, published_as, read_state_dict


class Trap:
    """Unpickling this would run code."""

    def __reduce__(self) -> tuple:
        return print, ("the trap went off",)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_wrappings_and_prefixes_come_off(tmp_path: Path, wrapped: bool, prefix: str) -> None:
    layer = nn.Linear(3, 2)
    state = {prefix + name: tensor for name, tensor in layer.state_dict().items()}
    path = tmp_path / "net.pth"
    torch.save({"epoch": 3, "state_dict": state} if wrapped else state, path)
    read = read_state_dict(path)
    assert set(read) == {"weight", "bias"}
    torch.testing.assert_close(read["weight"], layer.weight.detach())


def test_code_in_a_checkpoint_is_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trap.pth"
    torch.save({"state_dict": {"weight": Trap()}}, path)
    with pytest.raises(CheckpointError, match="plain tensors"):
        read_state_dict(path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [{"epoch": 3}, {}, [1, 2]])
def test_a_checkpoint_without_weights_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "odd.pth")
    with pytest.raises(CheckpointError, match="expected tensors by name"):
        read_state_dict(tmp_path / "odd.pth")


def test_a_broken_or_missing_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.pth").write_bytes(b"not a checkpoint at all")
    with pytest.raises(CheckpointError, match="broken"):
        read_state_dict(tmp_path / "broken.pth")
    with pytest.raises(CheckpointError, match="No such file"):
        read_state_dict(tmp_path / "absent.pth")


def test_what_does_not_fit_is_named_and_nothing_is_loaded() -> None:
    layer = nn.Linear(3, 2)
    before = layer.weight.detach().clone()
    with pytest.raises(CheckpointError, match=r"1 missing: bias; 1 unknown: extra; .*\[2, 4\]"):
        load_into(layer, {"weight": torch.zeros(2, 4), "extra": torch.zeros(1)})
    torch.testing.assert_close(layer.weight.detach(), before)


def test_an_unknown_file_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "own.pth").write_bytes(b"ours")
    assert published_as(tmp_path / "own.pth") is None
