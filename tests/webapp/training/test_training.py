"""The training task: from a frozen set to a candidate with figures, the same each time."""

import numpy as np
import pytest

from inference.classify.head import ActionHead
from tests.webapp import factories_runs
from tests.webapp.training.conftest import QUICK
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core import storage
from webapp.core.errors import Conflict
from webapp.jobs.models import Job
from webapp.runs.models import PipelineRun
from webapp.training import gpu, services, tasks, work
from webapp.training.models import TrainingRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def start(project, admin):
    return lambda **more: services.start_training(
        project=project, by=admin, **({"config": QUICK} | more)
    )


def train(run):
    tasks.train_head(run.pk, run.job_id)
    run.refresh_from_db()
    return run


def code_of(call):
    with pytest.raises(Conflict) as refusal:
        call()
    return refusal.value.code


def test_a_candidate_is_registered_with_its_figures(project, teach, start):
    teach("Wave", 5)
    run = train(start())
    assert (run.state, Job.objects.get(pk=run.job_id).state) == ("done", "done")
    candidate = run.candidate
    assert (candidate.number, candidate.state) == (2, "candidate")
    assert "Wave" in candidate.output_names
    assert active_classifier(project.pk).number == 1
    for figures in (run.metrics, run.baseline_metrics):
        assert {"accuracy", "macro_f1", "macro_recall", "confusion", "per_class", "count"} <= set(
            figures
        )
    assert run.metrics["count"] == run.baseline_metrics["count"] == run.training_set.summary["eval"]
    assert run.metrics["per_class"]["Wave"]["support"] == 1


def test_every_label_in_use_gets_an_output_and_empty_ones_are_never_said(project, teach, start):
    teach("Wave", 1)
    candidate = train(start()).candidate
    assert "Drink" in candidate.output_names
    head = ActionHead.load(storage.path_of(candidate.weights_file))
    shares = head.probabilities(
        np.random.default_rng(0).normal(size=(50, head.feature_count)).astype("f4")
    )
    assert (shares[:, head.labels.index("Drink")] == 0).all()
    labels = {row.pk: row.name for row in project.label_set.labels.all()}
    assert [labels[pk] for pk in candidate.label_ids] == candidate.output_names


def test_the_same_set_and_seed_give_the_same_weights_and_figures(project, teach, start):
    teach("Wave", 5)
    first = train(start())
    TrainingRun.objects.filter(pk=first.pk).update(state="failed")  # so that it may be repeated
    second = train(start())
    third = train(start(seed=1))
    assert second.training_set == first.training_set
    assert second.metrics == first.metrics
    assert second.candidate.weights_sha256 == first.candidate.weights_sha256
    assert third.candidate.weights_sha256 != first.candidate.weights_sha256


def test_each_epoch_is_stored_and_told(project, teach, start, monkeypatch):
    teach("Wave", 1)
    run = start()
    told = []
    monkeypatch.setattr(work, "SECONDS_BETWEEN_POINTS", 0)
    monkeypatch.setattr(
        services.events, "publish", lambda project_id, kind, **what: told.append((kind, what))
    )
    train(run)
    assert [point["epoch"] for point in run.curves] == [1, 2, 3]
    assert set(run.curves[0]) >= {"epoch", "train_loss", "eval_accuracy"}
    epochs = [what["epoch"]["epoch"] for kind, what in told if "epoch" in what]
    assert epochs == [1, 2, 3]
    assert {what["epoch"]["epochs"] for _, what in told if "epoch" in what} == {3}
    states = [what["state"] for kind, what in told if kind == "training" and "epoch" not in what]
    assert states == ["running", "done"]


def test_the_database_is_spared_many_epochs(project, teach, start, monkeypatch):
    teach("Wave", 1)
    run = start(config=QUICK | {"epochs": 40})
    written = []
    monkeypatch.setattr(
        services, "record_curves", lambda *, run, curves: written.append(len(curves))
    )
    monkeypatch.setattr(work, "SECONDS_BETWEEN_POINTS", 3600)
    train(run)
    assert written == [1, 40]
    assert len(run.curves) == 40


def test_without_corrections_there_is_nothing_to_learn(project, start):
    assert code_of(start) == "no_corrections"


