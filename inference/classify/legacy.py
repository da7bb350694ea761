"""The published action head of Dark_DCPose, read from its checkpoints or from our own files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inference.errors import BadInput, ModelError
from inference.types import Floats, expect
from inference.weights_file import load_weights, save_weights
from thirdparty.checkpoints import CheckpointError, load_into, read_state_dict

FEATURES = 280
CLASSES = 10

TASK = "legacy-action"
"""In the cards of our own files, so that no other head is taken for one."""

AS_PUBLISHED, CORRECTED = "as-published", "corrected"
"""The two ways to make the features, see ``inference.features.legacy``."""


class LegacyHead(nn.Module):
    """MLP 280-256-128-classes with ReLU; the published one has ten unnamed ARID classes."""

    def __init__(self, classes: int = CLASSES) -> None:
        super().__init__()
        self.fc1 = nn.Linear(FEATURES, 256)
        self.fc2 = nn.Linear(256, 128)
        self.fc3 = nn.Linear(128, classes)

    @classmethod
    def load(cls, path: Path | str) -> LegacyHead:
        """Read a checkpoint of the published program.

        Raises:
            ModelError: it cannot be read or is another network's.
        """
        try:
            return cls.of(read_state_dict(path))
        except CheckpointError as error:
            raise ModelError("wrong_weights", str(error)) from error

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> LegacyHead:
        """A head with these weights, as many classes as they have.

        Raises:
            CheckpointError: they are another network's.
        """
        last = state.get("fc3.bias")
        with torch.random.fork_rng(devices=[]):  # first weights are drawn, and thrown away
            head = cls(CLASSES if last is None else last.numel())
        load_into(head, state)
        return head.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Logits [S, classes] of features [S, 280]."""
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        logits: Tensor = self.fc3(x)
        return logits

    @torch.inference_mode()
    def logits(self, features: Floats) -> Floats:
        """Logits float32 [S, classes] of legacy features float32 [S, 280]."""
        expect(features, (None, FEATURES), features.dtype.type, "features")
        result: Floats = self(torch.from_numpy(features).float()).numpy()
        return result


@dataclass(frozen=True)
class LegacyClassifier:
    """A head and what its outputs stand for.

    Attributes:
        head: the network.
        numbers: class number of each output.
        names: names of class numbers; may lack some.
        way: how its features are made, ``AS_PUBLISHED`` or ``CORRECTED``.
    """

    head: LegacyHead
    numbers: tuple[int, ...]
    names: Mapping[int, str]
    way: str = AS_PUBLISHED

    @classmethod
    def load(cls, path: Path | str) -> LegacyClassifier:
        """Read our own file (``.safetensors`` with its card) or the published program's.

        Raises:
            ModelError: it cannot be read safely or is another network's.
        """
        if Path(path).suffix != ".safetensors":
            head = LegacyHead.load(path)
            return cls(head, tuple(range(head.fc3.out_features)), {})
        state, card = load_weights(path)
        if card.get("task") != TASK:
            raise ModelError(
                "wrong_weights",
                f"{Path(path).name}: expected a card of task {TASK}, got {card.get('task')!r}.",
            )
        return cls._of(state, card, Path(path).name)

    @classmethod
    def _of(
        cls, state: Mapping[str, Tensor], card: Mapping[str, Any], name: str
    ) -> LegacyClassifier:
        try:
            head = LegacyHead.of(state)
            numbers = tuple(int(number) for number in card["numbers"])
            names = {int(number): str(label) for number, label in card["labels"].items()}
            way = card["features"]
        except (CheckpointError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError("wrong_weights", f"{name} does not fit its card: {error}") from error
        if len(numbers) != head.fc3.out_features or way not in (AS_PUBLISHED, CORRECTED):
            raise ModelError("wrong_weights", f"{name} does not fit its card.")
        return cls(head, numbers, names, way)

    def save(self, path: Path | str, card: Mapping[str, Any]) -> None:
        """Write weights and card; the card's own entries are added to what is needed here.

        Raises:
            BadInput: the name does not end in ``.safetensors`` or cannot be written.
        """
        if Path(path).suffix != ".safetensors":
            raise BadInput("bad_name", f"Expected a name ending in .safetensors, got {path}.")
        known = {
            "task": TASK,
            "features": self.way,
            "numbers": list(self.numbers),
            "labels": {str(number): name for number, name in self.names.items()},
        }
        try:
            save_weights(path, self.head.state_dict(), {**card, **known})
        except OSError as error:
            raise BadInput("not_written", f"{path} cannot be written: {error}.") from error

    def choose(self, features: Floats) -> list[int]:
        """The likeliest class number of each row of features [S, 280]."""
        return [self.numbers[int(best)] for best in self.head.logits(features).argmax(axis=1)]
