"""From a classifier's raw outputs to what is said of segments and clips; no database here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NOTHING_LEFT = 1e-9
DIGITS = 6
"""Stored shares are rounded: more digits say nothing and take room in every row."""

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shares:
    """What a classifier says of N things: ``values[i, j]`` is the raw share of ``label_ids[j]``.

    Archived labels are included, so that one taken back from the archive needs no new prediction.

    Attributes:
        label_ids: U ids, ascending.
        values: float64 [N, U].
    """

    label_ids: tuple[int, ...]
    values: Floats

    def stored(self) -> Iterator[dict[str, float]]:
        """Each row as it is stored: label id (as text) to share."""
        names = [str(pk) for pk in self.label_ids]
        for row in np.round(self.values, DIGITS).tolist():
            yield dict(zip(names, row, strict=True))


@dataclass(frozen=True)
class Verdicts:
    """For each of N things the label to show and its probability among the labels in use.

    Attributes:
        label_ids: int64 [N]; what stands where nothing can be said means nothing.
        probabilities: float64 [N].
        said: bool [N], false where the classifier knows none of the labels in use.
    """

    label_ids: Ids
    probabilities: Floats
    said: npt.NDArray[np.bool_]


def shares_of(outputs: npt.ArrayLike, label_ids: Sequence[int | None]) -> Shares:
    """Raw shares of each label from outputs [N, L]; outputs without a label are left out.

    Raises:
        ValueError: the rows have another length than ``label_ids``.
    """
    values = np.asarray(outputs, np.float64)
    if values.ndim != 2 or values.shape[1] != len(label_ids):
        raise ValueError(f"expected rows of {len(label_ids)} outputs, got shape {values.shape}")
    known = tuple(sorted({pk for pk in label_ids if pk is not None}))
    owner = np.array([[pk == label for label in known] for pk in label_ids], np.float64)
    return Shares(known, values @ owner.reshape(len(label_ids), len(known)))


def verdicts(shares: Shares, usable: Iterable[int]) -> Verdicts:
    """The likeliest label in use for each row; of equals the one with the smallest id."""
    usable = set(usable)
    mask = np.array([pk in usable for pk in shares.label_ids], bool)
    count = len(shares.values)
    if not mask.any():
        return Verdicts(np.zeros(count, np.int64), np.zeros(count), np.zeros(count, bool))
    ids, kept = np.array(shares.label_ids, np.int64)[mask], shares.values[:, mask]
    total, best = kept.sum(axis=1), kept.argmax(axis=1)
    said = total > NOTHING_LEFT
    top = kept[np.arange(count), best] / np.where(said, total, 1.0)
    return Verdicts(ids[best], top, said)


def clip_shares(shares: Shares, clips: Ids, weights: Floats) -> tuple[Ids, Shares]:
    """Each clip's mean over its segments, weighted (by frames); clips without weight are left out.

    Args:
        shares: of N segments.
        clips: int64 [N], the clip of each.
        weights: float64 [N], 0 for segments that say nothing about their clip.

    Returns:
        (the clips' ids, ascending; their shares in this order)
    """
    counted = weights > 0
    ids, place = np.unique(clips[counted], return_inverse=True)
    sums = np.zeros((len(ids), shares.values.shape[1]))
    totals = np.zeros(len(ids))
    np.add.at(sums, place, shares.values[counted] * weights[counted, None])
    np.add.at(totals, place, weights[counted])
    return ids, Shares(shares.label_ids, sums / np.maximum(totals, NOTHING_LEFT)[:, None])


def renormalised(shares: Mapping[int, float], usable: Iterable[int]) -> dict[int, float]:
    """The usable labels' shares as probabilities, most likely first; empty where none is left."""
    kept = {label: shares[label] for label in usable if label in shares}
    total = sum(kept.values())
    if not total > NOTHING_LEFT:
        return {}
    ranked = sorted(kept.items(), key=lambda item: (-item[1], item[0]))
    return {label: value / total for label, value in ranked}


def stored_shares(probabilities: Mapping[str, float]) -> dict[int, float]:
    """The shares of a stored prediction."""
    return {int(label): value for label, value in probabilities.items()}
