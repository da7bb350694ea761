"""What an installation said before there were sets stays shown, and can be found again."""

from importlib import import_module

import pytest
from django.apps import apps

from tests.webapp import factories_runs
from webapp.classifiers.services import activate_classifier
from webapp.runs import library, prediction_sets
from webapp.runs.models import PipelineRun, PredictionSet, SegmentPrediction, VideoPrediction
from webapp.runs.selectors import current_runs

pytestmark = pytest.mark.django_db

migration = import_module("webapp.runs.migrations.0006_prediction_sets")


def test_current_runs_are_marked_and_versions_that_spoke_get_sets(project, label_set):
    factories_runs.shipped(project)
    older = factories_runs.analysed(project)
    newer = factories_runs.analysed(project, video=older.video)
    second = factories_runs.candidate(project)
    silent = factories_runs.candidate(project)
    library.predict_missing(version=second, on_progress=lambda share: None)
    first = activate_classifier(version=second)
    said = sorted(VideoPrediction.objects.values_list("run", "classifier", "probability"))
    PredictionSet.objects.all().delete()
    PipelineRun.objects.update(is_current=False)

    migration.mark_current_runs(apps, None)
    migration.give_sets(apps, None)

    assert list(current_runs(project.pk)) == [newer]
    assert sorted(VideoPrediction.objects.values_list("run", "classifier", "probability")) == said
    assert SegmentPrediction.objects.filter(classifier=first).count() == 2
    sets = {row.classifier_id: row.state for row in PredictionSet.objects.all()}
    assert sets == {first.pk: "building", second.pk: "complete"}
    assert silent.pk not in sets
    assert prediction_sets.is_ready(second)
    assert not prediction_sets.is_ready(first)  # with which labels in use is not known any more