def test_one_training_at_a_time(project, teach, start):
    teach("Wave", 1)
    start()
    assert code_of(start) == "already_training"


def test_what_was_trained_is_not_trained_again(project, teach, start):
    teach("Wave", 1)
    train(start())
    assert code_of(start) == "nothing_new"
    start(seed=2)


def test_what_broke_off_may_be_tried_again(project, teach, start):
    teach("Wave", 1)
    run = start()
    services.cancel_training(run=run)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert start().training_set == run.training_set
    assert code_of(lambda: services.cancel_training(run=run)) == "not_running"


def test_a_training_stops_when_asked(project, teach, start, monkeypatch):
    teach("Wave", 1)
    run = start()
    record = services.record_curves

    def record_and_cancel(**kwargs):
        record(**kwargs)
        services.cancel_training(run=TrainingRun.objects.get(pk=run.pk))

    monkeypatch.setattr(services, "record_curves", record_and_cancel)
    monkeypatch.setattr("webapp.jobs.work.SECONDS_BETWEEN_REPORTS", 0)
    train(run)
    assert (run.state, run.candidate) == ("cancelled", None)
    assert ClassifierVersion.objects.count() == 1


def test_an_unknown_setting_fails_the_run_and_says_so(project, teach, start):
    teach("Wave", 1)
    run = train(start(config={"depth": 3}))
    job = Job.objects.get(pk=run.job_id)
    assert (run.state, job.error_code) == ("failed", "unknown_setting")
    assert "depth" in job.error_message


def test_features_that_changed_since_the_freeze_are_not_trained_on(project, teach, start):
    [run_of_clip] = teach("Wave", 1)
    run = start()
    path = storage.path_of(PipelineRun.objects.get(pk=run_of_clip.pk).features_file)
    path.write_bytes(path.read_bytes() + b"x")
    train(run)
    assert (run.state, Job.objects.get(pk=run.job_id).error_code) == ("failed", "features_changed")


class Killed(BaseException):
    """As when the process is gone: nothing gets to clean up."""


def expire(run):
    job = Job.objects.get(pk=run.job_id)
    job.lease_expires_at = job.created_at.replace(year=2000)
    job.save()


def test_a_second_message_does_nothing(project, teach, start):
    teach("Wave", 1)
    run = train(start())
    train(run)
    assert ClassifierVersion.objects.count() == 2


def test_a_worker_killed_half_way_leaves_work_that_another_finishes(
    project, teach, start, monkeypatch
):
    teach("Wave", 1)
    run = start()
    fit = gpu.train_head

    def fit_and_die(**kwargs):
        fit(**kwargs)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(gpu, "train_head", fit_and_die)
        tasks.train_head(run.pk, run.job_id)
    assert ClassifierVersion.objects.count() == 1
    expire(run)
    train(run)
    assert (run.state, len(run.curves), run.candidate.number) == ("done", 3, 2)


def test_a_worker_killed_after_registering_leaves_one_candidate(project, teach, start, monkeypatch):
    teach("Wave", 1)
    run = start()
    finish = services.finish_training

    def finish_and_die(**kwargs):
        finish(**kwargs)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(services, "finish_training", finish_and_die)
        tasks.train_head(run.pk, run.job_id)
    expire(run)
    train(run)
    assert (run.state, Job.objects.get(pk=run.job_id).state) == ("done", "done")
    assert ClassifierVersion.objects.count() == 2


def test_the_baseline_is_measured_without_outputs_of_archived_labels(project, teach, start):
    label = factories_runs.label(project, "Jump")
    label.archived = True
    label.save()
    teach("Wave", 1)
    run = train(start())
    assert "Jump" not in run.baseline_metrics["per_class"]
    assert "Jump" not in run.candidate.output_names


def test_a_baseline_with_its_outputs_in_another_order_fails_the_run_and_says_so(
    project, teach, start
):
    teach("Wave", 1)
    run = start()
    first = ClassifierVersion.objects.get(number=1)
    ClassifierVersion.objects.filter(pk=first.pk).update(output_names=first.output_names[::-1])
    train(run)
    assert (run.state, Job.objects.get(pk=run.job_id).error_code) == ("failed", "label_order")
