"""Reads stored skeletons without the inference library, for the web process and for overlaps."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from webapp.core import storage

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Packed:
    """Boxes and joints as little-endian float32 [P, T, 4 + 3 K]: what the page draws from."""

    content: bytes
    people: int
    frames: int
    joints: int


def packed(name: str) -> Packed:
    """Read and pack a poses file."""
    boxes, keypoints = read_arrays(name)
    people, frames, joints = keypoints.shape[:3]
    flat = keypoints.reshape(people, frames, joints * 3)
    content = np.concatenate([boxes, flat], axis=-1).astype("<f4").tobytes()
    return Packed(content, people, frames, joints)


def read_arrays(name: str) -> tuple[Floats, Floats]:
    """Boxes float32 [P, T, 4] px and keypoints float32 [P, T, K, 3] of a stored poses file."""
    with _opened(storage.path_of(name)) as arrays:
        return arrays["boxes_xyxy"], arrays["keypoints"]


@lru_cache(maxsize=8)
def boxes_of(name: str) -> Floats:
    """float32 [P, T, 4] px, NaN where a person is absent."""
    with _opened(storage.path_of(name)) as arrays:
        return arrays["boxes_xyxy"].astype(np.float32)


def _opened(path: Path) -> "np.lib.npyio.NpzFile":
    return np.load(path, allow_pickle=False)


def mean_box_overlap(a: Floats, b: Floats) -> float:
    """Mean IoU of two tracks' boxes [T, 4] over the frames where both are; 0 where none."""
    frames = min(len(a), len(b))
    a, b = a[:frames], b[:frames]
    both = ~np.isnan(a[:, 0]) & ~np.isnan(b[:, 0])
    if not both.any():
        return 0.0
    a, b = a[both], b[both]
    width = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    height = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    shared = np.clip(width, 0, None) * np.clip(height, 0, None)
    area = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1]) + (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    return float((shared / np.maximum(area - shared, 1e-6)).mean())
