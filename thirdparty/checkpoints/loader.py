"""Reads PyTorch checkpoints without running anything that is in them."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Names under which training programs keep the weights inside a checkpoint."""

PREFIX = "module."
"""What a network that was trained on several devices puts before every name."""


class CheckpointError(Exception):
    """A checkpoint that cannot be read or does not fit."""


def read_state_dict(path: Path | str) -> dict[str, Tensor]:
    """Weights by name, on the CPU.

    Wrappings and the prefix ``module.`` are taken off. Only tensors and plain values are
    unpickled (``weights_only=True``).

    Raises:
        CheckpointError: the file is missing, not a checkpoint, or holds anything else.
    """
    name = Path(path).name
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise CheckpointError(f"Expected a checkpoint at {path}: {error.strerror}.") from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise CheckpointError(f"{name}: not a checkpoint of plain tensors.") from error
    state = _unwrapped(content)
    tensors = {
        str(key).removeprefix(PREFIX): value
        for key, value in state.items()
        if isinstance(value, Tensor)
    }
    if not state or len(tensors) < len(state):
        raise CheckpointError(f"{name}: expected tensors by name and nothing else.")
    return tensors


def load_into(network: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Load weights that must fit exactly.

    Raises:
        CheckpointError: names or shapes differ; names some of each.
    """
    own = network.state_dict()
    missing, unknown = sorted(set(own) - set(state)), sorted(set(state) - set(own))
    shapes = [
        f"{key} {list(state[key].shape)} for {list(own[key].shape)}"
        for key in sorted(set(own) & set(state))
        if own[key].shape != state[key].shape
    ]
    faults = {"missing": missing, "unknown": unknown, "of another shape": shapes}
    if any(faults.values()):
        told = "; ".join(
            f"{len(names)} {kind}: {', '.join(names[:3])}"
            for kind, names in faults.items()
            if names
        )
        raise CheckpointError(f"The checkpoint does not fit the network: {told}.")
    network.load_state_dict(dict(state), strict=True)


def _unwrapped(content: object) -> dict[object, object]:
    while isinstance(content, Mapping):
        inner = [content[name] for name in WRAPPERS if isinstance(content.get(name), Mapping)]
        if not inner:
            return dict(content)
        content = inner[0]
    return {}
