"""The only door from training to the inference library."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from webapp.core import storage

if TYPE_CHECKING:
    from inference.classify.data import TrainingData
    from inference.classify.head import ActionHead
    from inference.classify.train import HeadConfig

Floats = npt.NDArray[np.float32]
OnEpoch = Callable[[int, int, dict[str, float]], None]


@dataclass(frozen=True)
class Baseline:
    """The version that the candidate is compared with."""

    weights_path: Path
    label_ids: list[int | None]


def train_head(
    *,
    manifest: dict[str, Any],
    seed: int,
    config: dict[str, Any],
    baseline: Baseline | None,
    out_path: Path,
    on_epoch: OnEpoch,
    is_cancelled: Callable[[], bool],
) -> dict[str, Any]:
    """Train on a frozen set, compare on its evaluation part, write the weights.

    Returns output_names, label_ids, feature_version, curves, metrics, baseline_metrics.
    """
    from inference.classify.metrics import evaluate_head
    from inference.classify.train import fit_head

    data = training_data(manifest)
    names = {name: int(pk) for pk, name in manifest["labels"].items()}
    fitted = fit_head(
        data,
        _head_config(config),
        seed=seed,
        labels=list(names),
        on_epoch=on_epoch,
        is_cancelled=is_cancelled,
    )
    fitted.head.save(out_path, {"seed": seed, "base_sha256": manifest["base_sha256"]})
    held_out = data.where("eval")
    compared = _renamed(baseline, manifest["labels"]) if baseline else None
    return {
        "output_names": list(fitted.head.labels),
        "label_ids": [names[label] for label in fitted.head.labels],
        "feature_version": fitted.head.feature_version,
        "curves": fitted.curves,
        "metrics": evaluate_head(fitted.head, held_out.features, held_out.labels),
        "baseline_metrics": (
            evaluate_head(compared, held_out.features, held_out.labels) if compared else {}
        ),
    }


def training_data(manifest: dict[str, Any]) -> "TrainingData":
    """The base set and the corrected segments that a manifest names, checked against it."""
    base = _base_data(manifest)
    corrected = _corrected_data(manifest)
    return base.join(corrected) if corrected is not None else base


def _base_data(manifest: dict[str, Any]) -> "TrainingData":
    from dataclasses import replace

    from inference.classify.base import load_base
    from inference.errors import ModelError
    from webapp.training.base import base_path

    if storage.hash_file(base_path()) != manifest["base_sha256"]:
        raise ModelError("base_changed", "The base set has changed since the training set froze.")
    data = load_base(base_path())
    called = {name: manifest["labels"][str(pk)] for name, pk in manifest["base_labels"].items()}
    kept = data.take([i for i, label in enumerate(data.labels) if label in called])
    return replace(kept, labels=[called[label] for label in kept.labels])


def _corrected_data(manifest: dict[str, Any]) -> "TrainingData | None":
    from inference.classify.data import CORRECTION_WEIGHT, TrainingData

    samples = manifest["samples"]
    if not samples:
        return None
    files = {sample["features_file"]: sample["features_sha256"] for sample in samples}
    features = {name: _checked_features(name, digest) for name, digest in files.items()}
    rows = [features[sample["features_file"]][sample["feature_row"]] for sample in samples]
    return TrainingData(
        features=np.stack(rows).astype(np.float32),
        labels=[manifest["labels"][str(sample["label_id"])] for sample in samples],
        groups=[f"video/{sample['video_id']}" for sample in samples],
        split=[sample["part"] for sample in samples],
        weights=np.full(len(samples), CORRECTION_WEIGHT, dtype=np.float32),
    )


def _checked_features(name: str, digest: str) -> Floats:
    from inference.errors import ModelError

    path = storage.path_of(name)
    if not path.exists() or storage.hash_file(path) != digest:
        raise ModelError(
            "features_changed", f"{name} is gone or not what it was when the set was frozen."
        )
    with np.load(path, allow_pickle=False) as arrays:
        return arrays["features"]


def _head_config(config: dict[str, Any]) -> "HeadConfig":
    from inference.classify.train import HeadConfig
    from inference.errors import BadInput

    known = {field.name for field in fields(HeadConfig)}
    if unknown := set(config) - known:
        raise BadInput(
            "unknown_setting",
            f"Expected settings among {sorted(known)}, got {sorted(unknown)}.",
        )
    lists = {name: tuple(value) for name, value in config.items() if isinstance(value, list)}
    return HeadConfig(**{**config, **lists})


def _renamed(baseline: Baseline, labels: dict[str, str]) -> "KnownOutputs | None":
    """The baseline under today's names, without outputs that nobody would be shown."""
    from inference.classify.head import ActionHead

    pairs = [
        (column, labels[str(pk)])
        for column, pk in enumerate(baseline.label_ids)
        if pk is not None and str(pk) in labels
    ]
    if not pairs:
        return None
    columns, names = zip(*pairs, strict=True)
    return KnownOutputs(ActionHead.load(baseline.weights_path), list(columns), tuple(names))


@dataclass(frozen=True)
class KnownOutputs:
    """Some outputs of a head under other names; what ``evaluate_head`` needs of a classifier."""

    head: "ActionHead"
    columns: Sequence[int]
    labels: tuple[str, ...]

    def probabilities(self, features: Floats) -> Floats:
        return self.head.probabilities(features)[:, self.columns]
