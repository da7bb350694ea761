"""Reads pose weights in our own form and builds the network that their card describes."""

from __future__ import annotations

from pathlib import Path

import torch

from inference.errors import ModelError
from inference.pose.config import DCPoseConfig
from inference.pose.dcpose import DCPose
from inference.weights_file import Card, load_weights


def load_network(weights: Path | str) -> tuple[DCPose, Card]:
    """A network with its weights, in evaluation mode on the CPU, and their card.

    Args:
        weights: a ``.safetensors`` file with its card beside it, ours or imported.

    Raises:
        ModelError: a file is missing, broken, or does not fit the network.
    """
    state, card = load_weights(weights)
    config = DCPoseConfig.from_dict(card.get("config", {}))
    with torch.device("meta"):
        network = DCPose(config)
    network = network.to_empty(device="cpu")
    try:
        network.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise ModelError(
            "wrong_weights", f"{Path(weights).name} does not fit the network of its card."
        ) from error
    return network.eval(), card
