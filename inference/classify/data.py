"""What an action head learns from and is measured on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.errors import ModelError
from inference.types import Floats, expect

CORRECTION_WEIGHT = 3.0
"""Weight that a person's correction should get where a clip of the base set has 1."""


@dataclass(frozen=True)
class TrainingData:
    """S described spans with their truth.

    Attributes:
        features: float32 [S, F], finite.
        labels: true label of each.
        groups: what must never be split, such as one scene or video.
        split: ``"train"`` or ``"eval"`` for each; nothing is learned from ``"eval"``.
        weights: float32 [S] above 0, how much each counts; None counts all as 1.
    """

    features: Floats
    labels: list[str]
    groups: list[str]
    split: list[str]
    weights: Floats | None = None

    def __post_init__(self) -> None:
        count = len(self.labels)
        expect(self.features, (count, None), np.float32, "features")
        if len(self.groups) != count or len(self.split) != count:
            raise ModelError(
                "bad_training_data",
                f"Expected {count} groups and splits, got {len(self.groups)} and "
                f"{len(self.split)}.",
            )
        if set(self.split) - {"train", "eval"}:
            raise ModelError(
                "bad_training_data",
                f"Expected the splits 'train' and 'eval', got {sorted(set(self.split))}.",
            )
        if not np.isfinite(self.features).all():
            raise ModelError("bad_training_data", "Expected finite features.")
        if self.weights is not None:
            expect(self.weights, (count,), np.float32, "weights")
            if not (np.isfinite(self.weights).all() and (self.weights > 0).all()):
                raise ModelError("bad_training_data", "Expected weights above 0.")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def sample_weights(self) -> Floats:
        """float32 [S], ones where none were given."""
        return np.ones(len(self), np.float32) if self.weights is None else self.weights

    def where(self, split: str) -> TrainingData:
        """The examples of one split."""
        return self.take([i for i, name in enumerate(self.split) if name == split])

    def take(self, rows: list[int]) -> TrainingData:
        """The examples of these rows, in this order."""
        return TrainingData(
            self.features[rows],
            [self.labels[i] for i in rows],
            [self.groups[i] for i in rows],
            [self.split[i] for i in rows],
            None if self.weights is None else self.weights[rows],
        )

    def join(self, other: TrainingData) -> TrainingData:
        """Both sets, this one first."""
        return TrainingData(
            np.concatenate([self.features, other.features]),
            self.labels + other.labels,
            self.groups + other.groups,
            self.split + other.split,
            np.concatenate([self.sample_weights, other.sample_weights]),
        )
