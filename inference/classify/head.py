"""The action head: a few small MLPs that read one vector and agree on probabilities."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from inference.errors import ModelError
from inference.feature_version import FEATURE_VERSION
from inference.types import Floats, expect
from inference.whole_file import whole_file

KIND = "nightjar.action-head.1"
CLIP = 5.0
"""Standardised features are cut at this many standard deviations."""

NEVER = -1e4
"""Logit of a label without examples: its probability is 0 at any temperature."""


@dataclass(frozen=True)
class ActionHead:
    """M multilayer perceptrons of the same shape; their logits are averaged.

    Attributes:
        labels: the L labels that it can give.
        mean: float32 [F] subtracted from the features.
        scale: float32 [F] then divided by.
        weights: a float32 [M, inputs, outputs] a layer; ReLU between layers.
        biases: a float32 [M, outputs] a layer.
        temperature: divides the averaged logits; calibrates the probabilities.
        feature_version: version of the vectors that it was made for.
        unsure_below: answers less probable than this should be called unsure; 0 where no
            threshold was calibrated.
    """

    labels: tuple[str, ...]
    mean: Floats
    scale: Floats
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    temperature: float = 1.0
    feature_version: str = FEATURE_VERSION
    unsure_below: float = 0.0

    def __post_init__(self) -> None:
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise ModelError("bad_head", f"Expected different labels, got {list(self.labels)}.")
        if self.feature_version != FEATURE_VERSION:
            raise ModelError(
                "feature_version",
                f"Expected an action head for features {FEATURE_VERSION!r}, "
                f"got one for {self.feature_version!r}: train it anew.",
            )
        if not self.temperature > 0:
            raise ModelError("bad_head", f"Expected a temperature above 0, got {self.temperature}.")
        if not 0 <= self.unsure_below <= 1:
            raise ModelError(
                "bad_head", f"Expected a threshold in 0..1 for unsure, got {self.unsure_below}."
            )
        self._check_layers()

    def _check_layers(self) -> None:
        if not self.weights or len(self.weights) != len(self.biases):
            raise ModelError("bad_head", "Expected as many biases as weights, at least one.")
        expect(self.mean, (None,), np.float32, "mean")
        expect(self.scale, (len(self.mean),), np.float32, "scale")
        members, inputs = len(self.weights[0]), len(self.mean)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            last = layer == len(self.weights) - 1
            outputs = len(self.labels) if last else None
            expect(weight, (members, inputs, outputs), np.float32, f"weights.{layer}")
            inputs = weight.shape[2]
            expect(bias, (members, inputs), np.float32, f"biases.{layer}")

    @property
    def feature_count(self) -> int:
        """F, the length of the vectors that it reads."""
        return len(self.mean)

    def logits(self, features: Floats) -> Floats:
        """Averaged logits before the temperature, float32 [S, L] of features [S, F]."""
        expect(features, (None, self.feature_count), np.float32, "features")
        x = np.clip((features - self.mean) / self.scale, -CLIP, CLIP)[None]
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            if layer:
                x = np.maximum(x, 0)
            x = np.matmul(x, weight) + bias[:, None]
        return np.asarray(x.mean(axis=0), dtype=np.float32)

    def probabilities(self, features: Floats) -> Floats:
        """Calibrated probability of every label.

        Args:
            features: float32 [S, F] of this head's ``feature_version``.

        Returns:
            float32 [S, L], rows add up to 1.

        Raises:
            ModelError: the vectors have another length.
        """
        logits = self.logits(features) / np.float32(self.temperature)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)

    def with_labels(self, labels: Sequence[str]) -> ActionHead:
        """The same head with an output for each of these labels too, in this order.

        A label that it has learned nothing of has probability 0: it waits for its first example.

        Raises:
            ModelError: the head has a label that is not among them.
        """
        if missing := set(self.labels) - set(labels):
            raise ModelError("bad_head", f"Expected the labels {sorted(missing)} among the others.")
        weight, bias = self.weights[-1], self.biases[-1]
        members, inputs = weight.shape[:2]
        wide = np.zeros((members, inputs, len(labels)), dtype=np.float32)
        offsets = np.full((members, len(labels)), NEVER, dtype=np.float32)
        columns = [list(labels).index(label) for label in self.labels]
        wide[:, :, columns], offsets[:, columns] = weight, bias
        return replace(
            self,
            labels=tuple(labels),
            weights=(*self.weights[:-1], wide),
            biases=(*self.biases[:-1], offsets),
        )

    def expect_labels(self, labels: Sequence[str]) -> None:
        """Refuse to stand in where outputs are read in another order.

        Raises:
            ModelError: the head's labels differ from these, or come in another order.
        """
        if tuple(labels) != self.labels:
            raise ModelError(
                "label_order",
                f"Expected an action head with the labels {list(labels)} in this order, "
                f"got one with {list(self.labels)}: train it anew.",
            )

    def save(self, path: str | Path, card: Mapping[str, object] | None = None) -> None:
        """Write one safetensors file that holds everything; a card goes into its metadata."""
        arrays = {"mean": self.mean, "scale": self.scale}
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            arrays |= {f"weights.{layer}": weight, f"biases.{layer}": bias}
        metadata = {
            "kind": KIND,
            "labels": json.dumps(self.labels),
            "feature_version": self.feature_version,
            "temperature": repr(float(self.temperature)),
            "unsure_below": repr(float(self.unsure_below)),
            "card": json.dumps(dict(card or {})),
        }
        content = save({k: np.ascontiguousarray(v) for k, v in arrays.items()}, metadata)
        with whole_file(path) as part:
            part.write_bytes(_settled(content))

    @classmethod
    def load(cls, path: str | Path, labels: Sequence[str] | None = None) -> ActionHead:
        """Read what ``save`` wrote.

        Args:
            path: of the file.
            labels: what its outputs must be, in order; None takes whatever it has.

        Raises:
            ModelError: the file is missing, no action head, for other features, or for other
                labels.
        """
        arrays, metadata = _read(Path(path))
        try:
            layers = sum(name.startswith("weights.") for name in arrays)
            head = cls(
                labels=tuple(json.loads(metadata["labels"])),
                mean=arrays["mean"],
                scale=arrays["scale"],
                weights=tuple(arrays[f"weights.{i}"] for i in range(layers)),
                biases=tuple(arrays[f"biases.{i}"] for i in range(layers)),
                temperature=float(metadata["temperature"]),
                feature_version=metadata["feature_version"],
                unsure_below=float(metadata.get("unsure_below", 0.0)),
            )
        except (KeyError, ValueError) as error:
            raise ModelError("bad_head", f"{path}: the action head lacks {error}.") from error
        if labels is not None:
            head.expect_labels(labels)
        return head


def _settled(content: bytes) -> bytes:
    """The same file with its header sorted: the metadata's order would be another each time."""
    length = int.from_bytes(content[:8], "little")
    fields = json.loads(content[8 : 8 + length])
    header = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content[8 + length :]


def _read(path: Path) -> tuple[dict[str, Floats], dict[str, str]]:
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ModelError("bad_head", f"Expected an action head at {path}: {error}.") from error
    if metadata.get("kind") != KIND:
        raise ModelError(
            "bad_head", f"{path}: expected a file of kind {KIND!r}, got {metadata.get('kind')!r}."
        )
    return arrays, metadata
