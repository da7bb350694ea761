"""What can be told of pose weights without loading them: size, joints, card; no torch."""

import json
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

from django.conf import settings

from webapp.core.errors import AppError

LONGEST_HEADER = 10_000_000
LARGE_PARAMETERS = 10_000_000
"""From here on a network takes seconds rather than hundredths for each skeleton on a CPU."""

Card = dict[str, Any]


@dataclass(frozen=True)
class PoseFacts:
    """What a person should know before choosing weights."""

    name: str
    note: str
    sha256: str
    parameters: int
    joints: int
    skeleton: str
    image: list[int]
    is_large: bool
    figures: Card
    source: Card

    @classmethod
    def of(cls, card: Card) -> "PoseFacts":
        config = card.get("config", {})
        parameters = int(card.get("parameters", 0))
        return cls(
            name=str(card.get("name", "")),
            note=str(card.get("note", "")),
            sha256=str(card.get("sha256", "")),
            parameters=parameters,
            joints=int(config.get("joints", 0)),
            skeleton=str(config.get("skeleton", "")),
            image=[int(side) for side in config.get("image", [])],
            is_large=parameters >= LARGE_PARAMETERS,
            figures=card.get("figures", {}),
            source=card.get("source", {}),
        )


def shipped_weights() -> Path:
    """The pose weights that come with the product; settings may name others."""
    default = Path(settings.BASE_DIR) / "inference" / "weights" / "pose.safetensors"
    return Path(getattr(settings, "SHIPPED_POSE", default))


def shipped_facts() -> PoseFacts:
    """Of the shipped weights, read once for each version of the file."""
    path = shipped_weights()
    try:
        return _facts_of(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AppError(
            "no_shipped_pose",
            f"Expected pose weights with a card: {path.name}: {error}",
            status=500,
        ) from error


def read_card(weights: Path) -> Card:
    """The card beside a weights file, with the number of ``parameters`` put in."""
    card: Card = json.loads(weights.with_suffix(".json").read_bytes())
    return {**card, "parameters": count_parameters(weights)}


def count_parameters(weights: Path) -> int:
    """Numbers that a safetensors file holds, from its header.

    The file opens with the length of a JSON object (8 bytes, little-endian) and that object.
    """
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= LONGEST_HEADER:
            raise ValueError(f"a header of {length} bytes")
        header = json.loads(file.read(length))
    return sum(prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")


@lru_cache(maxsize=2)
def _facts_of(path: Path, changed: int) -> PoseFacts:
    return PoseFacts.of(read_card(path))
