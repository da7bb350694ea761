"""Judges given labels from all the other clips, on arrays alone: which may be mistakes.

Needs numpy only. N labelled segments, D features, C labels.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from webapp.reviews.ordering import FARTHEST_FEATURE

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

FOLDS = 5
STIFFNESS = 0.25
"""Ridge penalty for each feature, in standardised units."""
TEMPERATURES = (0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True)
class Examples:
    """Rows to learn from.

    Attributes:
        features: [N, D] any scale.
        labels: [N] 0 to C - 1.
        groups: [N] rows of one video share a number: they are never on both sides.
        weights: [N] how much each counts.
    """

    features: Floats
    labels: Ints
    groups: Ints
    weights: Floats


def out_of_fold(own: Examples, others: Examples | None, classes: int) -> Floats | None:
    """[N, C]: what each row looks like to a linear model that never saw its video.

    Weighted ridge regression on the labels in folds by video, made into probabilities with the
    temperature that fits all rows best. ``others`` (the base set) help to learn in every fold.
    Labels without examples in the other folds get no probability. None where there are fewer than
    two labels with two videos each: then nothing can be said.
    """
    if not _is_enough(own, others):
        return None
    features, extra = _standardised(own, others)
    folds = np.unique(own.groups, return_inverse=True)[1] % FOLDS
    scores = np.full((len(features), classes), -np.inf, np.float32)
    for fold in range(FOLDS):
        held = folds == fold
        if not held.any() or held.all():
            continue
        x, y = [features[~held]], [own.labels[~held]]
        w = [own.weights[~held]]
        if others is not None:
            x, y, w = [*x, extra], [*y, others.labels], [*w, others.weights]
        scores[held] = _ridge(
            np.concatenate(x), np.concatenate(y), np.concatenate(w), features[held], classes
        )
    return _as_probabilities(scores, own.labels)


def suspects(probabilities: Floats, given: Ints) -> tuple[Ints, Ints, Floats]:
    """Rows whose label another one confidently contradicts.

    A row is suspect where some label is at least as probable as it is on average for rows that
    were given that label, and beats the row's own. Source: Northcutt, Jiang and Chuang,
    "Confident learning: estimating uncertainty in dataset labels", 2021.

    Args:
        probabilities: [N, C], NaN rows are passed over.
        given: [N] the label of each row, 0 to C - 1.

    Returns:
        The suspect rows, surest first; the label that contradicts each; and by how much its
        probability is above that of the given label.
    """
    said = np.nan_to_num(probabilities, nan=0.0)
    known = np.isfinite(probabilities).all(axis=1)
    own = said[np.arange(len(given)), given]
    least = np.full(said.shape[1], np.inf, np.float32)
    for label in np.unique(given[known]):
        least[label] = own[known & (given == label)].mean()
    confident = np.where(said >= least, said, -1.0)
    confident[np.arange(len(given)), given] = -1.0
    against = confident.argmax(axis=1)
    lead = confident.max(axis=1) - own
    rows = np.flatnonzero(known & (confident.max(axis=1) > 0) & (lead > 0))
    rows = rows[np.argsort(-lead[rows], kind="stable")]
    return rows, against[rows], lead[rows].astype(np.float32)


def _is_enough(own: Examples, others: Examples | None) -> bool:
    pairs = {(int(y), int(g)) for y, g in zip(own.labels, own.groups, strict=True)}
    counts = np.bincount([y for y, _ in pairs], minlength=1) if pairs else np.zeros(1)
    if others is not None and len(others.labels):
        return len(np.unique(own.groups)) >= 2
    return int((counts >= 2).sum()) >= 2


def _standardised(own: Examples, others: Examples | None) -> tuple[Floats, Floats]:
    parts = [own.features] if others is None else [own.features, others.features]
    every = np.nan_to_num(np.concatenate(parts).astype(np.float32), posinf=0.0, neginf=0.0)
    every = (every - every.mean(axis=0)) / np.maximum(every.std(axis=0), 1e-6)
    every = np.clip(every, -FARTHEST_FEATURE, FARTHEST_FEATURE)
    return every[: len(own.features)], every[len(own.features) :]


def _ridge(x: Floats, y: Ints, weights: Floats, asked: Floats, classes: int) -> Floats:
    """Scores [M, C] of ``asked``; minus infinity for labels that ``y`` does not hold."""
    targets = np.eye(classes, dtype=np.float32)[y]
    mass = weights[:, None] * targets
    balance = weights * (1.0 / np.maximum(mass.sum(axis=0), 1e-6))[y]
    balance *= len(y) / balance.sum()
    center = (balance[:, None] * targets).sum(axis=0) / balance.sum()
    scaled = x * balance[:, None]
    gram = scaled.T @ x + STIFFNESS * x.shape[1] * np.eye(x.shape[1], dtype=np.float32)
    weights_out = np.linalg.solve(gram, scaled.T @ (targets - center))
    scores = asked @ weights_out + center
    scores[:, targets.sum(axis=0) == 0] = -np.inf
    return scores.astype(np.float32)


def _as_probabilities(scores: Floats, labels: Ints) -> Floats:
    """Softmax at the temperature with the least mean surprise at the given labels."""
    judged = np.isfinite(scores[np.arange(len(labels)), labels])
    best = min(TEMPERATURES, key=lambda t: _surprise(_softmax(scores / t), labels, judged))
    return _softmax(scores / best)


def _surprise(probabilities: Floats, labels: Ints, judged: npt.NDArray[np.bool_]) -> float:
    own = probabilities[np.arange(len(labels)), labels][judged]
    return float(-np.log(np.maximum(own, 1e-6)).mean()) if len(own) else 0.0


def _softmax(scores: Floats) -> Floats:
    highest = scores.max(axis=1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(highest), highest, 0.0))
    totals = powers.sum(axis=1, keepdims=True)
    return np.where(totals > 0, powers / np.maximum(totals, 1e-12), np.nan).astype(np.float32)
