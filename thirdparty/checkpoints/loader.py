"""Reads PyTorch checkpoints without running anything that is in them."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Names under which training programs keep the weights inside a checkpoint."""

PREFIX = "module."
"""What a network that was trained on several devices puts before every name."""

COUNTERS = "num_batches_tracked"
"""Ends the names of counters that nothing computes with; PyTorch before 0.4.1 had none."""

SHOWN = 3
"""Names of each kind of misfit that a message shows; the error itself carries all."""

_BROKEN = (
    pickle.UnpicklingError,
    struct.error,
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    OSError,
)
"""What PyTorch's reader raises on files that are no checkpoints."""


class CheckpointError(Exception):
    """A checkpoint that cannot be read or does not fit.

    Attributes:
        misfits: every name that does not fit, by what is wrong with it: "missing", "unknown",
            "of another shape"; empty where the file could not be read at all.
    """

    def __init__(self, message: str, misfits: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.misfits: dict[str, list[str]] = dict(misfits or {})


def read_state_dict(path: Path | str) -> dict[str, Tensor]:
    """Weights by name, on the CPU.

    Wrappings and the prefix ``module.`` are taken off. Only tensors and plain values are
    unpickled (``weights_only=True``).

    Raises:
        CheckpointError: the file is missing, not a checkpoint, or holds anything else.
    """
    name = Path(path).name
    try:
        Path(path).open("rb").close()
    except OSError as error:
        raise CheckpointError(f"Expected a checkpoint at {path}: {error.strerror}.") from error
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except _BROKEN as error:
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


def check_fit(own: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Compare the names and shapes of weights with those that a network has.

    Args:
        own: the network's ``state_dict``.
        state: the weights that are to go in; counters of batches may be missing.

    Raises:
        CheckpointError: they differ; the message counts and names some of each kind of misfit,
            ``misfits`` names all.
    """
    faults = {
        "missing": sorted(k for k in set(own) - set(state) if not k.endswith(COUNTERS)),
        "unknown": sorted(set(state) - set(own)),
        "of another shape": [
            f"{key} {list(state[key].shape)} for {list(own[key].shape)}"
            for key in sorted(set(own) & set(state))
            if own[key].shape != state[key].shape
        ],
    }
    faults = {kind: names for kind, names in faults.items() if names}
    if faults:
        told = "; ".join(f"{len(names)} {kind}: {some(names)}" for kind, names in faults.items())
        raise CheckpointError(f"The checkpoint does not fit the network: {told}.", faults)


def load_into(network: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Load weights that must fit exactly; counters of batches may be missing.

    Raises:
        CheckpointError: names or shapes differ, see ``check_fit``; nothing is loaded then.
    """
    own = network.state_dict()
    check_fit(own, state)
    counters = {name: own[name] for name in set(own) - set(state)}
    network.load_state_dict({**counters, **state}, strict=True)


def some(names: list[str]) -> str:
    """The first few names, with an ellipsis where there are more."""
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def _unwrapped(content: object) -> dict[object, object]:
    while isinstance(content, Mapping):
        inner = [content[name] for name in WRAPPERS if isinstance(content.get(name), Mapping)]
        if not inner:
            return dict(content)
        content = inner[0]
    return {}
