"""Says whether a classifier is right as often as it claims: expected calibration error and bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from inference.errors import ModelError


class Bin(TypedDict):
    """Answers whose confidence lies in ``(low, high]``; the means are 0 where there is none."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


class Reliability(TypedDict):
    """``ece``: mean distance of confidence and accuracy over the bins, weighted by their counts."""

    ece: float
    bins: list[Bin]


def reliability(
    confidence: Sequence[float] | npt.NDArray[np.floating],
    is_right: Sequence[bool] | npt.NDArray[np.bool_],
    bins: int = 10,
) -> Reliability:
    """Expected calibration error over bins of equal width (Naeini et al., 2015; Guo et al., 2017).

    Args:
        confidence: [S] probability of each answer that was given, 0 to 1.
        is_right: [S] whether it was right.
        bins: how many.

    Returns:
        The error, 0 for no answers, and all bins in order.

    Raises:
        ModelError: the two differ in length, or a confidence lies outside 0 to 1.
    """
    sure = np.asarray(confidence, dtype=np.float64)
    right = np.asarray(is_right, dtype=np.float64)
    if sure.shape != right.shape or sure.ndim != 1:
        raise ModelError(
            "bad_metrics",
            f"Expected as many answers as confidences, got {right.shape}, {sure.shape}.",
        )
    if len(sure) and not (sure.min() >= 0 and sure.max() <= 1 + 1e-6):
        raise ModelError(
            "bad_metrics", f"Expected confidences in 0..1, got {sure.min()} to {sure.max()}."
        )
    at = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    table = [_bin(i, bins, sure[at == i], right[at == i]) for i in range(bins)]
    off = sum(one["count"] * abs(one["confidence"] - one["accuracy"]) for one in table)
    return {"ece": float(off / max(1, len(sure))), "bins": table}


def _bin(i: int, bins: int, sure: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> Bin:
    return {
        "low": i / bins,
        "high": (i + 1) / bins,
        "count": len(sure),
        "confidence": float(sure.mean()) if len(sure) else 0.0,
        "accuracy": float(right.mean()) if len(sure) else 0.0,
    }
