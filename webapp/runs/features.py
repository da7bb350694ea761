"""Stored features by file and row: what trainings, queues and re-predictions read, never video.

The database names both: ``PipelineRun.features_file`` (with its hash, the version of the features
and the pose weights) and ``Segment.feature_row``. Needs NumPy only, so any process may read.
"""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from webapp.core import storage
from webapp.core.errors import AppError
from webapp.runs.models import Segment

Floats = npt.NDArray[np.float32]
Row = tuple[str, int]
"""Name of a features file and a row in it."""

IDS_AT_ONCE = 5000  # databases take only so many parameters in one query


def read_file(path: Path) -> Floats:
    """float32 [S, F] of a features file.

    Raises:
        FileNotFoundError: there is none.
        AppError: ``features_broken``.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return np.asarray(arrays["features"], dtype=np.float32)
    except FileNotFoundError:
        raise
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise AppError(
            "features_broken", f"Expected a features file in {path.name}: {error}", status=500
        ) from error


def read_rows(rows: Sequence[Row]) -> Floats:
    """float32 [N, F]: the vectors of these rows, in this order; each file is opened once.

    Raises:
        AppError: ``features_missing`` where a file or a row is gone, ``features_differ`` where
            the files hold vectors of different lengths.
    """
    wanted: dict[str, list[int]] = {}
    for place, (name, _) in enumerate(rows):
        wanted.setdefault(name, []).append(place)
    out: Floats | None = None
    for name, places in wanted.items():
        content = _existing(name)
        if out is None:
            out = np.zeros((len(rows), content.shape[1]), np.float32)
        _expect_length(content, out.shape[1], name)
        picked = [rows[place][1] for place in places]
        if max(picked) >= len(content):
            raise _missing(f"{name} has {len(content)} rows, row {max(picked)} was asked for")
        out[places] = content[picked]
    return np.zeros((0, 0), np.float32) if out is None else out


def rows_of(segment_ids: Iterable[int]) -> dict[int, Row]:
    """File and row of each of these segments, by segment id; those that are gone are left out."""
    found: dict[int, Row] = {}
    for ids in batched(segment_ids, IDS_AT_ONCE):
        segments = Segment.objects.filter(pk__in=ids).order_by("pk")
        for pk, name, row in segments.values_list("pk", "track__run__features_file", "feature_row"):
            found[pk] = (name, row)
    return found


def matrix_of(segment_ids: Sequence[int]) -> Floats:
    """float32 [N, F] of these segments, in this order; see ``read_rows``."""
    rows = rows_of(segment_ids)
    if gone := [pk for pk in segment_ids if pk not in rows]:
        raise _missing(f"segment {gone[0]} is not in the database")
    return read_rows([rows[pk] for pk in segment_ids])


def batched(items: Iterable[int], size: int) -> Iterator[list[int]]:
    """The items in lists of at most so many."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def in_batches(counts: Sequence[tuple[int, int]], most_rows: int) -> Iterator[list[int]]:
    """Ids of clips, given with their numbers of rows, in batches of at most so many rows.

    A clip is never split: one with more rows is a batch of its own.
    """
    batch: list[int] = []
    rows = 0
    for pk, count in counts:
        if batch and rows + count > most_rows:
            yield batch
            batch, rows = [], 0
        batch.append(pk)
        rows += count
    if batch:
        yield batch


def _existing(name: str) -> Floats:
    try:
        return read_file(storage.path_of(name))
    except FileNotFoundError as error:
        raise _missing(f"{name} is gone") from error


def _expect_length(content: Floats, length: int, name: str) -> None:
    if content.shape[1] != length:
        raise AppError(
            "features_differ",
            f"Expected vectors of {length} numbers, {name} holds {content.shape[1]}: "
            "these clips were described by different versions.",
            status=500,
        )


def _missing(what: str) -> AppError:
    return AppError("features_missing", f"Stored features cannot be read: {what}.", status=500)
