"""Edits over HTTP: rights, order, versions, replays, conflicts, and batches that were cut off."""

import threading
from uuid import uuid4

import pytest
from django.db import connection

from tests.webapp import factories, factories_runs
from tests.webapp.reviews.editing import Editor, new, segment
from webapp.labels.models import LabelSet, Overlap
from webapp.reviews.edit_models import Edit, HumanSegment
from webapp.reviews.edits import log
from webapp.reviews.models import Correction

pytestmark = pytest.mark.django_db

READERS = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
WRITERS = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 200, "admin": 200}


@pytest.fixture
def run(project, label_set):
    LabelSet.objects.update(overlap=Overlap.ALLOW)  # the rule has tests of its own
    factories_runs.shipped(project)
    return factories_runs.analysed(project, (((0, 30),), ((5, 25),)))


@pytest.fixture
def wave(project, run):
    return factories_runs.label(project, "Wave")


@pytest.fixture
def walk(project, run):
    return factories_runs.label(project, "Walk")


@pytest.fixture
def editor(client_of, reviewer, run):
    return Editor(client_of(reviewer), run.video_id)


@pytest.fixture
def chief(client_of, admin, run):
    return Editor(client_of(admin), run.video_id)


@pytest.mark.parametrize("what", ["annotations", "edits"])
def test_every_member_may_look(statuses, run, what):
    assert statuses(lambda client: client.get(f"/api/videos/{run.video_id}/{what}/")) == READERS


def test_reviewers_may_edit(statuses, run, wave):
    address = f"/api/videos/{run.video_id}/edits/"

    def add(client):
        return client.post(address, {"edits": [new("segment.create", data=segment(wave))]})

    assert statuses(add) == WRITERS
    assert HumanSegment.objects.count() == 2


def test_a_clip_that_nobody_touched_has_nothing(editor, run):
    lists = {name: [] for name in ("segments", "poses", "tracks", "comments", "decisions")}
    assert editor.read() == {"version": 0, "run": run.pk, **lists}
    assert editor.history() == {"edits": [], "more": False}


def test_an_edit_is_answered_with_what_it_made(editor, wave, reviewer):
    key = str(uuid4())
    result = editor.do("segment.create", key, segment(wave, 3, 9))
    assert (result["seq"], result["version"], result["target"]) == (1, 1, key)
    entity = result["entity"]
    assert (entity["start_frame"], entity["end_frame"], entity["label"]) == (3, 9, wave.pk)
    assert (entity["author"], entity["edit"], entity["person"]) == ("reviewer", result["id"], 0)
    assert editor.read()["segments"] == [entity]


def test_versions_count_the_edits_of_each_thing(editor, wave, walk):
    key, other = uuid4(), uuid4()
    answer = editor.send(
        new("segment.create", key, segment(wave)),
        new("segment.create", other, segment(wave, 10, 20)),
        new("segment.change", key, {"end_frame": 8}, if_version=1),
        new("segment.change", key, {"label": walk.pk}, if_version=2),
        new("segment.delete", key, if_version=3),
        new("segment.create", key, segment(walk, 2, 4), if_version=4),
    )
    results = answer.json()["results"]
    assert [r["version"] for r in results] == [1, 1, 2, 3, 4, 5]
    assert [r["seq"] for r in results] == [1, 2, 3, 4, 5, 6]
    assert results[3]["entity"]["end_frame"] == 8
    assert results[4]["entity"]["deleted"] is True
    assert editor.read()["version"] == 6


def test_deleted_things_stay_as_tombstones(editor, wave):
    key = str(uuid4())
    editor.do("segment.create", key, segment(wave))
    editor.do("segment.delete", key, if_version=1)
    [left] = editor.read()["segments"]
    assert (left["target"], left["version"], left["deleted"]) == (key, 2, True)
    assert "start_frame" not in left


