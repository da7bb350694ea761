"""The only door from training to the inference library."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from webapp.core import storage

if TYPE_CHECKING:
    from inference.classify.data import TrainingData
    from inference.classify.head import ActionHead
    from inference.classify.train import HeadConfig
    from webapp.classifiers.models import ClassifierVersion

Floats = npt.NDArray[np.float32]
OnEpoch = Callable[[int, int, dict[str, float]], None]


@dataclass(frozen=True)
class Baseline:
    """The version that the candidate is compared with."""

    weights_path: Path
    output_names: list[str]
    label_ids: list[int | None]


def baseline_of(version: "ClassifierVersion | None", feature_version: str) -> Baseline | None:
    """None where there is nothing to compare with: a version for older features cannot answer."""
    if version is None or version.feature_version != feature_version:
        return None
    path = storage.path_of(version.weights_file)
    return Baseline(path, version.output_names, version.label_ids)


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

    Every label of the set gets an output, those without examples one that is never chosen.
    Returns output_names, label_ids, feature_version, curves, metrics, baseline_metrics,
    comparison, evaluation (see ``_evaluation``) and record (the settings in force).
    """
    from inference.classify.metrics import evaluate_head
    from inference.classify.train import fit_head

    data = training_data(manifest)
    names = {name: int(pk) for pk, name in manifest["labels"].items()}
    settings = _head_config(config)
    fitted = fit_head(
        data,
        settings,
        seed=seed,
        labels=list(names),
        on_epoch=on_epoch,
        is_cancelled=is_cancelled,
    )
    head = fitted.head.with_labels(list(names))
    head.save(out_path, {"seed": seed, "base_sha256": manifest["base_sha256"]})
    held_out = data.where("eval")
    compared = _renamed(baseline, manifest["labels"]) if baseline else None
    now = _answers(head, held_out)
    before = _answers(compared, held_out) if compared else None
    return {
        "output_names": list(head.labels),
        "label_ids": [names[label] for label in head.labels],
        "feature_version": head.feature_version,
        "curves": fitted.curves,
        "metrics": evaluate_head(head, held_out.features, held_out.labels),
        "baseline_metrics": (
            evaluate_head(compared, held_out.features, held_out.labels) if compared else {}
        ),
        "comparison": _comparison(held_out, now, before),
        "evaluation": _evaluation(manifest, held_out, now, before),
        "record": {"config": asdict(settings)},
    }


@dataclass(frozen=True)
class Answers:
    """First choices on held-out segments, and how sure they are."""

    chosen: list[str]
    confidence: list[float]

    def at(self, row: int) -> dict[str, Any]:
        return {"label": self.chosen[row], "probability": round(self.confidence[row], 4)}


def _answers(head: "ActionHead | KnownOutputs", data: "TrainingData") -> Answers:
    if not len(data):
        return Answers([], [])
    shares = head.probabilities(data.features)
    best = shares.argmax(axis=1)
    sure = np.clip(shares[np.arange(len(best)), best], 0, 1)
    return Answers([head.labels[int(i)] for i in best], sure.astype(float).tolist())


def _comparison(data: "TrainingData", now: Answers, before: Answers | None) -> dict[str, Any]:
    """Intervals over scenes, and how honest the probabilities of both are."""
    from inference.classify.comparison import compare_choices
    from inference.classify.reliability import reliability

    def honesty(answers: Answers) -> Any:
        right = [a == b for a, b in zip(answers.chosen, data.labels, strict=True)]
        return reliability(answers.confidence, right)

    compared = compare_choices(
        data.labels, now.chosen, before.chosen if before else None, data.groups
    )
    return {
        **compared,
        "reliability": {
            "candidate": honesty(now),
            "baseline": honesty(before) if before else None,
        },
    }


def _evaluation(
    manifest: dict[str, Any], data: "TrainingData", now: Answers, before: Answers | None
) -> dict[str, Any]:
    """What was said of each held-out segment of the project; of the base set only how many.

    The examples of the base set come first in ``data``, then the project's in the set's order.
    """
    own = [sample for sample in manifest["samples"] if sample["part"] == "eval"]
    first = len(data) - len(own)
    rows = [
        {
            "segment_id": sample["segment_id"],
            "annotation": sample.get("annotation"),
            "video_id": sample["video_id"],
            "truth": data.labels[row],
            "candidate": now.at(row),
            "baseline": before.at(row) if before else None,
        }
        for row, sample in enumerate(own, start=first)
    ]
    return {"base": first, "segments": rows}


def training_data(manifest: dict[str, Any]) -> "TrainingData":
    """The base set and the corrected segments that a manifest names, checked against it."""
    base = _base_data(manifest)
    corrected = _corrected_data(manifest)
    return base.join(corrected) if corrected is not None else base


def _base_data(manifest: dict[str, Any]) -> "TrainingData":
    from dataclasses import replace

    from inference.classify.base import load_base
    from inference.errors import ModelError
    from webapp.training.base import base_of

    path = base_of(manifest["base_sha256"])
    if not path.exists() or storage.hash_file(path) != manifest["base_sha256"]:
        raise ModelError("base_changed", "The base set has changed since the training set froze.")
    data = load_base(path)
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
        groups=[sample.get("group", f"video/{sample['video_id']}") for sample in samples],
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
    head = ActionHead.load(baseline.weights_path, labels=baseline.output_names)
    return KnownOutputs(head, list(columns), tuple(names))


@dataclass(frozen=True)
class KnownOutputs:
    """Some outputs of a head under other names; what ``evaluate_head`` needs of a classifier."""

    head: "ActionHead"
    columns: Sequence[int]
    labels: tuple[str, ...]

    def probabilities(self, features: Floats) -> Floats:
        """Shares among these outputs alone, as people are shown them."""
        shares = self.head.probabilities(features)[:, self.columns]
        return shares / np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
