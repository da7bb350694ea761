"""The described clips that every head starts from, so that a project needs only its corrections.

The ``eval`` part is the product's fixed examination: nothing is ever trained on it.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from inference.classify.data import TrainingData
from inference.errors import ModelError
from inference.feature_version import FEATURE_VERSION
from inference.whole_file import whole_file

BASE_FILE = Path(__file__).parent.parent / "weights" / "base_features.npz"
HEAD_FILE = BASE_FILE.with_name("action.safetensors")


def load_base(path: Path = BASE_FILE) -> TrainingData:
    """Read a base set, by default the one that comes with the product.

    Returns:
        The set; one clip weighs 1 over all of its varied copies together.

    Raises:
        ModelError: the file is missing, broken, or for another version of the features.
    """
    return _load(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=2)
def _load(path: Path, changed: int) -> TrainingData:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        version = str(arrays["feature_version"])
        if version != FEATURE_VERSION:
            raise ModelError(
                "feature_version",
                f"{path}: expected features {FEATURE_VERSION!r}, got {version!r}.",
            )
        features = arrays["features"].astype(np.float32)
        weights = arrays["weights"].astype(np.float32)
        names = {name: arrays[name].tolist() for name in ("labels", "groups", "split")}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError("bad_base", f"Expected a base set at {path}: {error}.") from error
    features.setflags(write=False)
    weights.setflags(write=False)
    return TrainingData(features, names["labels"], names["groups"], names["split"], weights)


def save_base(path: Path, data: TrainingData, card: Mapping[str, object]) -> None:
    """Write a base set (features in half precision) and its card beside it as JSON.

    Args:
        path: of the ``.npz`` file.
        data: the examples.
        card: source, licence, recipe; counts and the checksum are added.
    """
    with whole_file(path) as part:
        with part.open("wb") as file:
            np.savez_compressed(
                file,
                features=data.features.astype(np.float16),
                labels=np.array(data.labels),
                groups=np.array(data.groups),
                split=np.array(data.split),
                weights=data.sample_weights,
                feature_version=np.array(FEATURE_VERSION),
            )
        digest = hashlib.sha256(part.read_bytes()).hexdigest()
    full = {
        **card,
        "feature_version": FEATURE_VERSION,
        "examples": {name: data.split.count(name) for name in ("train", "eval")},
        "features": int(data.features.shape[1]),
        "sha256": digest,
    }
    path.with_suffix(".json").write_text(json.dumps(full, indent=2, ensure_ascii=False) + "\n")