def test_the_same_edit_twice_counts_once(editor, wave):
    batch = [
        new("segment.create", key := uuid4(), segment(wave)),
        new("segment.change", key, {"end_frame": 5}, if_version=1),
    ]
    first = editor.send(*batch).json()["results"]
    again = editor.send(*batch).json()["results"]
    assert [r["outcome"] for r in first + again] == ["applied"] * 2 + ["already"] * 2
    assert [r["entity"] for r in again] == [r["entity"] for r in first]
    assert Edit.objects.count() == 2
    assert editor.read()["segments"][0]["version"] == 2


def test_an_id_is_not_used_for_something_else(editor, wave):
    edit = new("segment.create", data=segment(wave))
    editor.send(edit)
    answer = editor.send(edit | {"data": segment(wave, 1, 2)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "edit_id_reused")


def test_a_conflict_tells_what_was_applied_and_what_is_now(editor, chief, wave, walk):
    key = uuid4()
    editor.do("segment.create", key, segment(wave))
    chief.do("segment.change", key, {"label": walk.pk}, if_version=1)
    edits = [
        new("segment.create", data=segment(wave, 20, 25)),
        new("segment.change", key, {"end_frame": 7}, if_version=1),
        new("segment.create", data=segment(wave, 26, 27)),
    ]
    answer = editor.send(*edits)
    assert answer.status_code == 412
    error = answer.json()["error"]
    assert error["code"] == "stale"
    assert [r["id"] for r in error["extra"]["applied"]] == [edits[0]["id"]]
    conflict = error["extra"]["conflict"]
    assert conflict["edit"] == edits[1]["id"]
    assert (conflict["current"]["version"], conflict["current"]["author"]) == (2, "admin")
    assert conflict["current"]["label"] == walk.pk
    assert HumanSegment.objects.count() == 2


@pytest.mark.parametrize("seen", [None, 0, 2])
def test_nothing_is_overwritten_unseen(editor, wave, seen):
    key = uuid4()
    editor.do("segment.create", key, segment(wave))
    assert editor.refused("segment.change", key, {"end_frame": 5}, if_version=seen) == (
        412,
        "stale",
    )


def test_what_came_before_a_refused_edit_stays(editor, wave):
    edits = [
        new("segment.create", data=segment(wave)),
        new("segment.create", data=segment(wave, 5, 5)),
        new("segment.create", data=segment(wave, 6, 7)),
    ]
    answer = editor.send(*edits)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "bad_end_frame")
    assert error["message"] == "Expected end_frame from 6 to 30, got 5."
    assert error["extra"]["refused"] == {"edit": edits[1]["id"]}
    assert [r["id"] for r in error["extra"]["applied"]] == [edits[0]["id"]]


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_was_cut_off_goes_on_where_it_was(
    project, label_set, editor, wave, monkeypatch
):
    batch = [new("segment.create", data=segment(wave, n, n + 1)) for n in range(6)]
    write, calls = log.write_down, []

    def die_at_the_fourth(*args):
        calls.append(1)
        if len(calls) == 4:
            raise SystemExit
        return write(*args)

    monkeypatch.setattr(log, "write_down", die_at_the_fourth)
    with pytest.raises(SystemExit):
        editor.send(*batch)
    assert (Edit.objects.count(), HumanSegment.objects.count()) == (3, 3)
    monkeypatch.setattr(log, "write_down", write)
    results = editor.send(*batch).json()["results"]
    assert [r["outcome"] for r in results] == ["already"] * 3 + ["applied"] * 3
    assert (Edit.objects.count(), HumanSegment.objects.count()) == (6, 6)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"start_frame": -1}, "bad_start_frame"),
        ({"start_frame": 30}, "bad_start_frame"),
        ({"start_frame": "3"}, "bad_start_frame"),
        ({"start_frame": True}, "bad_start_frame"),
        ({"end_frame": 31}, "bad_end_frame"),
        ({"end_frame": 0}, "bad_end_frame"),
        ({"label": 10**9}, "unknown_label"),
        ({"label": None}, "unknown_label"),
        ({"person": 2}, "unknown_person"),
        ({"person": 1.5}, "bad_person"),
        ({"origin": 10**9}, "unknown_origin"),
        ({"colour": "red"}, "unknown_field"),
    ],
)
def test_segments_that_cannot_be_are_refused(editor, wave, data, code):
    wanted = segment(wave) | data
    assert editor.refused("segment.create", data=wanted) == (400, code)
    assert not Edit.objects.exists()


