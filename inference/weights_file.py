"""Our own weights on disk: a safetensors file with a JSON card that tells what it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse_tensors
from safetensors.torch import save as pack_tensors
from torch import Tensor

from inference.errors import ModelError
from inference.whole_file import whole_file

Card = dict[str, Any]
"""What a model is: name, task, config, data with licences, recipe, seed, figures, date."""


def card_path(path: Path | str) -> Path:
    """Where the card of a weights file lies: beside it, ending in ``.json``."""
    return Path(path).with_suffix(".json")


BYTES, SCALE = "::int8", "::scale"
"""What follows a tensor's name where it is kept as whole numbers and their scales."""

LEAST_IN_BYTES = 4096
"""Smaller tensors are not worth it."""


def save_weights(
    path: Path | str, state_dict: Mapping[str, Tensor], card: Card, *, in_bytes: bool = False
) -> None:
    """Write weights and card; each is renamed into place only when it is whole.

    Args:
        path: ending in ``.safetensors``.
        state_dict: tensors by name; made contiguous and moved to the CPU.
        card: what JSON can hold; ``sha256`` of the weights is put in.
        in_bytes: large kernels are kept as one byte a number, with a scale for each output
            channel: half of what float16 takes, read back with an error of at most 1/254 of
            the channel's largest number.
    """
    path = Path(path)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state_dict.items()}
    packed = pack_tensors(_as_bytes(tensors) if in_bytes else tensors)
    complete = {**card, "sha256": hashlib.sha256(packed).hexdigest()}
    path.parent.mkdir(parents=True, exist_ok=True)
    for where, content in (
        (path, packed),
        (card_path(path), (json.dumps(complete, indent=2) + "\n").encode()),
    ):
        with whole_file(where) as part:
            part.write_bytes(content)


def load_weights(path: Path | str) -> tuple[dict[str, Tensor], Card]:
    """Read weights and card.

    Returns:
        (tensors by name on the CPU, the card).

    Raises:
        ModelError: a file is missing or broken, or the weights are not those of the card.
    """
    path = Path(path)
    card = load_card(path)
    packed = _read(path)
    found = hashlib.sha256(packed).hexdigest()
    if found != card.get("sha256"):
        raise ModelError(
            "wrong_weights",
            f"{path.name}: the card expects sha256 {card.get('sha256')}, the file has {found}.",
        )
    try:
        return _from_bytes(parse_tensors(packed)), card
    except SafetensorError as error:
        raise ModelError("broken_weights", f"{path.name}: not a safetensors file.") from error


def load_card(path: Path | str) -> Card:
    """The card of a weights file alone.

    Raises:
        ModelError: it is missing or not a JSON object.
    """
    where = card_path(path)
    try:
        card = json.loads(_read(where))
    except ValueError as error:
        raise ModelError("broken_card", f"{where.name}: not JSON.") from error
    if not isinstance(card, dict):
        raise ModelError("broken_card", f"{where.name}: expected a JSON object.")
    return card


def _as_bytes(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    kept: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if tensor.ndim < 2 or tensor.numel() < LEAST_IN_BYTES or not tensor.is_floating_point():
            kept[name] = tensor
            continue
        rows = tensor.float().flatten(1)
        scale = rows.abs().amax(dim=1).clamp(min=1e-12) / 127
        whole = (rows / scale[:, None]).round().to(torch.int8)
        kept[name + BYTES], kept[name + SCALE] = whole.view(tensor.shape), scale
    return kept


def _from_bytes(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors by their own names; those kept in bytes become float32."""
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if name.endswith(BYTES):
            plain = name.removesuffix(BYTES)
            scale = tensors[plain + SCALE].view(-1, *[1] * (tensor.ndim - 1))
            found[plain] = tensor.float() * scale
        elif not name.endswith(SCALE):
            found[name] = tensor
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            "missing_weights", f"Expected weights at {path}, cannot read them: {error.strerror}."
        ) from error
