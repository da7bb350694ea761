"""What the adaptation task does, step by step; safe to do twice."""

import tempfile
import time
from pathlib import Path

from webapp.core import storage
from webapp.core.models import WorkState
from webapp.estimators import gpu
from webapp.estimators.keypoints import ENDING, keypoints_of
from webapp.estimators.models import PoseVersion
from webapp.jobs.work import Report
from webapp.training import adaptations
from webapp.training.models import Adaptation
from webapp.videos.models import Video

SHARES = {"label": 0.3, "train": 0.6, "measure": 0.1}
"""How much of the whole each stage takes."""

SECONDS_BETWEEN_POINTS = 0.5


def adapt(*, adaptation_id: int, report: Report) -> None:
    """Fine-tune on the chosen clips and register the outcome as a candidate."""
    rows = Adaptation.objects.select_related("teacher", "start", "project", "created_by")
    adaptation = rows.get(pk=adaptation_id)
    if adaptation.state == WorkState.DONE:  # a worker was lost just after it had registered
        return
    adaptations.begin_adaptation(adaptation=adaptation)
    report("load", 0.0)
    with tempfile.TemporaryDirectory() as folder:
        clips, labels, out = (Path(folder) / name for name in ("clips", "keypoints", "out"))
        for made in (clips, labels, out):
            made.mkdir()
        recorder = CurveRecorder(adaptation)
        found = gpu.adapt(
            _lent_clips(adaptation, clips),
            out,
            _lesson(adaptation, labels),
            progress=OverallProgress(report),
            is_cancelled=report.is_cancelled,
            on_curve=recorder,
        )
        report("storing", 0.99)
        adaptations.finish_adaptation(adaptation=adaptation, report=found, curve=recorder.curve)


def _lent_clips(adaptation: Adaptation, folder: Path) -> list[Path]:
    """Links under the names that people gave; each in a folder, for names may come twice.

    Clips that were deleted since are passed over.
    """
    links = []
    for video in Video.objects.filter(pk__in=adaptation.clips).order_by("pk"):
        own = folder / f"{video.pk:09}"
        own.mkdir()
        links.append(storage.lend(video.original_file, own, video.name))
    return links


def _lent_keypoints(adaptation: Adaptation, folder: Path) -> Path | None:
    """Links to the project's keypoint files under their clips' names; None: others teach."""
    if not adaptation.config.get("by_keypoints"):
        return None
    for one in keypoints_of(adaptation.project_id):
        storage.lend(one.file, folder, f"{one.clip}{ENDING}")
    return folder


def _lesson(adaptation: Adaptation, labels: Path) -> gpu.Lesson:
    config = adaptation.config
    return gpu.Lesson(
        teacher=_weights(adaptation.teacher),
        start=_weights(adaptation.start),
        minutes=config["minutes"],
        steps=config["steps"],
        seed=config["seed"],
        keypoints=_lent_keypoints(adaptation, labels),
        held_out=tuple(config.get("held_out", ())),
    )


def _weights(version: PoseVersion | None) -> Path | None:
    return storage.path_of(version.weights_file) if version else None


class OverallProgress:
    """Turns ``(stage, fraction of it)`` into progress over all stages that never goes back."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._done = 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        before = 0.0
        for name, share in SHARES.items():
            if name == stage:
                self._done = max(self._done, before + share * min(max(fraction, 0.0), 1.0))
            before += share
        self._report(stage, 0.98 * self._done)


class CurveRecorder:
    """Stores the curve at most twice a second."""

    def __init__(self, adaptation: Adaptation) -> None:
        self._adaptation = adaptation
        self._next = 0.0
        self.curve: list[dict[str, float]] = []

    def __call__(self, point: dict[str, float]) -> None:
        self.curve.append(point)
        now = time.monotonic()
        if now >= self._next:
            self._next = now + SECONDS_BETWEEN_POINTS
            adaptations.record_curve(adaptation=self._adaptation, curve=self.curve)
