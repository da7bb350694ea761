"""Features of segments for comparisons: what can be read, and the shipped base set beside it."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.conf import settings

from webapp.core.errors import AppError
from webapp.runs.features import read_rows
from webapp.runs.models import Segment

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Vectors:
    """Features [N, D] of the segments ``ids`` [N], all of one version."""

    ids: Ints
    features: Floats
    version: str


@dataclass(frozen=True)
class BaseRows:
    """The shipped base set as it is needed to learn from: [N, D], names [N], weights [N]."""

    features: Floats
    names: tuple[str, ...]
    weights: Floats
    version: str


def vectors_of(segment_ids: Sequence[int]) -> Vectors:
    """What can be read of these segments, in their order; of several versions the commonest."""
    rows = {
        pk: (name, row, version)
        for pk, name, row, version in Segment.objects.filter(pk__in=segment_ids).values_list(
            "pk", "track__run__features_file", "feature_row", "track__run__feature_version"
        )
    }
    versions = [version for _, _, version in rows.values()]
    if not versions:
        return Vectors(np.zeros(0, np.int64), np.zeros((0, 0), np.float32), "")
    version = max(sorted(set(versions)), key=versions.count)
    ids = [pk for pk in segment_ids if pk in rows and rows[pk][2] == version]
    kept, features = _readable(ids, {pk: rows[pk][:2] for pk in ids})
    return Vectors(np.array(kept, np.int64), features, version)


def base_rows() -> BaseRows | None:
    """The part of the base set that may be learnt from; None where there is none."""
    default = Path(settings.BASE_DIR) / "inference" / "weights" / "base_features.npz"
    path = Path(getattr(settings, "BASE_FEATURES", default))
    try:
        return _read_base(path, path.stat().st_mtime_ns)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None


@lru_cache(maxsize=2)
def _read_base(path: Path, changed: int) -> BaseRows:
    with np.load(path, allow_pickle=False) as arrays:
        train = arrays["split"] == "train"
        return BaseRows(
            arrays["features"][train].astype(np.float32),
            tuple(arrays["labels"][train].tolist()),
            arrays["weights"][train].astype(np.float32),
            str(arrays["feature_version"]),
        )


def _readable(ids: Sequence[int], rows: dict[int, tuple[str, int]]) -> tuple[Sequence[int], Floats]:
    try:
        return ids, read_rows([rows[pk] for pk in ids])
    except AppError:
        parts = {name: [pk for pk in ids if rows[pk][0] == name] for name, _ in rows.values()}
    kept: list[int] = []
    found: list[Floats] = []
    for part in parts.values():
        try:
            features = read_rows([rows[pk] for pk in part])
        except AppError:  # gone or damaged: these are left out of the comparison
            continue
        if not found or features.shape[1] == found[0].shape[1]:
            kept += part
            found.append(features)
    return kept, np.concatenate(found) if found else np.zeros((0, 0), np.float32)
