"""A version is trained again from its record, and the record says whether the same came out."""

import pytest

from tests.webapp.training.conftest import QUICK
from webapp.classifiers.models import ClassifierVersion
from webapp.core import storage
from webapp.core.errors import Conflict
from webapp.jobs.models import Job
from webapp.runs.models import PipelineRun
from webapp.training import base, rebuilds, services, tasks
from webapp.training.models import TrainingRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def clips(teach):
    return teach("Wave", 5)


@pytest.fixture
def run(project, clips, admin):
    run = services.start_training(project=project, by=admin, config=QUICK)
    tasks.train_head(run.pk, run.job_id)
    run.refresh_from_db()
    return run


def rebuild(run, by):
    rebuilds.start_rebuild(run=run, by=by)
    tasks.rebuild_version(run.pk, run.rebuilt["job"])
    run.refresh_from_db()
    return run.rebuilt


def test_the_record_gives_the_same_figures_and_weights(run, admin):
    outcome = rebuild(run, admin)
    assert (outcome["state"], outcome["same"], outcome["differences"]) == ("done", True, [])
    assert (outcome["by"], ClassifierVersion.objects.count()) == ("admin", 2)


def test_later_judgements_and_labels_do_not_change_the_record(run, admin, project, teach, clips):
    teach("Drink", 3)
    project.label_set.labels.filter(name="Wave").update(name="Greet")
    assert rebuild(run, admin)["same"] is True


def test_another_base_set_of_a_later_installation_does_not_either(run, admin, settings, tmp_path):
    other = tmp_path / "base.npz"
    other.write_bytes(base.base_path().read_bytes() + b"x")
    settings.BASE_FEATURES = other
    assert rebuild(run, admin)["same"] is True


def test_the_settings_in_force_are_part_of_the_record(run, admin):
    assert run.record["config"]["epochs"] == 3
    assert run.record["config"]["dropout"] > 0  # a default, written down too
    TrainingRun.objects.filter(pk=run.pk).update(record={"config": QUICK | {"epochs": 2}})
    outcome = rebuild(run, admin)
    assert (outcome["state"], outcome["same"]) == ("done", False)
    assert "weights" in outcome["differences"]


def test_features_that_changed_break_the_rebuild_off_and_say_so(run, admin, clips):
    path = storage.path_of(PipelineRun.objects.get(pk=clips[0].pk).features_file)
    path.write_bytes(path.read_bytes() + b"x")
    outcome = rebuild(run, admin)
    assert outcome["state"] == "failed"
    assert "not what it was" in outcome["message"]


def test_one_rebuild_at_a_time_and_only_of_what_was_trained(run, admin, project, teach):
    rebuilds.start_rebuild(run=run, by=admin)
    with pytest.raises(Conflict) as refusal:
        rebuilds.start_rebuild(run=run, by=admin)
    assert refusal.value.code == "already_rebuilding"
    teach("Wave", 1)
    waiting = services.start_training(project=project, by=admin)
    with pytest.raises(Conflict) as refusal:
        rebuilds.start_rebuild(run=waiting, by=admin)
    assert refusal.value.code == "not_trained"


def test_open_pages_are_told_of_the_outcome(run, admin, monkeypatch):
    told = []
    monkeypatch.setattr(
        rebuilds.events, "publish", lambda project_id, kind, **what: told.append((kind, what))
    )
    rebuild(run, admin)
    news = [what for kind, what in told if kind == "training"]
    assert [what["news"] for what in news] == ["rebuilt"] * 3  # queued, running, done
    assert {what["id"] for what in news} == {run.pk}


def test_twice_the_same_message_does_no_harm(run, admin):
    outcome = rebuild(run, admin)
    tasks.rebuild_version(run.pk, run.rebuilt["job"])
    run.refresh_from_db()
    assert run.rebuilt == outcome
    assert Job.objects.get(pk=outcome["job"]).state == "done"


def test_admins_rebuild(statuses, run):
    address = f"/api/training-runs/{run.pk}/rebuild/"
    assert statuses(lambda client: client.post(address)) == {
        "anonymous": 401,
        "outsider": 404,
        "viewer": 403,
        "reviewer": 403,
        "admin": 202,
    }
