"""Trains a version again from its record, to see that the same figures come out."""

import json
import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import User
from webapp.accounts.services import lock_project
from webapp.core import storage
from webapp.core.errors import Conflict
from webapp.core.models import WorkState
from webapp.jobs import events
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, JobKind
from webapp.jobs.work import Report
from webapp.training import gpu
from webapp.training.models import TrainingRun
from webapp.training.samples import hash_of

BUSY = (WorkState.QUEUED.value, WorkState.RUNNING.value)


@transaction.atomic
def start_rebuild(*, run: TrainingRun, by: User) -> TrainingRun:
    """Queue a training on the run's frozen set with its seed and settings; nothing is replaced.

    Raises:
        Conflict: the run has no version (``not_trained``), or a rebuild goes on
            (``already_rebuilding``).
    """
    lock_project(run.project_id)
    run.refresh_from_db()
    if run.state != WorkState.DONE or run.candidate_id is None:
        raise Conflict("not_trained", f"The training is {run.state}: there is nothing to rebuild.")
    if run.rebuilt.get("state") in BUSY:
        raise Conflict("already_rebuilding", "A rebuild of this version is going on already.")
    job = jobs.create_job(project_id=run.project_id, kind=JobKind.REBUILD, subject_id=run.pk, by=by)
    _note(run, {"state": WorkState.QUEUED.value, "job": job.pk, "by": by.get_username()})
    jobs.enqueue_job(job=job)
    return run


def rebuild(*, run_id: int, report: Report) -> None:
    """What the task does: train again and put both results side by side."""
    runs = TrainingRun.objects.select_related("training_set", "baseline", "candidate")
    run = runs.get(pk=run_id)
    _note(run, run.rebuilt | {"state": WorkState.RUNNING.value})
    report("training", 0.0)
    manifest = json.loads(storage.path_of(run.training_set.manifest_file).read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "head.safetensors"
        trained = gpu.train_head(
            manifest=manifest,
            seed=run.seed,
            config=run.record.get("config", run.config),
            baseline=gpu.baseline_of(run.baseline, manifest["feature_version"]),
            out_path=weights,
            on_epoch=lambda epoch, epochs, figures: report("training", epoch / epochs),
            is_cancelled=report.is_cancelled,
        )
        differences = _differences(run, trained, storage.hash_file(weights), manifest)
    outcome = {"state": WorkState.DONE.value, "same": not differences, "differences": differences}
    _note(run, run.rebuilt | outcome)


def note_job_end(*, job: Job) -> None:
    """A rebuild that broke off says so."""
    run = TrainingRun.objects.filter(pk=job.subject_id).first()
    if run and run.rebuilt.get("job") == job.pk and run.rebuilt["state"] in BUSY:
        _note(run, run.rebuilt | {"state": str(job.state), "message": job.error_message})


def _differences(
    run: TrainingRun, trained: dict[str, Any], weights_sha256: str, manifest: dict[str, Any]
) -> list[str]:
    """What came out another way, in words; empty where the record gives the same.

    What a run from before an update did not record is not held against it.
    """
    set_hash = run.training_set.content_hash
    pairs = {
        "training set": (set_hash, hash_of(manifest) if "scene_rule" in manifest else set_hash),
        "outputs": (run.candidate.output_names, trained["output_names"]),
        "weights": (run.candidate.weights_sha256, weights_sha256),
        "figures": (run.metrics, trained["metrics"]),
        "figures of the baseline": (run.baseline_metrics, trained["baseline_metrics"]),
        "intervals": (run.comparison, trained["comparison"] if run.comparison else {}),
    }
    return [name for name, (was, now) in pairs.items() if was != json.loads(json.dumps(now))]


def _note(run: TrainingRun, outcome: dict[str, Any]) -> None:
    run.rebuilt = outcome | {"at": timezone.now().isoformat()}
    run.save(update_fields=["rebuilt"])
    events.publish(run.project_id, "training", id=run.pk, state=str(run.state), news="rebuilt")
