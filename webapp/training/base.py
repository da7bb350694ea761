"""What the web process must know of the shipped base set: its hash and its counts, no network."""

import zipfile
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings

from webapp.core import storage
from webapp.core.errors import AppError


@dataclass(frozen=True)
class BaseFacts:
    """The base set in numbers; clips by label name, varied copies of a clip counted once."""

    sha256: str
    feature_version: str
    train: dict[str, int]
    eval: dict[str, int]

    @property
    def labels(self) -> list[str]:
        return sorted({*self.train, *self.eval})

    def examples(self, label: str) -> int:
        """Clips to learn from; the held-out ones are not among them."""
        return self.train.get(label, 0)


def base_path() -> Path:
    """The base set that comes with the product; settings may name another."""
    default = Path(settings.BASE_DIR) / "inference" / "weights" / "base_features.npz"
    return Path(getattr(settings, "BASE_FEATURES", default))


def base_of(sha256: str) -> Path:
    """The base set with this hash: the copy that was kept when a set was frozen on it."""
    kept = storage.path_of(_kept_name(sha256))
    return kept if kept.exists() else base_path()


def keep_base() -> None:
    """Keep the present base set beside the frozen sets: an update may bring another one."""
    storage.keep_copy(base_path(), _kept_name(base_facts().sha256))


def _kept_name(sha256: str) -> str:
    return f"training/base/{sha256}.npz"


def base_facts() -> BaseFacts:
    """Read once for each version of the file."""
    path = base_path()
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise AppError(
            "no_base_set", f"Expected the base set in {path.name}: {error}", status=500
        ) from error


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> BaseFacts:
    with np.load(path, allow_pickle=False) as file:
        labels, split, weights = (file[name] for name in ("labels", "split", "weights"))
        version = str(file["feature_version"])
    clips = {"train": Counter[str](), "eval": Counter[str]()}
    for label, part, weight in zip(labels.tolist(), split.tolist(), weights, strict=True):
        clips[part][label] += float(weight)
    rounded = {
        part: {name: round(n) for name, n in counts.items()} for part, counts in clips.items()
    }
    return BaseFacts(storage.hash_file(path), version, rounded["train"], rounded["eval"])
