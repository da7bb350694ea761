"""Keeps each segment's features in 64 small numbers, so that whole libraries can be compared.

A random projection keeps angles: the cosine of two sketches is that of the features to about
(1 - cosine^2) / 8. What must be exact (near-identical segments) is looked up in the features.
Source: Johnson and Lindenstrauss, 1984; Achlioptas, "Database-friendly random projections", 2003.
"""

import logging
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import numpy as np
import numpy.typing as npt
from django.db.models import F, QuerySet

from webapp.core.errors import AppError
from webapp.reviews.models import Sketch
from webapp.reviews.ordering import FARTHEST_FEATURE
from webapp.reviews.vectors import base_rows
from webapp.runs.features import read_rows
from webapp.runs.models import PipelineRun, Segment

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]
SIZE = 64
BYTES = SIZE * 2
AT_ONCE = 2000


def sketch_run(*, run: PipelineRun) -> None:
    """Sketch the segments of a run whose features were just stored."""
    _sketch(Segment.objects.filter(track__run=run))


def sketch_missing(*, run_ids: QuerySet[PipelineRun]) -> int:
    """Sketch what has no sketch of its present features yet; returns how many were made."""
    segments = Segment.objects.filter(track__run__in=run_ids)
    return _sketch(segments.exclude(sketch__features_file=F("track__run__features_file")))


def read_sketches(run_ids: QuerySet[PipelineRun]) -> tuple[npt.NDArray[np.int64], Floats]:
    """Segment ids, ascending, and float32 [N, 64] of all that is sketched of these runs."""
    rows = Sketch.objects.filter(segment__track__run__in=run_ids).order_by("segment_id")
    ids: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
    numbers: list[Floats] = [np.zeros((0, SIZE), np.float32)]
    found = rows.values_list("segment_id", "numbers").iterator(chunk_size=AT_ONCE)
    while part := list(islice(found, AT_ONCE)):
        ids.append(np.array([pk for pk, _ in part], np.int64))
        packed = b"".join(bytes(content) for _, content in part)
        numbers.append(np.frombuffer(packed, "<f2").reshape(-1, SIZE).astype(np.float32))
    return np.concatenate(ids), np.concatenate(numbers)


def standardised(features: Floats, feature_version: str) -> Floats:
    """[N, D] in deviations of the shipped base set, cut off at 5, so that all columns count."""
    mean, deviation = _scale(feature_version, features.shape[1])
    values = np.nan_to_num((features - mean) / deviation, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(values, -FARTHEST_FEATURE, FARTHEST_FEATURE).astype(np.float32)


def sketch(features: Floats, feature_version: str) -> npt.NDArray[np.float16]:
    """float16 [N, 64] of features [N, D]."""
    projected = standardised(features, feature_version) @ _projection(features.shape[1])
    return projected.astype("<f2")


def _sketch(segments: QuerySet[Segment]) -> int:
    made = 0
    wanted = segments.values_list(
        "pk", "feature_row", "track__run__features_file", "track__run__feature_version"
    )
    for part in _parts(wanted.order_by("track__run__feature_version", "pk")):
        made += _store(part)
    return made


Wanted = tuple[int, int, str, str]
"""Segment id, row, features file, feature version."""


def _parts(wanted: QuerySet[Segment]) -> Iterator[list[Wanted]]:
    """Lists of one feature version each; all ids are read first, for rows are written between."""
    rest = list(wanted)
    while rest:
        version = rest[0][3]
        part = [row for row in rest[:AT_ONCE] if row[3] == version]
        yield part
        rest = rest[len(part) :]


def _store(part: list[Wanted]) -> int:
    """Sketch segments of one feature version; those whose files cannot be read are left out."""
    try:
        features = read_rows([(name, row) for _, row, name, _ in part])
    except AppError as error:
        files = sorted({name for _, _, name, _ in part})
        if len(files) > 1:
            return sum(_store([row for row in part if row[2] == name]) for name in files)
        logger.warning("Segments of %s are compared without their features: %s", files[0], error)
        return 0
    packed = sketch(features, part[0][3])
    rows = [
        Sketch(segment_id=pk, features_file=name, numbers=numbers.tobytes())
        for (pk, _, name, _), numbers in zip(part, packed, strict=True)
    ]
    Sketch.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["segment"],
        update_fields=["features_file", "numbers"],
    )
    return len(rows)


@lru_cache(maxsize=4)
def _projection(length: int) -> Floats:
    """[D, 64]; the same numbers in every process and release."""
    draws = np.random.Generator(np.random.PCG64(length)).standard_normal((length, SIZE))
    return (draws / np.sqrt(SIZE)).astype(np.float32)


@lru_cache(maxsize=4)
def _scale(feature_version: str, length: int) -> tuple[Floats, Floats]:
    """Mean and deviation [D] of the base set; 0 and 1 for vectors of another version."""
    base = base_rows()
    if base is None or base.version != feature_version or base.features.shape[1] != length:
        return np.zeros(length, np.float32), np.ones(length, np.float32)
    return base.features.mean(axis=0), np.maximum(base.features.std(axis=0), 1e-3)
