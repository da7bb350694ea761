"""After an update that describes skeletons in another way, old versions are retrained."""

import pytest

from tests.webapp import factories_runs
from tests.webapp.training.conftest import QUICK
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core.errors import Refused
from webapp.runs import gpu
from webapp.runs.models import PipelineRun
from webapp.training import promotions, selectors, services, tasks

pytestmark = pytest.mark.django_db


def grow_old():
    """As if all that is stored came from a former version of the product."""
    ClassifierVersion.objects.update(feature_version="older")
    PipelineRun.objects.update(feature_version="older", features_file="features/gone.npz")


@pytest.fixture
def start(project, admin):
    return lambda: services.start_training(project=project, by=admin, config=QUICK)


def train(run):
    tasks.train_head(run.pk, run.job_id)
    run.refresh_from_db()
    return run


def test_the_training_page_says_so(project):
    assert selectors.training_state(project)["notice"] == ""
    grow_old()
    state = selectors.training_state(project)
    assert "Version 1 reads an older description" in state["notice"]
    assert state["can_train"]


def test_corrected_clips_are_described_anew_and_learned_from(project, teach, start):
    runs = teach("Wave", 2)
    grow_old()
    run = train(start())
    assert (run.state, run.job.error_message) == ("done", "")
    assert run.training_set.summary["skipped"] == 0
    assert "Wave" in run.candidate.output_names
    assert run.candidate.feature_version == gpu.feature_version()
    runs[0].refresh_from_db()
    assert runs[0].feature_version == gpu.feature_version()


def test_an_older_version_is_no_baseline(project, teach, start):
    teach("Wave", 1)
    grow_old()
    assert train(start()).baseline_metrics == {}


def test_the_base_set_alone_is_worth_one_training(project, start):
    grow_old()
    run = train(start())
    assert run.state == "done"
    state = selectors.training_state(project)
    assert services.already_trained(training_set=run.training_set, seed=0, config=QUICK) == run
    assert state["running"] is None


def test_the_new_version_speaks_of_every_clip_once_promoted(project, teach, start, admin):
    runs = [*teach("Wave", 1), factories_runs.analysed(project, seed=9)]
    grow_old()
    candidate = train(start()).candidate
    promotion = promotions.start_promotion(version=candidate, by=admin)
    tasks.promote_classifier(promotion.pk, promotion.job_id)
    assert active_classifier(project.pk) == candidate
    assert all(run.predictions.filter(classifier=candidate).exists() for run in runs)


def test_there_is_no_way_back_to_it(project, admin):
    older = factories_runs.candidate(project, feature_version="older")
    with pytest.raises(Refused) as refusal:
        promotions.start_promotion(version=older, by=admin)
    assert refusal.value.code == "outdated_features"
    assert "'older'" in refusal.value.message
