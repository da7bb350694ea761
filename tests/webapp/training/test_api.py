"""Training over HTTP: who may do what, and what the pages are told."""

import pytest

from tests.webapp import factories_runs
from tests.webapp.training.conftest import QUICK
from webapp.training import promotions, services, tasks

pytestmark = pytest.mark.django_db

READERS = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}


def only_admins(status):
    return {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 403, "admin": status}


@pytest.fixture
def run(project, teach, admin):
    """A training that waits."""
    teach("Wave", 1)
    return services.start_training(project=project, by=admin, config=QUICK)


@pytest.fixture
def trained(run):
    tasks.train_head(run.pk, run.job_id)
    run.refresh_from_db()
    return run


@pytest.fixture
def state(client_of, viewer, project):
    return lambda: client_of(viewer).get(f"/api/projects/{project.pk}/training/").json()


def test_every_member_may_look(statuses, project, run, admin):
    version = factories_runs.candidate(project)
    promotion = promotions.start_promotion(version=version, by=admin)
    for address in (
        f"/api/projects/{project.pk}/label-set/",
        f"/api/projects/{project.pk}/training/",
        f"/api/projects/{project.pk}/training-runs/",
        f"/api/projects/{project.pk}/promotions/",
        f"/api/training-runs/{run.pk}/",
        f"/api/promotions/{promotion.pk}/",
    ):
        answers = statuses(lambda client, address=address: client.get(address))
        assert (address, answers) == (address, READERS)


def test_admins_train(statuses, project, teach):
    teach("Wave", 1)
    address = f"/api/projects/{project.pk}/training-runs/"
    assert statuses(lambda client: client.post(address)) == only_admins(202)


def test_admins_cancel_trainings(statuses, run):
    address = f"/api/training-runs/{run.pk}/cancellation/"
    assert statuses(lambda client: client.post(address)) == only_admins(202)
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_admins_promote(statuses, project):
    version = factories_runs.candidate(project)
    address = f"/api/classifiers/{version.pk}/promotion/"
    assert statuses(lambda client: client.post(address)) == only_admins(202)


def test_admins_discard(statuses, project):
    version = factories_runs.candidate(project)
    address = f"/api/classifiers/{version.pk}/discarding/"
    assert statuses(lambda client: client.post(address)) == only_admins(200)


@pytest.mark.parametrize("seed", [-1, "many", 2**31])
def test_a_seed_is_a_small_number(client_of, admin, project, teach, seed):
    teach("Wave", 1)
    address = f"/api/projects/{project.pk}/training-runs/"
    assert client_of(admin).post(address, {"seed": seed}).status_code == 400


def test_a_refusal_says_why(client_of, admin, project):
    response = client_of(admin).post(f"/api/projects/{project.pk}/training-runs/")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "no_corrections")


def test_a_training_run_shows_curves_and_both_figures(client_of, viewer, trained):
    body = client_of(viewer).get(f"/api/training-runs/{trained.pk}/").json()
    assert [point["epoch"] for point in body["curves"]] == [1, 2, 3]
    assert (body["candidate"]["number"], body["baseline"]["number"]) == (2, 1)
    assert body["metrics"]["count"] == body["baseline_metrics"]["count"]
    assert body["training_set"]["content_hash"] == trained.training_set.content_hash
    assert (body["job"]["state"], body["created_by"]) == ("done", "admin")


def test_the_state_tells_what_is_new(state, project, teach, admin):
    assert (state()["can_train"], state()["reason_code"]) == (False, "no_corrections")
    teach("Wave", 2)
    now = state()
    assert (now["can_train"], now["new_corrections"], now["corrected_segments"]) == (True, 2, 2)
    assert now["active"]["number"] == 1
    wave = next(row for row in now["labels"] if row["label"]["name"] == "Wave")
    assert (wave["base_examples"], wave["corrected_examples"], wave["known_to_model"]) == (
        0,
        2,
        False,
    )


def test_the_state_follows_a_training_until_its_version_is_active(state, project, teach, admin):
    teach("Wave", 1)
    run = services.start_training(project=project, by=admin)
    assert (state()["reason_code"], state()["running"]["id"]) == ("already_training", run.pk)
    services.TrainingRun.objects.filter(pk=run.pk).update(config=QUICK)
    tasks.train_head(run.pk, run.job_id)
    services.TrainingRun.objects.filter(pk=run.pk).update(config={})
    assert (state()["running"], state()["latest"]["id"]) == (None, run.pk)
    assert (state()["can_train"], state()["reason_code"]) == (False, "nothing_new")
    assert state()["new_corrections"] == 1
    run.refresh_from_db()
    promotion = promotions.start_promotion(version=run.candidate, by=admin)
    tasks.promote_classifier(promotion.pk, promotion.job_id)
    assert (state()["active"]["number"], state()["new_corrections"]) == (2, 0)
    wave = next(row for row in state()["labels"] if row["label"]["name"] == "Wave")
    assert wave["known_to_model"] is True


def test_the_label_set_tells_what_the_model_knows(client_of, viewer, project, teach):
    teach("Wave", 1)
    body = client_of(viewer).get(f"/api/projects/{project.pk}/label-set/").json()
    labels = {row["name"]: row for row in body["labels"]}
    assert list(labels)[:3] == ["Drink", "Jump", "Pick"]
    assert (labels["Wave"]["examples"], labels["Wave"]["known_to_model"]) == (1, False)
    assert (labels["Drink"]["examples"], labels["Jump"]["known_to_model"]) == (0, True)
    assert labels["Jump"]["examples"] >= 25
    assert (labels["Drink"]["hotkey"], body["version"]) == ("1", 1)


def test_a_project_without_labels_has_an_empty_set(client_of, superuser):
    project = factories_runs.factories.project("Bare")
    client = client_of(superuser)
    body = client.get(f"/api/projects/{project.pk}/label-set/").json()
    assert body == {"version": 0, "overlap": "per_person", "labels": []}
    assert client.get(f"/api/projects/{project.pk}/training/").json()["active"] is None


def test_the_audit_tells_who_made_what_active(client_of, viewer, admin, project):
    version = factories_runs.candidate(project)
    promotion = promotions.start_promotion(version=version, by=admin)
    tasks.promote_classifier(promotion.pk, promotion.job_id)
    [row] = client_of(viewer).get(f"/api/projects/{project.pk}/promotions/").json()["results"]
    assert (row["created_by"], row["is_rollback"], row["state"]) == ("admin", False, "done")
    assert (row["from_version"]["number"], row["to_version"]["number"]) == (1, 2)


def test_lists_take_as_many_queries_for_many(
    client_of, viewer, admin, project, teach, django_assert_max_num_queries
):
    teach("Wave", 1)
    for seed in range(4):
        run = services.start_training(project=project, by=admin, seed=seed)
        services.cancel_training(run=run)
        version = factories_runs.candidate(project)
        promotion = promotions.start_promotion(version=version, by=admin)
        tasks.promote_classifier(promotion.pk, promotion.job_id)
    client = client_of(viewer)
    for name in ("training-runs", "promotions"):
        with django_assert_max_num_queries(5):
            assert client.get(f"/api/projects/{project.pk}/{name}/").json()["count"] == 4


def test_the_state_takes_as_many_queries_for_many(
    client_of, viewer, project, teach, django_assert_max_num_queries
):
    teach("Wave", 8)
    client = client_of(viewer)
    with django_assert_max_num_queries(20):
        client.get(f"/api/projects/{project.pk}/training/")