def test_labels_of_others_and_archived_ones_are_refused(editor, project, walk):
    elsewhere = factories.LabelSet.objects.create(project=factories.project("Far"))
    far = factories.label(elsewhere)
    assert editor.refused("segment.create", data=segment(far)) == (400, "unknown_label")
    walk.archived = True
    walk.save()
    assert editor.refused("segment.create", data=segment(walk)) == (400, "archived_label")


def test_a_segment_of_an_archived_label_can_still_be_moved(editor, walk):
    key = uuid4()
    editor.do("segment.create", key, segment(walk))
    walk.archived = True
    walk.save()
    assert editor.do("segment.change", key, {"end_frame": 5}, if_version=1)["version"] == 2


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("segment.create", "17"),
        ("pose.set", "nobody"),
        ("pose.set", "0:-1"),
        ("label.give", "x"),
        ("review.decide", "what"),
    ],
)
def test_targets_that_name_nothing_are_refused(editor, kind, target):
    assert editor.refused(kind, target) == (400, "bad_target")


@pytest.mark.parametrize("kind", ["segment.paint", "paint", "restore.all", "pose", ""])
def test_unknown_kinds_are_refused(editor, kind):
    assert editor.refused(kind)[0] == 400


@pytest.mark.parametrize("edits", [[], [{}], [{"id": "x", "kind": "a", "target": "b"}], "x", [3]])
def test_what_is_no_edit_is_refused_as_a_whole(editor, edits):
    answer = editor.client.post(f"{editor.address}/edits/", {"edits": edits})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")


def test_what_is_not_there_cannot_be_changed(editor):
    assert editor.refused("segment.change", data={"end_frame": 3}) == (404, "not_found")
    assert editor.refused("pose.clear", "0:3") == (404, "not_found")


JOINTS = {"left_wrist": [10.5, 20, "seen"], "nose": [3, 4, "occluded"]}


def test_joints_are_set_as_a_whole_and_cleared(editor):
    result = editor.do("pose.set", "1:7", {"joints": JOINTS})
    entity = result["entity"]
    assert (entity["person"], entity["frame"], entity["joints"]) == (1, 7, JOINTS)
    assert (entity["keyframe"], entity["tween"]) == (True, False)
    only = {"nose": [5, 5, "outside"]}
    again = editor.do("pose.set", "1:7", {"joints": only, "tween": True}, if_version=1)
    assert again["entity"]["joints"] == only
    assert editor.do("pose.clear", "1:7", if_version=2)["entity"]["deleted"] is True


@pytest.mark.parametrize(
    ("target", "data", "code"),
    [
        ("0:30", {"joints": JOINTS}, "bad_frame"),
        ("2:0", {"joints": JOINTS}, "unknown_person"),
        ("0:0", {"joints": {"tail": [1, 2, "seen"]}}, "unknown_joint"),
        ("0:0", {"joints": {}}, "bad_joints"),
        ("0:0", {"joints": {"nose": [1, 2]}}, "bad_joint"),
        ("0:0", {"joints": {"nose": [1, 2, "lost"]}}, "bad_joint"),
        ("0:0", {"joints": {"nose": [1, 1e9, "seen"]}}, "bad_joint"),
        ("0:0", {"joints": {"nose": ["1", 2, "seen"]}}, "bad_joint"),
        ("0:0", {"joints": JOINTS, "keyframe": 1}, "bad_keyframe"),
    ],
)
def test_joints_that_cannot_be_are_refused(editor, target, data, code):
    assert editor.refused("pose.set", target, data) == (400, code)


def test_a_person_can_be_added_and_edited_like_others(editor, wave):
    box = [1, 2, 30, 40]
    added = editor.do("track.add", data={"person": 1_000_007, "frame": 4, "box_xyxy": box})
    assert (added["entity"]["kind"], added["entity"]["box_xyxy"]) == ("add", box)
    assert editor.do("pose.set", "1000007:4", {"joints": JOINTS})["version"] == 1
    assert editor.do("segment.create", data=segment(wave, person=1_000_007))["version"] == 1
    again = {"person": 1_000_007, "frame": 4, "box_xyxy": box}
    assert editor.refused("track.add", data=again) == (409, "person_taken")


