"""Segments that people drew and joints that they moved reach the training set, by a worker."""

import json
from uuid import uuid4

import numpy as np
import pytest

from tests.webapp import factories, factories_runs
from tests.webapp.reviews.editing import Editor, new, segment
from tests.webapp.training.conftest import QUICK
from webapp.core import storage
from webapp.core.models import WorkState
from webapp.jobs.models import Job, JobKind
from webapp.reviews import tasks
from webapp.reviews.edit_models import DescribedSegment
from webapp.reviews.edits import describing
from webapp.runs import features, gpu
from webapp.runs.models import Segment
from webapp.training import selectors, services
from webapp.training import tasks as training_tasks
from webapp.training.models import TrainingRun, TrainingSet
from webapp.training.samples import gather
from webapp.training.services import freeze_training_set

pytestmark = pytest.mark.django_db

RIGHT_HAND = {"right_wrist": [60, 4, "seen"], "right_elbow": [50, 10, "seen"]}


@pytest.fixture(autouse=True)
def _long_lease(settings):
    """Heartbeats have a connection of their own, which does not see the test's transaction."""
    settings.JOB_LEASE_SECONDS = 3600


@pytest.fixture
def run(project):
    return factories_runs.analysed(project, (((0, 15), (15, 30)), ((5, 25),)))


@pytest.fixture
def editor(client_of, reviewer, run):
    return Editor(client_of(reviewer), run.video_id)


@pytest.fixture
def wave(project, run):
    return factories_runs.label(project, "Wave")


@pytest.fixture
def described(sent_tasks, django_capture_on_commit_callbacks):
    """``described(call)``: what ``call()`` gives, once the worker has done what it asked for."""

    def go_on(call):
        with django_capture_on_commit_callbacks(execute=True):
            answer = call()
        while sent_tasks:
            name, arguments = sent_tasks.pop(0)
            assert name == "webapp.reviews.tasks.describe_edited"
            tasks.describe_edited(*arguments)
        return answer

    return go_on


def features_of(sample):
    return features.read_rows([(sample["features_file"], sample["feature_row"])])[0]


def the_hash(project):
    return freeze_training_set(project=project, by=None).content_hash


