"""Takes one run from a stored video to stored tracks and predictions, safe to do twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.services import ensure_classifier
from webapp.core import storage
from webapp.core.models import WorkState
from webapp.jobs.work import Report
from webapp.runs import gpu, services
from webapp.runs.models import PipelineRun

SHARES = {"decode": 0.05, "detect": 0.35, "track": 0.03, "pose": 0.5, "features": 0.05}
"""How much of the whole each stage of the pipeline takes; the rest is for classifying."""


def analyse(*, run_id: int, report: Report) -> None:
    """Find people, describe and classify them, then store it all in one transaction."""
    run = PipelineRun.objects.select_related("video__project").get(pk=run_id)
    if run.state == WorkState.DONE:  # stored by a worker that was lost before it could say so
        return
    services.mark_running(run=run)
    weights = run.pose_version.weights_file if run.pose_version else ""
    pose = gpu.PoseUse(weights, run.pose_every)
    report("load", 0.0)
    video = storage.path_of(run.video.original_file)
    files = _names(run, pose)
    with _named_as_given(run):
        found = gpu.compute_run(
            video,
            files["poses_file"],
            partial(services.name_features, files["poses_file"], gpu.feature_version()),
            OverallProgress(report),
            report.is_cancelled,
            pose,
            _readable_head(ensure_classifier(project=run.video.project)),
        )
    files["features_file"] = found["features_file"]
    report("classify", 0.98)
    while not _classify_and_store(run, found, files):
        report("classify", 0.99)


@contextmanager
def _named_as_given(run: PipelineRun) -> Iterator[None]:
    """Let the library's complaints speak of the clip by the name that people gave it."""
    stored = Path(run.video.original_file).name
    try:
        yield
    except Exception as error:
        if isinstance(message := getattr(error, "message", None), str):
            error.message = message.replace(stored, run.video.name)
        raise


def _names(run: PipelineRun, pose: gpu.PoseUse) -> dict[str, str]:
    fingerprint = gpu.fingerprint(pose)
    poses = services.name_poses(video=run.video, fingerprint=fingerprint)
    return {"fingerprint": fingerprint, "poses_file": poses}


def _classify_and_store(run: PipelineRun, found: dict[str, Any], files: dict[str, str]) -> bool:
    """False where a promotion came between: its version must speak instead."""
    classifier = ensure_classifier(project=run.video.project)
    return services.store_results(
        run=run,
        found=found,
        files=files,
        classifier=classifier,
        probabilities=_probabilities(classifier, files["features_file"]),
    )


def _probabilities(
    classifier: ClassifierVersion | None, features_file: str
) -> list[list[float]] | None:
    """None where the version cannot read what this installation writes: it must be retrained."""
    weights = _readable_head(classifier)
    if weights is None:
        return None
    outputs = gpu.classify_features(weights, [storage.path_of(features_file)])
    return [[float(value) for value in row] for row in outputs[0]]


def _readable_head(classifier: ClassifierVersion | None) -> Path | None:
    """Its weights, unless it is for other features than this installation writes."""
    if classifier is None or classifier.feature_version != gpu.feature_version():
        return None
    return storage.path_of(classifier.weights_file)


class OverallProgress:
    """Turns the pipeline's ``(stage, fraction of it)`` into progress that never goes back.

    Stages go on together, chunk by chunk: each counts for as much of it as is done.
    """

    def __init__(self, report: Callable[[str, float], None]) -> None:
        self._report = report
        self._done = dict.fromkeys(SHARES, 0.0)

    def __call__(self, stage: str, fraction: float) -> None:
        if stage in self._done:
            self._done[stage] = max(self._done[stage], min(max(fraction, 0.0), 1.0))
        self._report(stage, sum(SHARES[name] * done for name, done in self._done.items()))
