"""From a classifier's raw outputs to what is said of a segment or a clip; no database here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

NOTHING_LEFT = 1e-9


@dataclass(frozen=True)
class Verdict:
    """The label to show, its probability among the usable labels, and all that was said.

    ``probabilities`` maps label ids (as text) to the raw share of each output that has a label,
    archived ones included, so that a label taken back from the archive needs no new prediction.
    """

    label_id: int
    probability: float
    probabilities: dict[str, float]


def by_label(outputs: Sequence[float], label_ids: Sequence[int | None]) -> dict[int, float]:
    """Raw probability of each label; outputs without a label are left out."""
    if len(outputs) != len(label_ids):
        raise ValueError(f"expected {len(label_ids)} outputs, got {len(outputs)}")
    shares: dict[int, float] = defaultdict(float)
    for value, label_id in zip(outputs, label_ids, strict=True):
        if label_id is not None:
            shares[label_id] += float(value)
    return dict(shares)


def renormalised(shares: Mapping[int, float], usable: Iterable[int]) -> dict[int, float]:
    """The usable labels' shares as probabilities, most likely first; empty where none is left."""
    kept = {label: shares[label] for label in usable if label in shares}
    total = sum(kept.values())
    if not total > NOTHING_LEFT:
        return {}
    ranked = sorted(kept.items(), key=lambda item: (-item[1], item[0]))
    return {label: value / total for label, value in ranked}


def verdict(shares: Mapping[int, float], usable: Iterable[int]) -> Verdict | None:
    """The most likely usable label; None where the classifier knows none of them."""
    ranked = renormalised(shares, usable)
    if not ranked:
        return None
    label_id, probability = next(iter(ranked.items()))
    return Verdict(label_id, probability, {str(k): v for k, v in shares.items()})


def weighted_mean(parts: Sequence[tuple[float, Mapping[int, float]]]) -> dict[int, float]:
    """Mean of several shares, each with its weight (frames of its segment)."""
    total = sum(weight for weight, _ in parts)
    shares: dict[int, float] = defaultdict(float)
    for weight, part in parts:
        for label, value in part.items():
            shares[label] += value * weight / total
    return dict(shares)


def stored_shares(probabilities: Mapping[str, float]) -> dict[int, float]:
    """The shares of a stored prediction."""
    return {int(label): value for label, value in probabilities.items()}
