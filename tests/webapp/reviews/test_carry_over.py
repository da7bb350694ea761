"""Corrections when a clip is analysed anew."""

import pytest

from tests.webapp import factories_runs
from webapp.reviews.carry_over import Match, best_matches, time_overlap
from webapp.reviews.models import Correction
from webapp.reviews.selectors import newest_corrections
from webapp.runs.models import Segment

pytestmark = pytest.mark.django_db

HALVES = (((0, 15), (15, 30)),)


@pytest.fixture
def project(project, label_set):
    factories_runs.shipped(project)
    return project


def again(run, spans, **made):
    return factories_runs.analysed(
        run.video.project, spans, video=run.video, fingerprint="other", **made
    )


def test_a_correction_goes_along_by_the_same_author(project, reviewer):
    run = factories_runs.analysed(project, HALVES)
    first = Segment.objects.filter(track__run=run).first()
    factories_runs.correct(run, "Wave", reviewer, first)
    factories_runs.correct(run, "Drink", reviewer, first)
    new = again(run, (((1, 16), (16, 30)),))
    [row] = newest_corrections(segment__track__run=new).values()
    assert (row.label.name, row.author, row.segment.start_frame) == ("Drink", reviewer, 1)
    assert row.note == f"carried over from run {run.pk}"
    assert (row.segment.version, row.segment_version) == (1, 1)
    assert new.carried_over == {"from_run": run.pk, "carried": 1, "unmatched": 0}
    assert Correction.objects.filter(segment=first).count() == 2  # nothing old is touched


@pytest.mark.parametrize(
    ("spans", "made"),
    [
        ((((0, 30),),), {"shift": 40}),  # somebody else, elsewhere in the picture
        ((((20, 30),),), {}),  # another time
        ((), {}),  # nobody any more
    ],
)
def test_what_matches_nothing_stays_in_the_history(project, reviewer, spans, made):
    run = factories_runs.analysed(project, HALVES)
    first = Segment.objects.filter(track__run=run).first()
    factories_runs.correct(run, "Wave", reviewer, first)
    new = again(run, spans, **made)
    assert new.carried_over == {"from_run": run.pk, "carried": 0, "unmatched": 1}
    assert Correction.objects.get().segment == first


def test_a_run_after_that_carries_on(project, reviewer):
    run = factories_runs.analysed(project)
    factories_runs.correct(run, "Wave", reviewer)
    second = again(run, (((0, 30),),))
    third = again(run, (((0, 29),),))
    notes = Correction.objects.order_by("pk").values_list("note", flat=True)
    assert list(notes) == [
        "",
        f"carried over from run {run.pk}",
        f"carried over from run {second.pk}",
    ]
    assert third.carried_over["carried"] == 1


def test_without_corrections_nothing_is_noted(project):
    run = factories_runs.analysed(project)
    assert again(run, HALVES).carried_over == {}


def test_the_best_pairs_win_and_each_segment_counts_once():
    a, b = Segment(pk=1), Segment(pk=2)
    x, y = Segment(pk=3), Segment(pk=4)
    matches = best_matches([Match(a, x, 0.6), Match(b, x, 0.9), Match(b, y, 0.8)])
    assert [(m.old.pk, m.new.pk) for m in matches] == [(2, 3)]


@pytest.mark.parametrize(
    ("a", "b", "overlap"), [((0, 10), (0, 10), 1), ((0, 10), (5, 15), 1 / 3), ((0, 5), (5, 9), 0)]
)
def test_overlap_in_time_is_of_half_open_ranges(a, b, overlap):
    first, second = (Segment(start_frame=s, end_frame=e) for s, e in (a, b))
    assert time_overlap(first, second) == pytest.approx(overlap)
