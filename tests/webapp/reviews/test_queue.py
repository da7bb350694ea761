"""The order in which segments are put before people, and where it goes on."""

import numpy as np
import pytest

from tests.webapp import factories, factories_runs
from tests.webapp.reviews.editing import Editor, segment
from webapp.classifiers.selectors import active_classifier
from webapp.classifiers.services import activate_classifier
from webapp.reviews import queue as queues
from webapp.runs import prediction_sets
from webapp.videos.models import Video

pytestmark = pytest.mark.django_db

SWAYING = (((0, 10), (10, 30)),)


def sure(probability):
    rest = (1 - probability) / 5
    return [[probability] + [rest] * 5]


@pytest.fixture
def runs(project, label_set):
    """Clips of which the classifier is 90, 30, 60 and 60 per cent sure."""
    factories_runs.shipped(project)
    return [factories_runs.analysed(project, outputs=sure(p)) for p in (0.9, 0.3, 0.6, 0.6)]


def asked(project, kind="entropy", **how):
    return queues.review_queue(
        project.pk, classifier=active_classifier(project.pk), kind=kind, **how
    )


def left(project, kind="entropy", **how):
    """Ids of the videos, in order."""
    queue = asked(project, kind, **how)
    return [int(queue.videos[at]) for at in queues.places_left(queue, start=0, count=100)]


def ids(*runs):
    return [run.video_id for run in runs]


def say(version, runs, values):
    """Let a version say this of the main segments."""
    segments = [factories_runs.main_segment(run) for run in runs]
    outputs = prediction_sets.Outputs(
        segment_ids=np.array([segment.pk for segment in segments]),
        run_ids=np.array([run.pk for run in runs]),
        weights=np.array([segment.weight for segment in segments]),
        values=np.array(values, np.float32),
    )
    prediction_sets.store_outputs(classifier=version, outputs=outputs)


def next_video(project, **after):
    queue = asked(project)
    return queues.video_of(queue, queues.following(queue, **after))


def test_the_least_certain_come_first_then_the_oldest(project, runs):
    a, b, c, d = runs
    assert left(project) == left(project, "margin") == ids(b, c, d, a)


def test_by_age_the_oldest_come_first(project, runs):
    Video.objects.filter(pk=runs[2].video_id).update(created_at="2020-01-01T00:00Z")
    assert left(project, "age")[0] == runs[2].video_id


def test_judged_segments_leave(project, runs, reviewer):
    factories_runs.correct(runs[1], "Jump", reviewer)
    assert runs[1].video_id not in left(project)
    assert asked(project).remaining == 3


def test_clips_without_people_and_clips_at_work_are_not_in_it(project, runs):
    factories_runs.analysed(project, ())
    Video.objects.filter(pk=runs[0].video_id).update(state="analysing")
    assert len(left(project)) == 3


def test_all_windows_of_the_main_person_are_in_it(project, label_set, reviewer):
    factories_runs.shipped(project)
    run = factories_runs.analysed(project, SWAYING, outputs=sure(0.5) * 2)
    first = run.tracks.get().segments.first()
    assert asked(project).remaining == 2
    factories_runs.correct(run, "Jump", reviewer, first)
    assert asked(project).segments.tolist()[0] == first.pk
    assert asked(project).remaining == 1


def test_people_in_the_background_are_in_it_when_asked_for(project, label_set):
    factories_runs.shipped(project)
    factories_runs.analysed(project, (((0, 30),), ((0, 10),)))
    assert asked(project).remaining == 1
    assert asked(project, who="everyone").remaining == 2


def test_next_goes_on_from_a_clip_that_was_judged(project, runs, reviewer):
    _, b, c, d = runs
    factories_runs.correct(c, "Jump", reviewer)
    assert next_video(project, video=c.video_id) == d.video_id
    assert next_video(project) == b.video_id


def test_next_goes_on_from_a_clip_that_was_skipped_and_round_again(project, runs):
    a, b, c, d = runs
    order = [next_video(project, video=run.video_id) for run in (b, c, d, a)]
    assert order == ids(c, d, a, b)


def test_next_behind_a_window_may_be_of_the_same_clip(project, label_set):
    factories_runs.shipped(project)
    run = factories_runs.analysed(project, SWAYING, outputs=sure(0.5) * 2)
    first, second = run.tracks.get().segments.all()
    queue = asked(project)
    assert queues.following(queue, segment=first.pk) == second.pk
    assert queues.following(queue, video=run.video_id) is None


def test_the_last_clip_has_no_next(project, runs, reviewer):
    for run in runs[1:]:
        factories_runs.correct(run, "Jump", reviewer)
    assert next_video(project, video=runs[0].video_id) is None
    assert next_video(project, video=0) == runs[0].video_id


def test_the_order_is_made_anew_after_a_batch(project, label_set, reviewer):
    factories_runs.shipped(project)
    made = [factories_runs.analysed(project, seed=n % 3) for n in range(14)]
    assert asked(project, "mixed").labelled == 0
    for run in made[: queues.LEAST_BATCH]:
        factories_runs.correct(run, "Jump", reviewer)
    anew = asked(project, "mixed")
    assert (anew.labelled, anew.remaining) == (10, 4)
    assert set(anew.videos.tolist()) == set(ids(*made[10:]))


def test_what_is_like_labelled_clips_waits_in_the_mixed_order(project, label_set, reviewer):
    """Nine twins of a labelled clip are as unsure as one other clip, which comes first."""
    factories_runs.shipped(project)
    twins = [factories_runs.analysed(project, outputs=sure(0.5)) for _ in range(13)]
    other = factories_runs.analysed(project, outputs=sure(0.5), seed=5)
    for run in twins[: queues.LEAST_BATCH]:
        factories_runs.correct(run, "Jump", reviewer)
    assert left(project, "entropy")[0] == twins[10].video_id
    assert left(project, "mixed")[0] == left(project, "diversity")[0] == other.video_id


def test_where_versions_disagree_comes_first(project, label_set):
    factories_runs.shipped(project)
    runs = [factories_runs.analysed(project, outputs=sure(0.9)) for _ in range(3)]
    assert asked(project, "disagreement").notice == queues.NO_OTHER
    second = factories_runs.candidate(project)
    say(second, runs, [[p, 1 - p, 0, 0, 0, 0] for p in (0.9, 0.1, 0.6)])
    activate_classifier(version=second)
    queue = asked(project, "disagreement")
    assert (queues.compared_with(queue).number, queue.notice) == (1, "")
    assert queue.videos.tolist() == ids(runs[1], runs[2], runs[0])


def test_projects_are_kept_apart(project, runs, outsider):
    elsewhere = factories.project("Far")
    assert asked(elsewhere).remaining == 0


def test_what_was_decided_or_drawn_anew_is_out_of_the_queue(project, runs, client_of, reviewer):
    first, second, third, fourth = runs
    client = client_of(reviewer)
    label = factories_runs.label(project, "Wave")
    Editor(client, first.video_id).do(
        "review.decide", "clip", {"decision": "send_back", "comment": "look again"}
    )
    Editor(client, second.video_id).do(
        "review.decide", second.main_segment_id, {"decision": "reject"}
    )
    drawn = Editor(client, third.video_id).do(
        "segment.create", data=segment(label, origin=third.main_segment_id)
    )
    assert left(project) == ids(fourth)
    Editor(client, third.video_id).do("segment.delete", drawn["target"], if_version=1)
    Editor(client, first.video_id).do("review.decide", "clip", {"decision": None}, if_version=1)
    assert sorted(left(project)) == sorted(ids(first, third, fourth))