@pytest.mark.parametrize("box", [[0, 0, 65, 10], [-1, 0, 5, 5], [5, 0, 5, 9], [1, 2, 3], None, "x"])
def test_boxes_lie_in_the_frame(editor, box):
    data = {"person": 1_000_007, "frame": 4, "box_xyxy": box}
    assert editor.refused("track.add", data=data) == (400, "bad_box")


def test_track_changes_stand_side_by_side_and_are_taken_back(editor):
    swap = editor.do("track.swap", data={"person": 0, "other": 1, "frame": 10})
    split = editor.do("track.split", data={"person": 0, "other": 2_000_000, "frame": 20})
    assert [t["order"] for t in editor.read()["tracks"]] == [1, 2]
    editor.do("track.clear", swap["target"], if_version=1)
    data = {"person": 0, "other": 1, "frame": 10}
    editor.do("track.swap", swap["target"], data, if_version=2)
    tracks = editor.read()["tracks"]
    assert [(t["target"], t["order"]) for t in tracks] == [
        (split["target"], 2),
        (swap["target"], 4),
    ]


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("track.swap", {"person": 0, "other": 0, "frame": 3}, "same_person"),
        ("track.merge", {"person": 0, "other": 9, "frame": 3}, "unknown_person"),
        ("track.split", {"person": 0, "other": 1, "frame": 3}, "bad_other"),
        ("track.delete", {"person": 0}, "bad_frame"),
        ("track.add", {"person": 1, "frame": 0, "box_xyxy": [0, 0, 1, 1]}, "bad_person"),
    ],
)
def test_track_changes_that_cannot_be_are_refused(editor, kind, data, code):
    assert editor.refused(kind, data=data) == (400, code)


def test_comments_are_pinned_and_resolved(editor, chief):
    data = {"frame": 3, "person": 1, "text": " Is this a wave? "}
    made = editor.do("comment.add", data=data)
    entity = made["entity"]
    assert (entity["text"], entity["frame"], entity["person"]) == ("Is this a wave?", 3, 1)
    done = chief.do("comment.resolve", made["target"], {"resolved": True}, if_version=1)
    assert (done["entity"]["resolved"], done["entity"]["written_by"]) == (True, "reviewer")
    assert editor.refused("comment.add", data={"text": " "}) == (400, "bad_text")


def test_only_ones_own_comments_are_deleted_unless_one_is_admin(editor, chief):
    ours = editor.do("comment.add", data={"text": "mine"})["target"]
    theirs = chief.do("comment.add", data={"text": "theirs"})["target"]
    assert editor.refused("comment.delete", theirs, if_version=1) == (403, "role_too_low")
    assert chief.do("comment.delete", ours, if_version=1)["entity"]["deleted"] is True
    assert editor.refused("comment.resolve", ours, if_version=2) == (404, "not_found")


def test_decisions_say_which_version_they_are_of(editor, run, wave):
    key = str(uuid4())
    editor.do("segment.create", key, segment(wave))
    made = editor.do("review.decide", key, {"decision": "reject"})
    assert (made["entity"]["decision"], made["entity"]["of_version"]) == ("reject", 1)
    assert editor.read()["decisions"][0]["outdated"] is False
    editor.do("segment.change", key, {"end_frame": 5}, if_version=1)
    assert editor.read()["decisions"][0]["outdated"] is True
    data = {"decision": "send_back", "comment": "Who is this?", "frame": 2, "person": 0}
    editor.do("review.decide", "clip", data)
    editor.do("review.decide", run.main_segment_id, {"decision": "accept"})
    editor.do("review.decide", "clip", {"decision": None}, if_version=1)
    [one, clip, predicted] = editor.read()["decisions"]
    assert (clip["deleted"], predicted["of_version"], one["target"]) == (True, 0, key)


