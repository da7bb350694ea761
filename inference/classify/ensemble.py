"""Several small MLPs of one shape, trained side by side in one batch of matrix products."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor


class Ensemble:
    """M multilayer perceptrons whose random numbers all come from one generator."""

    def __init__(self, members: int, sizes: Sequence[int], generator: torch.Generator) -> None:
        """Draw the weights (He et al., 2015) of layers ``sizes[0]`` → … → ``sizes[-1]``."""
        self.generator = generator
        self.weights: list[Tensor] = []
        self.biases: list[Tensor] = []
        for inputs, outputs in pairwise(sizes):
            weight = torch.randn(members, inputs, outputs, generator=generator)
            self.weights.append((weight * math.sqrt(2 / inputs)).requires_grad_())
            self.biases.append(torch.zeros(members, 1, outputs).requires_grad_())
        self.weights[-1].data.mul_(0.3)

    def forward(self, x: Tensor, dropout: Sequence[float] | None = None) -> Tensor:
        """Logits [M, B, L] of inputs [M or 1, B, F].

        Args:
            dropout: share of each layer's inputs to drop; None for none.
        """
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            if layer:
                x = torch.relu(x)
            if dropout is not None and dropout[layer] > 0:
                x = self._drop(x, dropout[layer])
            x = torch.matmul(x, weight) + bias
        return x

    def _drop(self, x: Tensor, share: float) -> Tensor:
        kept = torch.rand(x.shape, generator=self.generator) >= share
        return x * kept / (1 - share)
