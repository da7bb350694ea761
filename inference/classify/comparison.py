"""Says how sure a figure is, and how sure it is that one classifier beats another on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from inference.errors import ModelError

Doubles = npt.NDArray[np.float64]
Interval = tuple[float, float]

RESAMPLES = 1000
LEVEL = 0.95
FIGURES = ("accuracy", "macro_f1", "macro_recall")
F1 = "f1/"


class Compared(TypedDict):
    """One figure of both: intervals, and the difference (candidate minus baseline) with its own.

    What concerns the baseline is None where there is none.
    """

    candidate: Interval
    baseline: Interval | None
    difference: float | None
    difference_interval: Interval | None


class Comparison(TypedDict):
    """``figures`` by name (see ``FIGURES``), ``f1`` by label; ``groups`` were drawn anew.

    With less than two groups nothing can be said, and both are empty.
    """

    level: float
    resamples: int
    groups: int
    figures: dict[str, Compared]
    f1: dict[str, Compared]


def compare_choices(
    truth: Sequence[str],
    chosen: Sequence[str],
    before: Sequence[str] | None,
    groups: Sequence[str],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Comparison:
    """Percentile bootstrap (Efron, 1979) over whole groups, both classifiers on the same draws.

    Examples of one clip or scene resemble each other, so groups are drawn, not examples. Figures
    mean what they mean in ``metrics.compare``.

    Args:
        truth: S true labels.
        chosen: S labels that the candidate gave.
        before: S labels that the baseline gave; None where there is no baseline.
        groups: S names of what each example must be drawn together with.
        seed: of the draws.
        resamples: how many draws.
        level: share of the draws that an interval holds.

    Raises:
        ModelError: the lists differ in length.
    """
    lists = [truth, chosen, groups] + ([before] if before is not None else [])
    if len({len(one) for one in lists}) != 1:
        raise ModelError(
            "bad_metrics", f"Expected lists of one length, got {[len(one) for one in lists]}."
        )
    names = sorted({*truth, *chosen, *(before or [])})
    units = sorted(set(groups))
    empty: Comparison = {
        "level": level,
        "resamples": resamples,
        "groups": len(units),
        "figures": {},
        "f1": {},
    }
    if len(units) < 2:
        return empty
    draws = _draws(len(units), resamples, seed)
    place = {unit: i for i, unit in enumerate(units)}
    at = np.array([place[group] for group in groups])
    now = _resampled(draws, _counts(truth, chosen, at, names), names)
    old = _resampled(draws, _counts(truth, before, at, names), names) if before else None
    compared = {key: _compared(now[key], old[key] if old else None, level) for key in now}
    return {
        **empty,
        "figures": {name: compared[name] for name in FIGURES},
        "f1": {name: compared[F1 + name] for name in sorted(set(truth))},
    }


def _draws(groups: int, resamples: int, seed: int) -> Doubles:
    """How often each group counts, float64 [1 + R, G]; row 0 takes each once, as it is."""
    drawn = np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), resamples)
    return np.concatenate([np.ones((1, groups)), drawn]).astype(np.float64)


def _counts(
    truth: Sequence[str], said: Sequence[str], at: npt.NDArray[np.int64], names: list[str]
) -> Doubles:
    """Confusion of each group, float64 [G, L, L], truth in rows."""
    place = {name: i for i, name in enumerate(names)}
    counts = np.zeros((int(at.max()) + 1, len(names), len(names)))
    for group, is_label, answer in zip(at, truth, said, strict=True):
        counts[group, place[is_label], place[answer]] += 1
    return counts


def _resampled(draws: Doubles, counts: Doubles, names: list[str]) -> dict[str, Doubles]:
    """Each figure, float64 [1 + R], by name; the F1 of a label under ``F1`` and its name."""
    size = len(names)
    drawn = (draws @ counts.reshape(len(counts), -1)).reshape(-1, size, size)
    hits = drawn.diagonal(axis1=1, axis2=2)
    support, said = drawn.sum(axis=2), drawn.sum(axis=1)
    f1 = _ratio(2 * hits, support + said)
    recall = _ratio(hits, support)
    overall = {
        "accuracy": _ratio(hits.sum(axis=1), support.sum(axis=1)),
        "macro_f1": _ratio(f1.sum(axis=1), (support + said > 0).sum(axis=1)),
        "macro_recall": _ratio(recall.sum(axis=1), (support > 0).sum(axis=1)),
    }
    return overall | {F1 + name: f1[:, i] for i, name in enumerate(names)}


def _ratio(part: Doubles, whole: Doubles) -> Doubles:
    """0 where there is nothing to divide by, as in ``metrics``."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _compared(now: Doubles, old: Doubles | None, level: float) -> Compared:
    if old is None:
        nothing: Compared = {
            "candidate": _interval(now, level),
            "baseline": None,
            "difference": None,
            "difference_interval": None,
        }
        return nothing
    return {
        "candidate": _interval(now, level),
        "baseline": _interval(old, level),
        "difference": float(now[0] - old[0]),
        "difference_interval": _interval(now - old, level),
    }


def _interval(values: Doubles, level: float) -> Interval:
    low, high = np.quantile(values[1:], [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
