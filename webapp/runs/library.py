"""Classifies a whole library from its stored features, for promotions and trainings.

In pieces of a few thousand rows, so that memory stays flat, progress is told, and others need not
wait long for the database. What is written is kept: work that was cut off goes on where it was.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from django.db.models import Count

from webapp.classifiers.models import ClassifierVersion
from webapp.core import storage
from webapp.core.errors import AppError
from webapp.runs import features, gpu, prediction_sets, services
from webapp.runs.models import PipelineRun, Segment
from webapp.runs.selectors import runs_with_people, runs_without

ROWS_AT_ONCE = 2000
DESCRIBING = 0.5
"""How much of the whole describing anew counts for, where clips need it: it takes longest."""

OnProgress = Callable[[float], None]


def predict_missing(*, version: ClassifierVersion, on_progress: OnProgress) -> set[int]:
    """Store what the version says of clips of which it has said nothing; their runs' ids.

    ``on_progress`` may raise to stop the work.
    """
    prediction_sets.open_set(version=version)
    run_ids = list(runs_without(version).values_list("pk", flat=True))
    predict_runs(version=version, run_ids=run_ids, on_progress=on_progress)
    return set(run_ids)


def predict_runs(
    *, version: ClassifierVersion, run_ids: Sequence[int], on_progress: OnProgress
) -> None:
    """Store what the version says of these runs; clips deleted meanwhile are passed over."""
    on_progress(0.0)
    described = _describe_anew(_outdated(run_ids), lambda share: on_progress(DESCRIBING * share))
    done, start = 0, DESCRIBING if described else 0.0
    for batch in features.in_batches(_rows_of(run_ids), ROWS_AT_ONCE):
        _predict_batch(version, batch)
        done += len(batch)
        on_progress(start + (1 - start) * done / len(run_ids))
    on_progress(1.0)


def renew_features(*, project_id: int, on_progress: OnProgress) -> None:
    """Describe the skeletons of clips anew whose features come from an older version."""
    runs = runs_with_people(project_id).exclude(feature_version=gpu.feature_version())
    _describe_anew(list(runs.values_list("pk", flat=True)), on_progress)


def _outdated(run_ids: Iterable[int]) -> list[int]:
    """Those whose features are of an older version."""
    older = PipelineRun.objects.exclude(feature_version=gpu.feature_version())
    found: list[int] = []
    for ids in features.batched(run_ids, features.IDS_AT_ONCE):
        found += older.filter(pk__in=ids).values_list("pk", flat=True)
    return found


def _rows_of(run_ids: Iterable[int]) -> list[tuple[int, int]]:
    """(run, number of segments) of each run that is still there, by id."""
    counts: list[tuple[int, int]] = []
    for ids in features.batched(run_ids, features.IDS_AT_ONCE):
        segments = Segment.objects.filter(track__run_id__in=ids).values("track__run")
        counted = segments.annotate(rows=Count("pk")).order_by("track__run")
        counts += counted.values_list("track__run", "rows")
    return counts


def _describe_anew(run_ids: Sequence[int], on_progress: OnProgress) -> bool:
    """Whether there was anything to describe."""
    for done, run_id in enumerate(run_ids):
        on_progress(done / len(run_ids))
        if run := PipelineRun.objects.filter(pk=run_id).first():
            _renew(run)
    return bool(run_ids)


def _predict_batch(version: ClassifierVersion, run_ids: Sequence[int]) -> None:
    try:
        outputs = _classify(version, run_ids)
    except FileNotFoundError:
        left = list(PipelineRun.objects.filter(pk__in=run_ids).order_by("pk"))
        for run in left:  # the others were deleted meanwhile, with their files
            if not storage.path_of(run.features_file).exists():
                _renew(run)
        outputs = _classify(version, [run.pk for run in left])
    prediction_sets.store_outputs(classifier=version, outputs=outputs)


def _classify(version: ClassifierVersion, run_ids: Sequence[int]) -> prediction_sets.Outputs:
    """One pass over the rows of all these runs together."""
    files = dict(PipelineRun.objects.filter(pk__in=run_ids).values_list("pk", "features_file"))
    paths = [storage.path_of(name) for name in files.values()]
    values = gpu.classify_features(storage.path_of(version.weights_file), paths)
    by_run = dict(zip(files, values, strict=True))
    segments = Segment.objects.filter(track__run_id__in=files).order_by("track__run", "feature_row")
    found = list(segments.values_list("pk", "track__run", "weight", "feature_row"))
    ids, runs, weights, rows = zip(*found, strict=True) if found else ((), (), (), ())
    picked = [by_run[run][row] for run, row in zip(runs, rows, strict=True)]
    return prediction_sets.Outputs(
        segment_ids=np.array(ids, np.int64),
        run_ids=np.array(runs, np.int64),
        weights=np.array(weights, np.float64),
        values=np.array(picked, np.float32).reshape(len(picked), len(version.label_ids)),
    )


def _renew(run: PipelineRun) -> None:
    """Describe the run's stored skeletons with this installation's features, rows as they are."""
    segments = Segment.objects.filter(track__run=run).order_by("feature_row")
    spans = list(segments.values_list("track__index", "start_frame", "end_frame"))
    version = gpu.feature_version()
    name = services.name_features(run.poses_file, version, spans)
    if not storage.path_of(run.poses_file).exists():
        if not PipelineRun.objects.filter(pk=run.pk).exists():
            return
        raise AppError(
            "skeletons_missing",
            f"The stored skeletons of {run.video.name} are gone: analyse the clip again.",
            status=500,
        )
    gpu.renew_features(run.poses_file, spans, name)
    services.point_to_features(run=run, features_file=name, feature_version=version)
