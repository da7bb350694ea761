"""Suggestions: what is nearly the same is offered the label, and people decide."""

import numpy as np
import pytest

from tests.webapp import factories, factories_runs
from webapp.core.errors import Refused, Stale
from webapp.labels.services import create_arid_labels
from webapp.reviews import likeness, selectors
from webapp.reviews.models import Correction, Sketch

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(project, label_set):
    """A clip, its twin with a hair's difference, and one that is unlike both."""
    factories_runs.shipped(project)
    return [
        factories_runs.analysed(project),
        factories_runs.analysed(project, shift=0.5),
        factories_runs.analysed(project, seed=9),
    ]


def suggested(project, **asked):
    found = likeness.suggestions_of(project.pk, **asked)
    return [(one.segment, one.like, one.label) for one in found]


def test_a_correction_is_suggested_for_its_twin_and_not_applied(project, runs, reviewer):
    first, twin, _ = (run.main_segment_id for run in runs)
    factories_runs.correct(runs[0], "Wave", reviewer)
    wave = factories_runs.label(project, "Wave").pk
    assert suggested(project) == suggested(project, like=first) == [(twin, first, wave)]
    state = selectors.segment_state(factories_runs.main_segment(runs[1]))
    assert state["current"]["source"] == "prediction"
    assert Correction.objects.count() == 1


def test_judged_segments_are_not_suggested_anything(project, runs, reviewer):
    factories_runs.correct(runs[0], "Wave", reviewer)
    factories_runs.correct(runs[1], "Jump", reviewer)
    assert suggested(project) == []


def test_the_distance_is_that_of_the_whole_features(project, runs, reviewer):
    """A sketch that says twin is not believed where the features say otherwise."""
    factories_runs.correct(runs[0], "Wave", reviewer)
    twin = Sketch.objects.get(segment=runs[0].main_segment_id).numbers
    Sketch.objects.filter(segment=runs[2].main_segment_id).update(numbers=bytes(twin))
    [one] = likeness.suggestions_of(project.pk)
    assert one.segment == runs[1].main_segment_id
    assert 0 <= one.distance <= likeness.NEAR


def test_accepting_is_a_correction_like_any_other(project, runs, reviewer, admin):
    source = factories_runs.correct(runs[0], "Wave", reviewer)
    twin = factories_runs.main_segment(runs[1])
    with pytest.raises(Stale):
        likeness.accept_suggestion(segment=twin, source=source, by=admin, expected_version=3)
    row = likeness.accept_suggestion(segment=twin, source=source, by=admin, expected_version=0)
    assert (row.label.name, row.author, row.segment_version) == ("Wave", admin, 1)
    assert row.note == f"like segment {source.segment_id}"
    assert suggested(project) == []


def test_dismissed_ones_do_not_come_back(project, runs, reviewer):
    source = factories_runs.correct(runs[0], "Wave", reviewer)
    twin = factories_runs.main_segment(runs[1])
    for _ in range(2):
        likeness.dismiss_suggestion(segment=twin, source=source, by=reviewer)
    assert suggested(project) == []
    factories_runs.correct(runs[0], "Sit", reviewer)
    assert [label for _, _, label in suggested(project)] == [
        factories_runs.label(project, "Sit").pk
    ]


def test_a_label_that_was_taken_back_suggests_nothing(project, runs, reviewer):
    row = factories_runs.correct(runs[0], "Wave", reviewer)
    segment = factories_runs.main_segment(runs[0])
    segment.version += 1
    segment.save()
    row.pk, row.kind, row.segment_version = None, "undo", 2
    row.save(force_insert=True)
    assert suggested(project) == []


def test_corrections_of_other_projects_are_refused(project, runs, reviewer):
    elsewhere = factories.project("Far")
    create_arid_labels(elsewhere)
    factories_runs.shipped(elsewhere)
    source = factories_runs.correct(factories_runs.analysed(elsewhere), "Wave", reviewer)
    segment = factories_runs.main_segment(runs[0])
    with pytest.raises(Refused):
        likeness.dismiss_suggestion(segment=segment, source=source, by=reviewer)
    assert suggested(project) == []


def test_sketches_are_made_as_runs_are_stored_and_again_for_other_features(project, runs):
    sketch = Sketch.objects.get(segment=runs[0].main_segment_id)
    assert sketch.features_file == runs[0].features_file
    Sketch.objects.filter(pk=sketch.pk).update(features_file="old", numbers=b"\0" * 128)
    Sketch.objects.filter(segment=runs[1].main_segment_id).delete()
    likeness.sketch_missing(run_ids=likeness.shown_runs(project.pk))
    assert Sketch.objects.count() == 3
    before, after = (
        np.frombuffer(bytes(row.numbers), "<f2")
        for row in (sketch, Sketch.objects.get(pk=sketch.pk))
    )
    assert after.astype(float) == pytest.approx(before.astype(float), abs=0.01)


def test_near_pairs_are_those_within_the_distance_nearest_first():
    anchors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0]], np.float32)
    rows = np.array([[1, 0.3, 0], [0, 2, 0.1], [1, 1, 1], [0, 0, 0]], np.float32)
    assert likeness.near_pairs(rows, anchors, 0.1) == [(1, 1), (0, 0)]
    assert likeness.near_pairs(rows, anchors[:0], 0.1) == []
