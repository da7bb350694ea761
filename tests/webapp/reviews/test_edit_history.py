"""The history of edits, what is told of it, and how a former state is brought back."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.webapp import factories_runs
from tests.webapp.reviews.editing import Editor, new, segment
from webapp.jobs import events
from webapp.labels.models import LabelSet, Overlap
from webapp.reviews.edit_models import Edit, HumanSegment, PoseEdit
from webapp.reviews.models import Correction
from webapp.videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(project, label_set):
    LabelSet.objects.update(overlap=Overlap.ALLOW)  # the rule has tests of its own
    factories_runs.shipped(project)
    return factories_runs.analysed(project, (((0, 30),), ((5, 25),)))


@pytest.fixture
def wave(project, run):
    return factories_runs.label(project, "Wave")


@pytest.fixture
def editor(client_of, reviewer, run):
    return Editor(client_of(reviewer), run.video_id)


@pytest.fixture
def chief(client_of, admin, run):
    return Editor(client_of(admin), run.video_id)


@pytest.fixture
def told(monkeypatch):
    """(kind, what) of each live event of edits, once its transaction is over."""
    heard = []
    monkeypatch.setattr(events, "_send", lambda project, message: heard.append(message))
    return heard


def seqs(page):
    return [row["seq"] for row in page["edits"]]


def test_history_goes_both_ways(editor, wave):
    editor.send(*[new("segment.create", data=segment(wave, n, n + 1)) for n in range(5)])
    assert seqs(editor.history()) == [5, 4, 3, 2, 1]
    assert seqs(editor.history(after=2)) == [3, 4, 5]
    assert seqs(editor.history(before=3)) == [2, 1]
    page = editor.history(after=0, page_size=2)
    assert (seqs(page), page["more"]) == ([1, 2], True)
    assert editor.history(after=5) == {"edits": [], "more": False}


def test_history_of_one_thing(editor, wave):
    key = uuid4()
    editor.do("segment.create", key, segment(wave))
    editor.do("segment.create", data=segment(wave, 20, 22))
    editor.do("segment.change", key, {"end_frame": 4}, if_version=1)
    page = editor.history(target=f"segment:{key}")
    assert [(row["version"], row["entity"]["end_frame"]) for row in page["edits"]] == [
        (2, 4),
        (1, 10),
    ]


def test_a_line_tells_who_did_what_when(editor, wave):
    group, made = str(uuid4()), "2026-11-01T10:00:00+00:00"
    result = editor.do("segment.create", data=segment(wave), group=group, made_at=made)
    [row] = editor.history()["edits"]
    assert (row["id"], row["author"], row["kind"]) == (result["id"], "reviewer", "segment.create")
    assert (row["group"], row["made_at"]) == (group, made)
    assert (row["data"], row["entity"]) == (segment(wave), result["entity"])


@pytest.mark.parametrize("asked", [{"after": "x"}, {"page_size": 501}, {"before": -1}])
def test_odd_questions_are_refused(editor, asked):
    assert editor.history(**asked)["error"]["code"] == "invalid"


def test_a_former_state_is_brought_back_as_a_new_edit(editor, wave):
    key = uuid4()
    first = editor.do("segment.create", key, segment(wave, 2, 9))
    editor.do("segment.change", key, {"start_frame": 4, "person": None}, if_version=1)
    editor.do("segment.delete", key, if_version=2)
    back = editor.do("restore", f"segment:{key}", {"edit": first["id"]}, if_version=3)
    assert (back["version"], back["entity"]["start_frame"], back["entity"]["person"]) == (4, 2, 0)
    assert [row["kind"] for row in editor.history()["edits"]] == [
        "restore",
        "segment.delete",
        "segment.change",
        "segment.create",
    ]
    assert HumanSegment.objects.get().deleted is False


def test_every_kind_of_thing_can_be_brought_back(editor, run, wave):
    joints = {"nose": [3, 4, "seen"]}
    added = editor.do("track.add", data={"person": 10**6, "frame": 2, "box_xyxy": [1, 1, 9, 9]})
    made = [
        (editor.do("pose.set", "0:3", {"joints": joints}), "pose.clear", {}),
        (added, "track.clear", {}),
        (editor.do("comment.add", data={"text": "hm"}), "comment.delete", {}),
        (editor.do("review.decide", "clip", {"decision": "accept"}), "review.decide",
         {"decision": None}),
        (editor.do("label.give", run.main_segment_id, {"label": wave.pk}), "label.give",
         {"label": None}),
    ]  # fmt: skip
    for result, away, data in made:
        target, family = result["target"], result["family"]
        editor.do(away, target, data, if_version=1)
        back = editor.do("restore", f"{family}:{target}", {"edit": result["id"]}, if_version=2)
        assert "deleted" not in back["entity"]
    joined = editor.read()
    assert joined["poses"][0]["joints"] == joints
    assert joined["comments"][0]["text"] == "hm"
    assert joined["tracks"][0]["box_xyxy"] == [1, 1, 9, 9]
    assert joined["decisions"][0]["decision"] == "accept"
    assert Correction.objects.order_by("-pk").first().label == wave


def test_only_an_admin_brings_back_over_what_others_did(editor, chief, wave):
    key = uuid4()
    first = editor.do("segment.create", key, segment(wave))
    chief.do("segment.change", key, {"end_frame": 5}, if_version=1)
    wanted = ("restore", f"segment:{key}", {"edit": first["id"]})
    assert editor.refused(*wanted, if_version=2) == (403, "role_too_low")
    assert chief.do(*wanted, if_version=2)["entity"]["end_frame"] == 10


def test_only_what_was_can_be_brought_back_and_only_unchanged(editor, wave):
    key = uuid4()
    first = editor.do("segment.create", key, segment(wave))
    target = f"segment:{key}"
    for wanted, refusal in [
        ((target, {"edit": str(uuid4())}), (404, "not_found")),
        ((f"pose:{key}", {"edit": first["id"]}), (404, "not_found")),
        ((target, {"edit": "x"}), (400, "bad_target")),
        ((target, {"edit": first["id"]}), (412, "stale")),
    ]:
        assert editor.refused("restore", *wanted) == refusal


def test_pages_that_look_on_are_told(editor, run, wave, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        result = editor.do("segment.create", data=segment(wave))
    [message] = [m for m in told if m["kind"] == "edit"]
    assert (message["id"], message["video"]) == (1, run.video_id)
    assert message["edit"] == editor.history()["edits"][0]
    assert message["edit"]["entity"] == result["entity"]


def test_of_many_edits_at_once_one_hint_is_told(
    editor, wave, told, django_capture_on_commit_callbacks
):
    editor.do("segment.create", data=segment(wave))
    with django_capture_on_commit_callbacks(execute=True):
        editor.send(*[new("segment.create", data=segment(wave, n, n + 1)) for n in range(21)])
    [message] = [m for m in told if m["kind"].startswith("edit")]
    assert (message["kind"], message["after"]) == ("edits", 1)


def test_nothing_is_told_of_what_was_sent_again(
    editor, wave, told, django_capture_on_commit_callbacks
):
    edit = new("segment.create", data=segment(wave))
    editor.send(edit)
    with django_capture_on_commit_callbacks(execute=True):
        editor.send(edit)
    assert told == []


def test_the_etag_changes_with_each_edit(editor, wave):
    address = f"{editor.address}/annotations/"
    editor.do("segment.create", data=segment(wave))
    answer = editor.client.get(address)
    assert answer["ETag"] == '"1"'
    same = editor.client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 304
    editor.do("comment.add", data={"text": "new"})
    again = editor.client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again["ETag"]) == (200, '"2"')


def test_edits_of_somebody_else_are_not_taken(editor, reviewer, admin, wave):
    edit = new("segment.create", data=segment(wave))
    answer = editor.send(edit, user=admin.pk)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "other_user")
    assert editor.send(edit, user=reviewer.pk).status_code == 200


def test_500_segments_and_joints_are_read_with_as_few_queries_as_one(editor, run, wave, reviewer):
    fill(run.video, wave, reviewer, 1)
    with CaptureQueriesContext(connection) as one:
        assert len(editor.read()["segments"]) == 1
    fill(run.video, wave, reviewer, 500)
    with CaptureQueriesContext(connection) as many:
        assert len(editor.read()["segments"]) == 501
    assert len(many) == len(one) <= 15


def fill(video, label, by, count):
    common = {"video": video, "version": 1, "author": by, "edited_at": timezone.now()}
    HumanSegment.objects.bulk_create(
        HumanSegment(
            **common, key=uuid4(), edit=uuid4(), label=label, start_frame=n % 29, end_frame=30
        )
        for n in range(count)
    )
    start = PoseEdit.objects.count()
    PoseEdit.objects.bulk_create(
        PoseEdit(**common, edit=uuid4(), person=0, frame=start + n, joints={"nose": [1, 2, "seen"]})
        for n in range(count)
    )


def test_an_edit_costs_the_same_among_500_others(editor, run, wave, reviewer):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            editor.do("segment.create", data=segment(wave))
        return len(queries)

    cost()  # asks a worker for a description, which the next ones find queued
    first = cost()
    fill(run.video, wave, reviewer, 500)
    assert cost() == first <= 25


def test_a_clip_with_edits_is_removed_only_with_force(chief, run, wave):
    chief.do("segment.create", data=segment(wave))
    address = f"/api/videos/{run.video_id}/"
    answer = chief.client.delete(address)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "has_corrections")
    assert chief.client.delete(address + "?force=1").status_code == 204
    assert not Edit.objects.exists() and not Video.objects.filter(pk=run.video_id).exists()
