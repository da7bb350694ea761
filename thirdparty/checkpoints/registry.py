"""What is known of published checkpoints: source, licence, and which file is which."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Published:
    """One published checkpoint.

    Attributes:
        name: how we call it.
        sha256: of the file as it was handed to us.
        source: the repository whose authors published it.
        licence: as that repository states it; empty where it states none.
        about: what it is.
    """

    name: str
    sha256: str
    source: str
    licence: str
    about: str


PUBLISHED = (
    Published(
        name="dark-dcpose-mlp",
        sha256="28d54c51d1044bec7b406359dc1de28a97c85b660efac237ad7097aab4cdd27b",
        source="https://github.com/lihaohao2000/Dark_DCPose",
        licence="",
        about="Action head 280-256-128-10 on PoseTrack-15 offsets from head_top, epoch 267.",
    ),
)
"""Checkpoints that we know by their content. None of them is part of this project."""


def published_as(path: Path | str) -> Published | None:
    """Which published checkpoint a file is, by its content; None where we do not know it."""
    with Path(path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return next((known for known in PUBLISHED if known.sha256 == digest), None)
