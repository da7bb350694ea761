"""Every clip's predictions name what made them; and a list of clips can be asked for by ids."""

import pytest

from tests.webapp import factories, factories_runs
from webapp.classifiers.models import ClassifierVersion
from webapp.runs.models import PipelineRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(project, label_set):
    factories_runs.shipped(project)
    return factories_runs.analysed(project)


@pytest.fixture
def tracks(client_of, viewer, run):
    return lambda: client_of(viewer).get(f"/api/videos/{run.video_id}/tracks/").json()


def test_predictions_name_classifier_training_set_and_pose_weights(project, run, tracks):
    version = ClassifierVersion.objects.get(project=project)
    ClassifierVersion.objects.filter(pk=version.pk).update(training_set_hash="5e" * 32)
    PipelineRun.objects.filter(pk=run.pk).update(pose_sha256="ab" * 32, pose_every=2)
    assert tracks()["provenance"] == {
        "classifier": 1,
        "classifier_sha256": version.weights_sha256,
        "training_set": "5e" * 32,
        "pose_version": None,
        "pose_sha256": "ab" * 32,
        "pose_every": 2,
        "feature_version": run.feature_version,
    }


def test_without_an_active_version_there_is_no_classifier_to_name(project, tracks):
    ClassifierVersion.objects.filter(project=project).update(state="retired")
    named = tracks()["provenance"]
    assert (named["classifier"], named["classifier_sha256"], named["training_set"]) == (
        None,
        "",
        "",
    )


def test_a_clip_without_results_has_no_provenance(client_of, viewer, project):
    video = factories.video(project)
    assert client_of(viewer).get(f"/api/videos/{video.pk}/tracks/").json()["provenance"] is None


def test_the_library_lists_chosen_clips(client_of, viewer, project):
    first, second, _ = (factories.video(project) for _ in range(3))
    other = factories.video(factories.project("Elsewhere"))
    address = f"/api/projects/{project.pk}/videos/?ids="
    client = client_of(viewer)
    asked = client.get(f"{address}{first.pk},{second.pk},{other.pk}").json()
    assert {card["id"] for card in asked["results"]} == {first.pk, second.pk}
    assert client.get(f"{address}{first.pk}&q=nothing-like-it").json()["count"] == 0
    assert client.get(f"{address}three").status_code == 400
    assert client.get(f"{address}{10**20}").status_code == 400
