"""Weights and inputs that anybody can make from names and seeds, as the parity figures were."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "parity"
COMMITTED = ROOT / "tests" / "data" / "parity"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared/parity with the whole figures is not there"
)


def name_the_weights(network: nn.Module) -> None:
    """Fill every entry of the state with numbers that its name and shape alone decide."""
    state = {
        name: torch.from_numpy(np.asarray(_numbers(name, tuple(entry.shape)), np.float32))
        for name, entry in network.state_dict().items()
    }
    network.load_state_dict(state, strict=True)


def _numbers(name: str, shape: tuple[int, ...]) -> np.ndarray:
    chance = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))
    if name.endswith("num_batches_tracked"):
        return np.zeros(shape)
    if len(shape) > 1:
        return chance.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
    last = name.rpartition(".")[2]
    low, high = {"running_var": (0.5, 1.5), "weight": (0.5, 1.0)}.get(last, (-0.1, 0.1))
    return chance.uniform(low, high, shape)


def seeded_input(image: tuple[int, int], seed: int = 1234) -> tuple[torch.Tensor, torch.Tensor]:
    """Two samples [2, 9, h, w] and their margins."""
    chance = np.random.Generator(np.random.PCG64(seed))
    x = chance.standard_normal((2, 9, image[1], image[0]), dtype=np.float32)
    return torch.from_numpy(x), torch.tensor([[1.0, 1.0], [2.0, 1.0]])


def relative_error(found: torch.Tensor | np.ndarray, wanted: np.ndarray) -> float:
    """Largest difference over the deviation of what is wanted."""
    return float(np.abs(np.asarray(found) - wanted).max() / wanted.std())