def test_a_drawn_segment_is_an_example_once_it_is_described(
    project, run, editor, wave, described, sent_tasks, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        drawn = editor.do("segment.create", data=segment(wave, 3, 12))
    waiting = gather(project)
    assert (waiting.samples, waiting.skipped) == ([], 1)
    described(lambda: None)
    [sample] = gather(project).samples
    assert (sample["annotation"], sample["segment_id"]) == (drawn["target"], None)
    assert (sample["label_id"], sample["video_id"]) == (wave.pk, run.video_id)
    assert sample["features_sha256"] == storage.hash_file(storage.path_of(sample["features_file"]))
    gpu.renew_features(run.poses_file, [(0, 3, 12)], "features/expected.npz")
    [expected] = features.read_file(storage.path_of("features/expected.npz"))
    assert np.array_equal(features_of(sample), expected)
    assert Job.objects.get(kind=JobKind.DESCRIPTION).state == WorkState.DONE


def test_a_moved_segment_changes_the_set_and_moving_it_back_gives_the_same(
    project, editor, wave, described
):
    key = uuid4()
    described(lambda: editor.do("segment.create", key, segment(wave, 3, 12)))
    first, [before] = the_hash(project), gather(project).samples
    described(lambda: editor.do("segment.change", key, {"end_frame": 20}, if_version=1))
    [after] = gather(project).samples
    assert the_hash(project) != first
    assert not np.array_equal(features_of(before), features_of(after))
    described(lambda: editor.do("segment.change", key, {"end_frame": 12}, if_version=2))
    assert the_hash(project) == first
    assert TrainingSet.objects.count() == 2


def test_another_label_needs_no_new_description(project, editor, wave, described, sent_tasks):
    key = uuid4()
    described(lambda: editor.do("segment.create", key, segment(wave, 3, 12)))
    first = the_hash(project)
    drink = factories_runs.label(project, "Drink")
    editor.do("segment.change", key, {"label": drink.pk}, if_version=1)
    [sample] = gather(project).samples
    assert (sample["label_id"], gather(project).skipped) == (drink.pk, 0)
    assert the_hash(project) != first


def test_an_edited_pose_changes_the_examples_that_show_it(
    project, run, editor, wave, described, reviewer
):
    first_half, second_half = Segment.objects.filter(track__run=run, track__index=0)
    factories_runs.correct(run, "Walk", reviewer, first_half)
    factories_runs.correct(run, "Wave", reviewer, second_half)
    described(lambda: editor.do("segment.create", data=segment(wave, 5, 25, person=1)))
    before, first = samples_by_place(project), the_hash(project)
    joints = {"joints": RIGHT_HAND}
    described(lambda: editor.send(*[new("pose.set", f"0:{n}", joints) for n in range(3, 9)]))
    after = samples_by_place(project)
    assert the_hash(project) != first
    assert set(before) == set(after) and gather(project).skipped == 0
    changed = {
        place for place in before
        if not np.array_equal(features_of(before[place]), features_of(after[place]))
    }  # fmt: skip
    assert changed == {first_half.pk}
    assert after[first_half.pk]["features_file"] != run.features_file
    unmoved = next(s for s in after.values() if s["annotation"])
    assert unmoved["features_sha256"] == before[unmoved["annotation"]]["features_sha256"]


def samples_by_place(project):
    return {s["segment_id"] or s["annotation"]: s for s in gather(project).samples}


def test_cleared_joints_give_back_the_former_set(project, run, editor, described, reviewer):
    factories_runs.correct(run, "Walk", reviewer)
    first = the_hash(project)
    described(lambda: editor.do("pose.set", "0:7", {"joints": RIGHT_HAND}))
    assert the_hash(project) != first
    described(lambda: editor.do("pose.clear", "0:7", if_version=1))
    assert the_hash(project) == first


def test_swapped_people_are_described_as_they_are_now(project, run, editor, wave, described):
    described(lambda: editor.do("segment.create", data=segment(wave, 6, 20, person=0)))
    [before] = gather(project).samples
    swap = {"person": 0, "other": 1, "frame": 0}
    described(lambda: editor.do("track.swap", data=swap))
    [after] = gather(project).samples
    gpu.renew_features(run.poses_file, [(1, 6, 20)], "features/other.npz")
    [expected] = features.read_file(storage.path_of("features/other.npz"))
    assert np.array_equal(features_of(after), expected)
    assert not np.array_equal(features_of(after), features_of(before))


def test_where_nobody_is_there_is_no_example(project, run, editor, wave, described):
    described(lambda: editor.do("segment.create", data=segment(wave, 6, 20, person=1)))
    described(lambda: editor.do("segment.create", data=segment(wave, 0, 4, person=1)))
    assert len(gather(project).samples) == 1
    described(lambda: editor.do("track.delete", data={"person": 1, "frame": 0}))
    found = gather(project)
    assert (found.samples, found.skipped) == ([], 0)


def test_the_clips_own_lane_is_described_by_who_is_there_longest(
    project, run, editor, wave, described
):
    described(lambda: editor.do("segment.create", data=segment(wave, 0, 30, person=None)))
    [sample] = gather(project).samples
    gpu.renew_features(run.poses_file, [(0, 0, 30)], "features/longest.npz")
    [expected] = features.read_file(storage.path_of("features/longest.npz"))
    assert np.array_equal(features_of(sample), expected)


@pytest.mark.parametrize("decision", ["reject", "send_back"])
def test_what_was_rejected_leaves_until_it_is_changed(project, editor, wave, described, decision):
    key = uuid4()
    described(lambda: editor.do("segment.create", key, segment(wave, 3, 12)))
    editor.do("review.decide", key, {"decision": decision, "comment": "no"})
    assert gather(project).samples == []
    described(lambda: editor.do("segment.change", key, {"end_frame": 14}, if_version=1))
    assert len(gather(project).samples) == 1
    editor.do("review.decide", key, {"decision": "accept"}, if_version=1)
    assert len(gather(project).samples) == 1


def test_nothing_of_a_rejected_clip_is_learned(project, run, editor, wave, described, reviewer):
    factories_runs.correct(run, "Walk", reviewer)
    described(lambda: editor.do("segment.create", data=segment(wave, 3, 12)))
    assert len(gather(project).samples) == 2
    editor.do("review.decide", "clip", {"decision": "reject"})
    assert gather(project).samples == []
    editor.do("review.decide", "clip", {"decision": None}, if_version=1)
    assert len(gather(project).samples) == 2


def test_predicted_segments_leave_when_rejected_or_drawn_anew(
    project, run, editor, wave, described, reviewer
):
    first, second = Segment.objects.filter(track__run=run, track__index=0)
    factories_runs.correct(run, "Walk", reviewer, first)
    factories_runs.correct(run, "Walk", reviewer, second)
    editor.do("review.decide", first.pk, {"decision": "reject"})
    assert [s["segment_id"] for s in gather(project).samples] == [second.pk]
    data = segment(wave, 16, 28, origin=second.pk)
    drawn = described(lambda: editor.do("segment.create", data=data))
    assert [s["annotation"] for s in gather(project).samples] == [drawn["target"]]
    editor.do("segment.delete", drawn["target"], if_version=1)
    assert [s["segment_id"] for s in gather(project).samples] == [second.pk]


def test_a_burst_of_edits_asks_once(editor, wave, sent_tasks, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(4):
            editor.do("segment.create", data=segment(wave, n, n + 1))
        editor.do("comment.add", data={"text": "hm"})
    assert [name for name, _ in sent_tasks] == ["webapp.reviews.tasks.describe_edited"]


def test_describing_twice_changes_nothing(project, run, editor, wave, described):
    described(lambda: editor.do("segment.create", data=segment(wave, 3, 12)))
    before = list(DescribedSegment.objects.values())
    assert describing.describe_clip(video_id=run.video_id)
    assert list(DescribedSegment.objects.values()) == before


def test_describing_that_was_cut_off_is_done_by_the_next(
    project, run, editor, wave, described, monkeypatch
):
    editor.do("segment.create", data=segment(wave, 3, 12))
    store = describing._store

    def die(*args):
        raise SystemExit

    monkeypatch.setattr(describing, "_store", die)
    with pytest.raises(SystemExit):
        describing.describe_clip(video_id=run.video_id)
    assert gather(project).skipped == 1
    monkeypatch.setattr(describing, "_store", store)
    assert describing.describe_clip(video_id=run.video_id)
    assert gather(project).skipped == 0


def test_edits_that_come_in_between_are_not_described_as_they_were(
    project, run, editor, wave, monkeypatch
):
    key = uuid4()
    editor.do("segment.create", key, segment(wave, 3, 12))
    describe, seen = describing._describe, []

    def edit_meanwhile(*args):
        rows = describe(*args)
        if not seen:
            seen.append(1)
            editor.do("segment.change", key, {"end_frame": 20}, if_version=1)
        return rows

    monkeypatch.setattr(describing, "_describe", edit_meanwhile)
    assert describing.describe_clip(video_id=run.video_id)
    [sample] = gather(project).samples
    gpu.renew_features(run.poses_file, [(0, 3, 20)], "features/expected.npz")
    [expected] = features.read_file(storage.path_of("features/expected.npz"))
    assert np.array_equal(features_of(sample), expected)


def test_a_training_describes_what_waits_and_learns_from_it(project, run, editor, wave):
    editor.do("segment.create", data=segment(wave, 3, 12))
    assert selectors.training_state(project)["can_train"]
    training = services.start_training(project=project, by=None, config=QUICK)
    assert training.training_set.summary["skipped"] == 1
    training_tasks.train_head(training.pk, training.job_id)
    training = TrainingRun.objects.get(pk=training.pk)
    assert (training.state, training.job.error_message) == (WorkState.DONE, "")
    stored = json.loads(storage.path_of(training.training_set.manifest_file).read_bytes())
    assert [s["features_file"][:15] for s in stored["samples"]] == ["features/edited"]
    assert "Wave" in training.candidate.output_names


def test_a_set_that_was_trained_is_new_again_when_a_segment_moves(
    project, run, editor, wave, described
):
    key = uuid4()
    described(lambda: editor.do("segment.create", key, segment(wave, 3, 12)))
    training = services.start_training(project=project, by=None)
    TrainingRun.objects.filter(pk=training.pk).update(state=WorkState.DONE)
    assert selectors.training_state(project)["reason_code"] == "nothing_new"
    editor.do("segment.change", key, {"end_frame": 20}, if_version=1)
    state = selectors.training_state(project)
    assert (state["can_train"], state["skipped_segments"]) == (True, 1)


def test_drawn_and_decided_segments_are_counted_as_new_words(project, run, editor, wave):
    key = uuid4()
    editor.do("segment.create", key, segment(wave, 3, 12))
    editor.do("segment.change", key, {"end_frame": 20}, if_version=1)
    editor.do("pose.set", "0:7", {"joints": RIGHT_HAND})
    editor.do("review.decide", key, {"decision": "accept"})
    assert selectors.corrections_since_training(project.pk) == 2
    freeze_training_set(project=project, by=None)
    assert selectors.corrections_since_training(project.pk) == 0


def test_held_out_drawn_segments_are_named_in_the_evaluation(
    project, client_of, reviewer, wave, teach
):
    teach("Wave", 4)
    held = factories_runs.analysed(project, video=factories.video(project, "held.mp4"))
    drawn = Editor(client_of(reviewer), held.video_id).do("segment.create", data=segment(wave))
    describing.describe_clip(video_id=held.video_id)
    training = services.start_training(project=project, by=None, config=QUICK)
    training_tasks.train_head(training.pk, training.job_id)
    answer = client_of(reviewer).get(f"/api/training-runs/{training.pk}/evaluation/")
    [row] = answer.json()["segments"]
    assert (row["annotation"], row["segment_id"]) == (drawn["target"], None)
    assert row["video_name"] == "held.mp4"


def test_a_removed_clip_takes_its_descriptions_along(
    project, run, editor, wave, described, client_of, admin, django_capture_on_commit_callbacks
):
    described(lambda: editor.do("segment.create", data=segment(wave, 3, 12)))
    [sample] = gather(project).samples
    assert storage.path_of(sample["features_file"]).exists()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of(admin).delete(f"/api/videos/{run.video_id}/?force=1")
    assert answer.status_code == 204
    assert not storage.path_of(sample["features_file"]).exists()


def test_many_described_segments_cost_as_few_queries_as_one(
    project, run, editor, wave, django_assert_max_num_queries
):
    editor.send(*[new("segment.create", data=segment(wave, n, n + 1)) for n in range(25)])
    editor.do("pose.set", "0:7", {"joints": RIGHT_HAND})
    describing.describe_clip(video_id=run.video_id)
    with django_assert_max_num_queries(25):
        assert len(gather(project).samples) == 25
