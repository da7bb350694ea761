"""The order in which clips are put before people."""

import pytest

from tests.webapp import factories_runs
from webapp.reviews.selectors import next_in_queue, review_queue
from webapp.videos.models import Video

pytestmark = pytest.mark.django_db


def sure(probability):
    rest = (1 - probability) / 5
    return [[probability] + [rest] * 5]


@pytest.fixture
def runs(project, label_set):
    """Clips of which the classifier is 90, 30, 60 and 60 per cent sure."""
    factories_runs.shipped(project)
    return [factories_runs.analysed(project, outputs=sure(p)) for p in (0.9, 0.3, 0.6, 0.6)]


def queue(project):
    return [row.run.video for row in review_queue(project.pk)]


def test_the_least_certain_come_first_then_the_oldest(project, runs):
    a, b, c, d = (run.video for run in runs)
    assert queue(project) == [b, c, d, a]


def test_judged_clips_leave(project, runs, reviewer):
    factories_runs.correct(runs[1], "Jump", reviewer)
    assert runs[1].video not in queue(project)


def test_clips_without_people_and_clips_at_work_are_not_in_it(project, runs):
    factories_runs.analysed(project, ())
    Video.objects.filter(pk=runs[0].video_id).update(state="analysing")
    assert len(queue(project)) == 3


def test_judging_another_segment_does_not_count(project, label_set, reviewer):
    factories_runs.shipped(project)
    run = factories_runs.analysed(project, (((0, 10), (10, 30)),), outputs=sure(0.5) * 2)
    other = run.tracks.get().segments.first()
    factories_runs.correct(run, "Jump", reviewer, other)
    assert queue(project) == [run.video]


def test_next_goes_on_from_a_clip_that_was_judged(project, runs, reviewer):
    _, b, c, d = (run.video for run in runs)
    factories_runs.correct(runs[2], "Jump", reviewer)
    assert next_in_queue(project.pk, c.pk) == d
    assert next_in_queue(project.pk) == b


def test_next_goes_on_from_a_clip_that_was_skipped_and_round_again(project, runs):
    a, b, c, d = (run.video for run in runs)
    order = [next_in_queue(project.pk, video.pk) for video in (b, c, d, a)]
    assert order == [c, d, a, b]


def test_the_last_clip_has_no_next(project, runs, reviewer):
    for run in runs[1:]:
        factories_runs.correct(run, "Jump", reviewer)
    assert next_in_queue(project.pk, runs[0].video_id) is None
    assert next_in_queue(project.pk, 0) == runs[0].video
