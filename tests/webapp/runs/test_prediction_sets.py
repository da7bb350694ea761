"""Sets of predictions: written in pieces, kept for the way back, removed when nobody needs them."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.webapp import factories_runs
from webapp.classifiers.models import ClassifierVersion
from webapp.classifiers.services import activate_classifier
from webapp.core import storage
from webapp.core.errors import AppError
from webapp.runs import gpu, library, prediction_sets
from webapp.runs.models import (
    PipelineRun,
    PredictionSet,
    Segment,
    SegmentPrediction,
    SetState,
    VideoPrediction,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(project, label_set):
    factories_runs.shipped(project)
    runs = [factories_runs.analysed(project, seed=i) for i in range(3)]
    factories_runs.analysed(project, ())  # nobody in it
    return runs


@pytest.fixture
def second(project, runs):
    return factories_runs.candidate(project)


def predict(version, on_progress=lambda share: None):
    return library.predict_missing(version=version, on_progress=on_progress)


def spoken(version):
    rows = VideoPrediction.objects.filter(classifier=version)
    return set(rows.values_list("run_id", flat=True))


def set_of(version):
    return PredictionSet.objects.get(classifier=version)


def outputs_for(segments, value):
    return prediction_sets.Outputs(
        segment_ids=np.array([segment.pk for segment in segments]),
        run_ids=np.array([segment.track.run_id for segment in segments]),
        weights=np.array([segment.weight for segment in segments]),
        values=np.array([value] * len(segments), np.float32),
    )


def test_the_shown_set_is_complete_from_the_first_clip_on(runs):
    version = runs[0].main_segment.predictions.get().classifier
    assert (set_of(version).state, prediction_sets.is_ready(version)) == (SetState.COMPLETE, True)


def test_predicting_again_replaces_what_was_said(runs, second):
    segments = Segment.objects.filter(track__run=runs[0])
    for value in ([1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]):
        prediction_sets.store_outputs(classifier=second, outputs=outputs_for(segments, value))
    assert VideoPrediction.objects.get(run=runs[0], classifier=second).label.name == "Run"
    assert SegmentPrediction.objects.get(classifier=second).label.name == "Run"


def test_many_clips_take_as_many_queries_as_one(runs, second):
    segments = list(Segment.objects.select_related("track"))
    taken = []
    for some in (segments[:1], segments[:1], segments):
        outputs = outputs_for(some, [1, 0, 0, 0, 0, 0])
        with CaptureQueriesContext(connection) as queries:
            prediction_sets.store_outputs(classifier=second, outputs=outputs)
        taken.append(len(queries))
    assert taken[1] == taken[2]
    assert VideoPrediction.objects.filter(label__name="Jump", classifier=second).count() == 3


def test_work_that_was_cut_off_goes_on_where_it_was(runs, second, monkeypatch):
    monkeypatch.setattr(library, "ROWS_AT_ONCE", 1)
    told = []

    def stop_after_one(share):
        told.append(share)
        if share > 0:
            raise RuntimeError("cut off")

    with pytest.raises(RuntimeError):
        predict(second, stop_after_one)
    assert len(spoken(second)) == 1
    assert not prediction_sets.is_ready(second)
    assert predict(second) == {run.pk for run in runs} - {min(run.pk for run in runs)}
    assert prediction_sets.complete_set(version=second)
    assert prediction_sets.is_ready(second)


def test_progress_is_told_after_each_piece(runs, second, monkeypatch):
    monkeypatch.setattr(library, "ROWS_AT_ONCE", 1)
    told = []
    predict(second, told.append)
    assert told == [0.0, pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0, 1.0]


def test_a_set_that_lacks_a_clip_is_not_complete(project, runs, second):
    predict(second)
    late = factories_runs.analysed(project, seed=9)
    assert not prediction_sets.complete_set(version=second)
    assert prediction_sets.complete_set(version=second, tried={late.pk})  # nothing to be said
    predict(second)
    assert prediction_sets.complete_set(version=second)
    found = set_of(second)
    assert (found.clips, found.segments, found.feature_version) == (4, 4, gpu.feature_version())


def test_what_was_said_with_other_labels_in_use_is_said_anew(project, runs, second):
    predict(second)
    prediction_sets.complete_set(version=second)
    label = VideoPrediction.objects.filter(classifier=second).first().label
    label.archived = True
    label.save()
    assert not prediction_sets.is_ready(second)
    assert predict(second) == {run.pk for run in runs}
    assert not VideoPrediction.objects.filter(classifier=second, label=label).exists()
    assert prediction_sets.complete_set(version=second)


def test_lost_features_are_described_anew_from_the_skeletons(runs, second):
    storage.path_of(runs[0].features_file).unlink()
    predict(second)
    assert spoken(second) == {run.pk for run in runs}
    assert storage.path_of(PipelineRun.objects.get(pk=runs[0].pk).features_file).exists()


def test_lost_skeletons_are_said_by_the_name_of_the_clip(runs, second):
    for name in (runs[0].features_file, runs[0].poses_file):
        storage.path_of(name).unlink()
    with pytest.raises(AppError, match=runs[0].video.name) as error:
        predict(second)
    assert error.value.code == "skeletons_missing"


def shown_in_turn(project, count):
    """Versions that were shown one after the other, the last one still is."""
    others = [factories_runs.candidate(project) for _ in range(count - 1)]
    for version in others:
        predict(version)
        prediction_sets.complete_set(version=version)
        prediction_sets.note_not_shown(activate_classifier(version=version))
    return [ClassifierVersion.objects.get(project=project, number=1), *others]


def make_older(versions):
    """As if an hour and more had gone by since each was needed."""
    for number, version in enumerate(versions):
        found = set_of(version)
        found.last_needed_at -= prediction_sets.GRACE + timedelta(minutes=60 - number)
        found.save()


def test_the_active_set_and_the_last_two_before_it_are_kept(project, runs):
    versions = shown_in_turn(project, 5)
    make_older(versions)
    prediction_sets.remove_old_sets()
    assert [bool(spoken(version)) for version in versions] == [False, False, True, True, True]
    rows = SegmentPrediction.objects.filter(classifier__in=versions[:2])
    assert not rows.exists()
    assert not PredictionSet.objects.filter(classifier__in=versions[:2]).exists()


def test_nothing_is_removed_within_the_hour(project, runs):
    versions = shown_in_turn(project, 5)
    assert prediction_sets.remove_old_sets() == 0
    assert all(spoken(version) for version in versions)


def test_a_set_that_is_needed_again_meanwhile_is_left(project, runs, monkeypatch):
    versions = shown_in_turn(project, 5)
    make_older(versions)
    old = prediction_sets._old_sets()
    prediction_sets.open_set(version=versions[0])
    assert [prediction_sets._remove_set(found) for found in old] == [True, False]
    assert spoken(versions[0])