def test_decisions_that_cannot_be_are_refused(editor, run):
    other = factories_runs.analysed(run.video.project)
    for target, data, refusal in [
        ("clip", {"decision": "maybe"}, (400, "bad_decision")),
        ("clip", {"decision": "send_back"}, (400, "no_comment")),
        ("clip", {"decision": None}, (404, "not_found")),
        (other.main_segment_id, {"decision": "accept"}, (404, "not_found")),
        (uuid4(), {"decision": "accept"}, (404, "not_found")),
    ]:
        assert editor.refused("review.decide", target, data) == refusal


def test_labels_of_predicted_segments_go_through_the_log(editor, run, wave, walk):
    target = run.main_segment_id
    given = editor.do("label.give", target, {"label": wave.pk})
    assert (given["version"], given["entity"]["current"]["label"]["name"]) == (1, "Wave")
    assert editor.refused("label.give", target, {"label": walk.pk}) == (412, "stale")
    back = editor.do("label.give", target, {"label": None}, if_version=1)
    assert back["entity"]["current"]["source"] == "prediction"
    kinds = list(Correction.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["correct", "undo"]
    assert editor.refused("label.give", target, {"label": None}, if_version=2) == (
        409,
        "nothing_to_take_back",
    )


def test_a_label_given_elsewhere_makes_a_conflict(editor, run, wave, walk, admin):
    factories_runs.correct(run, "Walk", admin)
    answer = editor.send(new("label.give", run.main_segment_id, {"label": wave.pk}))
    current = answer.json()["error"]["extra"]["conflict"]["current"]
    assert (answer.status_code, current["current"]["label"]["name"]) == (412, "Walk")
    assert (current["version"], current["target"]) == (1, str(run.main_segment_id))


def test_segments_of_other_clips_are_not_reached(editor, run, wave):
    other = factories_runs.analysed(run.video.project)
    refusal = editor.refused("label.give", other.main_segment_id, {"label": wave.pk})
    assert refusal == (404, "not_found")


def test_people_of_a_former_run_are_not_edited(editor, run, wave):
    person = new("segment.create", data=segment(wave))
    factories_runs.analysed(run.video.project, video=run.video)
    answer = editor.send(person, run=run.pk)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "analysed_anew")
    assert editor.send(new("comment.add", data={"text": "hm"}), run=run.pk).status_code == 200


def test_a_clip_without_people_takes_segments_and_comments(client_of, reviewer, project, label_set):
    editor = Editor(client_of(reviewer), factories.video(project).pk)
    label = factories_runs.label(project, "Wave")
    assert editor.do("segment.create", data=segment(label, person=None))["version"] == 1
    assert editor.do("comment.add", data={"text": "dark", "frame": 3})["version"] == 1
    assert editor.refused("segment.create", data=segment(label)) == (409, "not_analysed")
    assert editor.refused("pose.set", "0:0", {"joints": JOINTS}) == (409, "not_analysed")


def at_once(*calls):
    """What each call gives, all begun at the same moment, each in a thread of its own."""
    barrier, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run_one(place, call):
        try:
            barrier.wait()
            answers[place] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run_one, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_one_is_told_of_the_other(label_set, editor, chief, wave, walk):
    key = uuid4()
    editor.do("segment.create", key, segment(wave))
    answers = at_once(
        lambda: editor.send(new("segment.change", key, {"end_frame": 5}, if_version=1)),
        lambda: chief.send(new("segment.change", key, {"label": walk.pk}, if_version=1)),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert HumanSegment.objects.get().version == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_twice_at_once_counts_once(label_set, editor, wave):
    batch = [new("segment.create", data=segment(wave, n, n + 1)) for n in range(5)]
    answers = at_once(lambda: editor.send(*batch), lambda: editor.send(*batch))
    assert [answer.status_code for answer in answers] == [200, 200]
    outcomes = [r["outcome"] for answer in answers for r in answer.json()["results"]]
    assert sorted(outcomes) == ["already"] * 5 + ["applied"] * 5
    numbers = Edit.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5]
