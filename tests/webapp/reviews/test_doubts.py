"""Likely mistakes among what people have judged."""

import numpy as np
import pytest

from tests.webapp import factories, factories_runs
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.selectors import active_classifier
from webapp.core import storage
from webapp.reviews import doubts

SURE = {"Jump": [[0.9, 0.1, 0, 0, 0, 0]], "Run": [[0.1, 0.9, 0, 0, 0, 0]]}


@pytest.fixture(autouse=True)
def _no_base_set(settings, tmp_path):
    settings.BASE_FEATURES = tmp_path / "none.npz"


@pytest.fixture
def clips(project, label_set, reviewer):
    """Six clips that jump and six that run, by features and by prediction; all judged so."""
    factories_runs.shipped(project)
    made = {}
    for name, place in (("Jump", 3.0), ("Run", -3.0)):
        for number in range(6):
            video = factories.video(project, f"{name} {number}")
            run = factories_runs.analysed(project, video=video, outputs=SURE[name])
            describe_as(run, place, number)
            factories_runs.correct(run, name, reviewer)
            made[name, number] = run
    return made


def describe_as(run, place, seed):
    rng = np.random.default_rng(seed)
    name = f"features/own/{run.pk}.npz"
    path = storage.path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    features = (rng.normal(size=(1, 20)) + place).astype(np.float32)
    np.savez(path, features=features, feature_version=np.array(run.feature_version))
    type(run).objects.filter(pk=run.pk).update(features_file=name)


def found(project):
    version = active_classifier(project.pk)
    listed = doubts.doubts_of(project.pk, version)
    return doubts.doubts_in_words(listed, project.pk, version)


def test_right_labels_are_not_doubted(project, clips):
    assert found(project) == []


def test_a_wrong_label_is_found_by_the_other_clips(project, clips, reviewer):
    factories_runs.correct(clips["Jump", 2], "Run", reviewer)
    [doubt] = found(project)
    assert (doubt["name"], doubt["source"]) == ("Jump 2", "out_of_fold")
    assert (doubt["given"]["name"], doubt["looks_like"]["name"]) == ("Run", "Jump")
    assert doubt["looks_like_probability"] > doubt["given_probability"]
    assert doubt["author"] == "reviewer"
    assert doubt["why"].startswith("Going by all other labelled clips: Jump")


def test_a_label_that_was_looked_at_twice_is_doubted_no_more(project, clips, reviewer, admin):
    factories_runs.correct(clips["Jump", 2], "Run", reviewer)
    assert len(found(project)) == 1
    factories_runs.correct(clips["Jump", 2], "Run", admin)
    assert found(project) == []


def test_with_few_clips_the_active_version_speaks(project, label_set, reviewer):
    factories_runs.shipped(project)
    for name in ("Jump", "Run"):
        run = factories_runs.analysed(project, outputs=SURE[name])
        factories_runs.correct(run, name, reviewer)
    wrong = factories_runs.analysed(project, outputs=SURE["Run"])
    factories_runs.correct(wrong, "Jump", reviewer)
    [doubt] = found(project)
    assert (doubt["video"], doubt["source"]) == (wrong.video_id, "active")


def test_a_version_does_not_judge_what_it_may_have_learnt(project, label_set, reviewer):
    factories_runs.shipped(project)
    for name, outputs in (("Jump", SURE["Jump"]), ("Run", SURE["Run"]), ("Jump", SURE["Run"])):
        run = factories_runs.analysed(project, outputs=outputs)
        factories_runs.correct(run, name, reviewer)
    assert len(found(project)) == 1
    ClassifierVersion.objects.update(created_at="2100-01-01T00:00Z")
    doubts.cache.clear()
    assert found(project) == []


def test_nothing_judged_nothing_doubted(project, label_set):
    factories_runs.shipped(project)
    factories_runs.analysed(project)
    assert found(project) == []
