"""Names and reads the files that hold window scores; needs NumPy only, so any process may."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from webapp.classifiers.models import ClassifierVersion
from webapp.core import storage
from webapp.runs.models import PipelineRun
from webapp.runs.predictions import shares_of
from webapp.runs.windows import LENGTH_S, STRIDE_S

STEPS = 255
"""Shares are stored and sent as bytes: 1 / 255 is finer than any curve is drawn."""


@dataclass(frozen=True)
class Packed:
    """Curves as the page reads them: int32 [N, 3] (person, start, end), then uint8 [N, L]."""

    content: bytes
    windows: int
    label_ids: tuple[int, ...]
    tag: str


def vectors_name(run: PipelineRun, feature_version: str) -> str:
    """Where the vectors of a run's windows lie; every classifier reads the same."""
    key = _hash(run.poses_file, feature_version, f"{LENGTH_S}/{STRIDE_S}")
    return f"{_folder(run.poses_file)}/windows-{key}.npz"


def scores_name(run: PipelineRun, classifier: ClassifierVersion) -> str:
    """Where one classifier's scores of these windows lie."""
    vectors = vectors_name(run, classifier.feature_version)
    return f"{_folder(run.poses_file)}/scores-{_hash(vectors, classifier.weights_sha256)}.npz"


def exists(run: PipelineRun, classifier: ClassifierVersion) -> bool:
    return storage.path_of(scores_name(run, classifier)).exists()


def write(name: str, spans: npt.NDArray[np.int64], outputs: npt.NDArray[np.float32]) -> None:
    """Store scores [N, O] of windows [N, 3] (person, start, end)."""
    with storage.atomic_path(name) as unfinished:
        np.savez_compressed(
            unfinished,
            spans=spans.astype(np.int32).reshape(-1, 3),
            scores=np.round(outputs * STEPS).astype(np.uint8),
        )


def packed(run: PipelineRun, classifier: ClassifierVersion) -> Packed | None:
    """None where the scores have not been computed."""
    name = scores_name(run, classifier)
    try:
        with np.load(storage.path_of(name), allow_pickle=False) as arrays:
            spans, scores = arrays["spans"], arrays["scores"]
    except FileNotFoundError:
        return None
    shares = shares_of(scores / STEPS, classifier.label_ids)
    values = np.round(np.clip(shares.values, 0, 1) * STEPS).astype(np.uint8)
    content = spans.astype("<i4").tobytes() + values.tobytes()
    tag = _hash(name, *map(str, shares.label_ids))
    return Packed(content, len(spans), shares.label_ids, tag)


def remove_of(poses_files: Iterable[str]) -> None:
    """The skeletons of these files are gone, and with them what was said of their windows."""
    for poses_file in poses_files:
        folder = storage.path_of(_folder(poses_file))
        for file in folder.glob("*.npz"):
            file.unlink(missing_ok=True)
        if folder.is_dir():
            folder.rmdir()


def _folder(poses_file: str) -> str:
    return f"curves/{_hash(poses_file)}"


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
