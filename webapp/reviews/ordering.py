"""Decides where a reviewer looks next, on arrays alone: the pages and the simulation share it.

Needs numpy only, no database and no network, and works on 100,000 segments within seconds: all
steps are passes over [N, D] arrays in float32. N segments, C labels, D numbers that describe a
segment.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

KINDS = ("mixed", "entropy", "margin", "diversity", "disagreement", "age")
DEFAULT_KIND = "mixed"
BATCH = 200
"""How many segments are spread out, one after the other; those behind follow by their score."""
ROWS_AT_ONCE = 8192
FARTHEST_FEATURE = 5.0
"""Standard deviations at which a feature is cut off, so that one wild number decides nothing."""
MOST_ANCHORS = 2048
"""Of more labelled segments an even choice stands for all: the pass stays within seconds."""
TINY = 1e-9


@dataclass(frozen=True)
class Ranking:
    """An order of the unlabelled segments, and why.

    Attributes:
        index: [U] rows of the unlabelled segments, the one to look at next first.
        score: [N] what the order goes by, 0 to 1; higher comes sooner.
        uncertainty: [N] 0 (sure) to 1 (all labels alike).
        novelty: [N] distance to the nearest labelled segment, 0 to 1; 1 where none is labelled.
        disagreement: [N] between the two versions, 0 to 1; NaN where the other said nothing.
    """

    index: Ints
    score: Floats
    uncertainty: Floats
    novelty: Floats
    disagreement: Floats


def rank(
    kind: str,
    *,
    probabilities: npt.ArrayLike,
    features: npt.ArrayLike,
    labelled: npt.ArrayLike,
    others: npt.ArrayLike | None = None,
    ages: npt.ArrayLike | None = None,
    batch: int = BATCH,
) -> Ranking:
    """Order the unlabelled segments.

    Args:
        kind: "mixed" (unsure and unlike what is labelled or chosen before: squared margin
            times distance), "entropy", "margin", "diversity" (unlike only), "disagreement" (of
            two versions) or "age".
        probabilities: [N, C] calibrated, a row sums to 1; NaN where nothing was said.
        features: [N, D] any scale; they are standardised here.
        labelled: [N] true for what people have judged.
        others: [N, C] what another version says, NaN where nothing.
        ages: [N] anything that grows with age, such as seconds.
        batch: how many are spread out greedily, for "mixed" and "diversity".

    Returns:
        The order; ties go to the lower row.

    Raises:
        ValueError: an unknown kind, or arrays that do not fit each other.
    """
    said = np.asarray(probabilities, np.float32)
    known = np.asarray(labelled, bool)
    described = np.asarray(features)
    _expect_fit(kind, said, described, known)
    units = unit_rows(described)
    unsure = margin(said) if kind in ("mixed", "margin") else entropy(said)
    novelty = nearest_distance(units, _evenly(units[known], MOST_ANCHORS))
    apart = (
        disagreement(said, np.asarray(others, np.float32))
        if others is not None
        else np.full(len(said), np.nan, np.float32)
    )
    score = _score(kind, unsure, novelty, apart, ages)
    free = np.flatnonzero(~known)
    if kind == "mixed":
        index = _spread_out(free, units, novelty, unsure**2, batch)
    elif kind == "diversity":
        index = _spread_out(free, units, novelty, np.ones_like(unsure), batch)
    else:
        index = by_score(free, score)
    return Ranking(index, score, unsure, novelty, apart)


def entropy(probabilities: Floats) -> Floats:
    """Normalised entropy of each row: 0 sure, 1 all alike; 1 where nothing was said."""
    p = np.clip(probabilities, TINY, 1.0)
    most = np.log(max(p.shape[1], 2))
    return _known_or_one(-(p * np.log(p)).sum(axis=1) / most)


def margin(probabilities: Floats) -> Floats:
    """1 minus the lead of the likeliest label over the second; 1 where nothing was said."""
    if probabilities.shape[1] < 2:
        return _known_or_one(1.0 - probabilities[:, 0])
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    return _known_or_one(1.0 - (two[:, 1] - two[:, 0]))


def disagreement(probabilities: Floats, others: Floats) -> Floats:
    """Jensen-Shannon divergence in bits of two versions' rows: 0 the same, 1 nothing shared.

    Source: Lin, "Divergence measures based on the Shannon entropy", 1991.
    """
    if probabilities.shape != others.shape:
        raise ValueError(f"expected others {probabilities.shape}, got {others.shape}")
    p, q = np.clip(probabilities, TINY, 1.0), np.clip(others, TINY, 1.0)
    middle = (p + q) / 2
    bits = (p * np.log2(p / middle) + q * np.log2(q / middle)).sum(axis=1) / 2
    return np.clip(bits, 0.0, 1.0).astype(np.float32)


def unit_rows(features: npt.NDArray[np.generic]) -> Floats:
    """Standardise each column over the rows, cut off at 5 deviations, scale rows to length 1."""
    values = features.astype(np.float32)
    np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    if not len(values):
        return values
    values -= values.mean(axis=0, dtype=np.float64).astype(np.float32)
    deviation = np.sqrt(np.mean(np.square(values), axis=0, dtype=np.float64)).astype(np.float32)
    values /= np.maximum(deviation, 1e-6)
    np.clip(values, -FARTHEST_FEATURE, FARTHEST_FEATURE, out=values)
    values /= np.maximum(np.linalg.norm(values, axis=1, keepdims=True), TINY)
    return values


def nearest_distance(units: Floats, anchors: Floats) -> Floats:
    """Half the cosine distance (0 to 1) from rows [N, D] to the nearest anchor [M, D]; 1 if none.

    Both have rows of length 1. Memory does not grow with N times M.
    """
    nearest = np.ones(len(units), np.float32)
    if not len(anchors):
        return nearest
    for start in range(0, len(units), ROWS_AT_ONCE):
        rows = units[start : start + ROWS_AT_ONCE]
        best = np.full(len(rows), -1.0, np.float32)
        for first in range(0, len(anchors), ROWS_AT_ONCE // 4):
            part = anchors[first : first + ROWS_AT_ONCE // 4]
            np.maximum(best, (rows @ part.T).max(axis=1), out=best)
        nearest[start : start + ROWS_AT_ONCE] = _half_distance(best)
    return nearest


def spread_out(units: Floats, novelty: Floats, weights: Floats, count: int) -> Ints:
    """Greedy weighted k-centre: ``count`` rows, each the best of weight times distance.

    The distance is to the nearest anchor or row chosen before; ``novelty`` is that to the anchors.
    Source: Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985; Sener and
    Savarese, "Active learning for convolutional neural networks: a core-set approach", 2018.
    """
    distance = novelty.copy()
    chosen = np.empty(min(count, len(units)), np.int64)
    for place in range(len(chosen)):
        # A row that was chosen must not come again, also where all others weigh nothing.
        best = int(np.argmax(np.where(distance < 0, -1.0, distance * weights)))
        chosen[place] = best
        np.minimum(distance, _half_distance(units @ units[best]), out=distance)
        distance[best] = -1.0
    return chosen


def by_score(rows: Ints, score: Floats) -> Ints:
    """Rows with the highest score first; ties, and what has none (NaN), in their order."""
    return rows[np.argsort(-np.nan_to_num(score[rows], nan=-1.0), kind="stable")]


def _spread_out(free: Ints, units: Floats, novelty: Floats, weights: Floats, batch: int) -> Ints:
    """A batch that is spread out, then the others by weight times novelty."""
    chosen = spread_out(units[free], novelty[free], weights[free], batch)
    is_left = np.ones(len(free), bool)
    is_left[chosen] = False
    return np.concatenate([free[chosen], by_score(free[is_left], weights * novelty)])


def _score(
    kind: str, unsure: Floats, novelty: Floats, apart: Floats, ages: npt.ArrayLike | None
) -> Floats:
    if kind == "mixed":
        return unsure**2 * novelty
    if kind == "diversity":
        return novelty
    if kind == "disagreement":
        return apart
    if kind == "age":
        return _from_0_to_1(np.asarray(ages, np.float64))
    return unsure


def _expect_fit(
    kind: str, said: Floats, features: npt.NDArray[np.generic], labelled: Bools
) -> None:
    if kind not in KINDS:
        raise ValueError(f"expected one of {', '.join(KINDS)}, got {kind!r}")
    if said.ndim != 2 or features.ndim != 2 or not len(said) == len(features) == len(labelled):
        raise ValueError(
            "expected probabilities [N, C], features [N, D] and labelled [N], got "
            f"{said.shape}, {features.shape} and {labelled.shape}"
        )


def _evenly(rows: Floats, most: int) -> Floats:
    """At most so many of the rows, at even steps."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


def _half_distance(cosine: Floats) -> Floats:
    return np.clip((1.0 - cosine) / 2, 0.0, 1.0).astype(np.float32)


def _known_or_one(values: Floats) -> Floats:
    return np.clip(np.nan_to_num(values, nan=1.0), 0.0, 1.0).astype(np.float32)


def _from_0_to_1(values: npt.NDArray[np.float64]) -> Floats:
    if not len(values):
        return values.astype(np.float32)
    low, high = float(values.min()), float(values.max())
    return ((values - low) / max(high - low, TINY)).astype(np.float32)
