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
        sha256: of the file as it was handed to us, or its first eight digits where the authors
            name their file by them.
        source: the repository whose authors published it.
        licence: as that repository states it; empty where it states none.
        about: what it is.
    """

    name: str
    sha256: str
    source: str
    licence: str
    about: str


HRNET_SOURCE = "https://github.com/leoxiaobin/deep-high-resolution-net.pytorch"
DCPOSE_SOURCE = "https://github.com/Pose-Group/DCPose"

PUBLISHED = (
    Published(
        name="dark-dcpose-mlp",
        sha256="28d54c51d1044bec7b406359dc1de28a97c85b660efac237ad7097aab4cdd27b",
        source="https://github.com/lihaohao2000/Dark_DCPose",
        licence="",
        about="Action head 280-256-128-10 on PoseTrack-15 offsets from head_top, epoch 267.",
    ),
    Published(
        name="hrnet-w32-imagenet",
        sha256="36af842e",
        source=HRNET_SOURCE,
        licence="MIT",
        about="HRNet-W32 trained to name ImageNet's pictures; makes no heatmaps.",
    ),
    Published(
        name="hrnet-w48-imagenet",
        sha256="8ef0771d",
        source=HRNET_SOURCE,
        licence="MIT",
        about="HRNet-W48 trained to name ImageNet's pictures; makes no heatmaps.",
    ),
)
"""Checkpoints that we know by their content. None of them is part of this project."""

HOMES = {"dcpose": (DCPOSE_SOURCE, ""), "hrnet": (HRNET_SOURCE, "MIT")}
"""Where networks of a kind were first published, and the licence stated there."""


def sha256_of(path: Path | str) -> str:
    """Digest of a file's content, as 64 hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def published_as(path: Path | str) -> Published | None:
    """Which published checkpoint a file is, by its content; None where we do not know it."""
    return known_digest(sha256_of(path))


def known_digest(digest: str) -> Published | None:
    """Which published checkpoint has this digest; None where we do not know it."""
    return next((known for known in PUBLISHED if digest.startswith(known.sha256)), None)
