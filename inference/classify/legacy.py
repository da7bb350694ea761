"""The published action head of Dark_DCPose, for comparison with our own."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from inference.errors import ModelError
from inference.types import Floats, expect
from thirdparty.checkpoints import CheckpointError, load_into, read_state_dict

FEATURES = 280
CLASSES = 10


class LegacyHead(nn.Module):
    """MLP 280-256-128-10 with ReLU; it was trained on ten unnamed ARID classes."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(FEATURES, 256)
        self.fc2 = nn.Linear(256, 128)
        self.fc3 = nn.Linear(128, CLASSES)

    @classmethod
    def load(cls, path: Path | str) -> LegacyHead:
        """Read the published checkpoint.

        Raises:
            ModelError: it cannot be read or is another network's.
        """
        head = cls()
        try:
            load_into(head, read_state_dict(path))
        except CheckpointError as error:
            raise ModelError("wrong_weights", str(error)) from error
        return head.eval()

    def forward(self, x: Tensor) -> Tensor:
        """Logits [S, 10] of features [S, 280]."""
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        logits: Tensor = self.fc3(x)
        return logits

    @torch.inference_mode()
    def logits(self, features: Floats) -> Floats:
        """Logits float32 [S, 10] of legacy features float32 [S, 280]."""
        expect(features, (None, FEATURES), features.dtype.type, "features")
        result: Floats = self(torch.from_numpy(features).float()).numpy()
        return result
