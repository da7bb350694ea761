"""Describes and classifies many analysed clips at once, for promotions and trainings."""

from collections.abc import Callable, Sequence

from webapp.classifiers.models import ClassifierVersion
from webapp.core import storage
from webapp.runs import gpu, services
from webapp.runs.models import PipelineRun, Segment
from webapp.runs.selectors import runs_with_people

RUNS_AT_ONCE = 200  # keeps each write short, so that others need not wait long for the database


def predict_runs(
    *, version: ClassifierVersion, run_ids: Sequence[int], on_progress: Callable[[float], None]
) -> None:
    """Store what the version says of these runs, some hundred at a time."""
    for start in range(0, len(run_ids), RUNS_AT_ONCE):
        on_progress(start / len(run_ids))
        _predict_batch(version, run_ids[start : start + RUNS_AT_ONCE])
    on_progress(1.0)


def renew_features(*, project_id: int, on_progress: Callable[[float], None]) -> None:
    """Describe the skeletons of clips anew whose features come from an older version."""
    runs = runs_with_people(project_id).exclude(feature_version=gpu.feature_version())
    ids = list(runs.values_list("pk", flat=True))
    for done, run in enumerate(PipelineRun.objects.filter(pk__in=ids).iterator()):
        on_progress(done / len(ids))
        _renew(run, _segments_of([run.pk])[run.pk])


def _predict_batch(version: ClassifierVersion, run_ids: Sequence[int]) -> None:
    try:
        _predict_all(version, run_ids)
    except FileNotFoundError:
        left = list(PipelineRun.objects.filter(pk__in=run_ids).values_list("pk", flat=True))
        if len(left) == len(run_ids):
            raise
        _predict_batch(version, left)  # the others were deleted meanwhile, with their files


def _predict_all(version: ClassifierVersion, run_ids: Sequence[int]) -> None:
    runs = list(PipelineRun.objects.filter(pk__in=run_ids))
    segments = _segments_of(run_ids)
    for run in runs:
        if run.feature_version != gpu.feature_version():
            _renew(run, segments[run.pk])
    outputs = gpu.classify_features(
        storage.path_of(version.weights_file),
        [storage.path_of(run.features_file) for run in runs],
    )
    results = {
        run.pk: {segment.pk: rows[segment.feature_row] for segment in segments[run.pk]}
        for run, rows in zip(runs, outputs, strict=True)
    }
    services.store_library_predictions(classifier=version, results=results)


def _segments_of(run_ids: Sequence[int]) -> dict[int, list[Segment]]:
    segments: dict[int, list[Segment]] = {run_id: [] for run_id in run_ids}
    rows = Segment.objects.filter(track__run_id__in=run_ids).select_related("track")
    for segment in rows.order_by("feature_row"):
        segments[segment.track.run_id].append(segment)
    return segments


def _renew(run: PipelineRun, segments: Sequence[Segment]) -> None:
    """The features come from an older version of the library: describe the same poses anew."""
    spans = [(segment.track.index, segment.start_frame, segment.end_frame) for segment in segments]
    version = gpu.feature_version()
    name = services.name_features(run.poses_file, version)
    gpu.renew_features(run.poses_file, spans, name)
    services.point_to_features(run=run, features_file=name, feature_version=version)
