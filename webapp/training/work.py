"""What the training and promotion tasks do, step by step; both are safe to do twice."""

import json
import tempfile
import time
from pathlib import Path

from webapp.core import storage
from webapp.core.models import WorkState
from webapp.jobs.work import Report
from webapp.reviews.edits.describing import describe_missing
from webapp.runs.library import predict_missing, renew_features
from webapp.training import gpu, promotions, rules, services
from webapp.training.models import Promotion, TrainingRun

SECONDS_BETWEEN_POINTS = 0.25


def train(*, run_id: int, report: Report) -> None:
    """Fit a head on the frozen set and register it as a candidate."""
    run = TrainingRun.objects.select_related("training_set", "baseline", "project").get(pk=run_id)
    if run.state == WorkState.DONE:  # a worker was lost just after it had registered
        rules.pass_gate(run=run)
        return
    services.begin_training(run=run)
    if run.training_set.summary["skipped"]:
        describe = {
            "project_id": run.project_id,
            "on_progress": lambda done: report("describing", 0.0),
        }
        renew_features(**describe)
        describe_missing(**describe)
        services.freeze_anew(run=run)
    report("training", 0.0)
    manifest = json.loads(storage.path_of(run.training_set.manifest_file).read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "head.safetensors"
        trained = gpu.train_head(
            manifest=manifest,
            seed=run.seed,
            config=run.config,
            baseline=gpu.baseline_of(run.baseline, manifest["feature_version"]),
            out_path=weights,
            on_epoch=CurveRecorder(run, report),
            is_cancelled=report.is_cancelled,
        )
        report("storing", 0.99)
        if services.finish_training(run=run, trained=trained, weights=weights):
            rules.pass_gate(run=run)


class CurveRecorder:
    """Stores the curves at most four times a second; raises where the training shall stop."""

    def __init__(self, run: TrainingRun, report: Report) -> None:
        self._run = run
        self._report = report
        self._curves: list[dict[str, float]] = []
        self._next = 0.0

    def __call__(self, epoch: int, epochs: int, figures: dict[str, float]) -> None:
        self._curves.append({"epoch": epoch, "epochs": epochs, **figures})
        now = time.monotonic()
        if now >= self._next or epoch == epochs:
            self._next = now + SECONDS_BETWEEN_POINTS
            services.record_curves(run=self._run, curves=self._curves)
        self._report("training", 0.98 * epoch / epochs)


def promote(*, promotion_id: int, report: Report) -> None:
    """Predict what the version has said nothing of yet, then make it active.

    Clips that are analysed meanwhile are predicted in another round, until none is left.
    """
    promotion = Promotion.objects.select_related("to_version").get(pk=promotion_id)
    if promotion.state == WorkState.DONE:
        return
    promotions.begin_promotion(promotion=promotion)
    while True:
        tried = predict_missing(
            version=promotion.to_version,
            on_progress=lambda fraction: report("predicting", 0.95 * fraction),
        )
        report("switching", 0.97)
        if promotions.complete_promotion(promotion=promotion, predicted=tried):
            return
