"""People's edits when a clip is analysed anew and its people are numbered another way."""

from uuid import uuid4

import pytest

from tests.webapp import factories_runs
from tests.webapp.reviews.editing import Editor, segment
from webapp.reviews.edits.verdicts import verdicts_of
from webapp.runs.models import Segment

pytestmark = pytest.mark.django_db

TWO = (((0, 30),), ((0, 30),))
NOSE = {"joints": {"nose": [3, 4, "seen"]}}


@pytest.fixture
def run(project, label_set):
    factories_runs.shipped(project)
    return factories_runs.analysed(project, TWO)


@pytest.fixture
def editor(client_of, reviewer, run):
    return Editor(client_of(reviewer), run.video_id)


@pytest.fixture
def wave(project, run):
    return factories_runs.label(project, "Wave")


def again(run, spans=TWO, **made):
    return factories_runs.analysed(
        run.video.project, spans, video=run.video, fingerprint="other", **made
    )


def test_who_has_another_number_keeps_segments_joints_and_comments(editor, run, wave):
    editor.do("segment.create", data=segment(wave, person=1))
    editor.do("pose.set", "1:7", NOSE)
    editor.do("comment.add", data={"text": "who?", "person": 1, "frame": 3})
    again(run, (((0, 30),),), shift=25)  # the second person alone is found, as the first
    now = editor.read()
    assert [s["person"] for s in now["segments"]] == [0]
    assert {p["target"]: p.get("deleted", False) for p in now["poses"]} == {
        "0:7": False,
        "1:7": True,
    }
    assert [c["person"] for c in now["comments"]] == [0]
    assert now["segments"][0]["version"] == 2
    [line] = [row for row in editor.history()["edits"] if row["kind"] == "carry_over"]
    assert line["entity"]["people"] == [[0, None], [1, 0]]
    assert line["entity"]["lost"] == []


def test_who_is_not_found_again_loses_joints_but_not_segments(editor, run, wave):
    editor.do("segment.create", data=segment(wave, person=0))
    editor.do("pose.set", "0:7", NOSE)
    swap = editor.do("track.swap", data={"person": 0, "other": 1, "frame": 3})
    again(run, (((0, 30),),), shift=25)
    now = editor.read()
    assert [s["person"] for s in now["segments"]] == [None]
    assert now["poses"][0]["deleted"] is True and now["tracks"][0]["deleted"] is True
    [line] = [row for row in editor.history()["edits"] if row["kind"] == "carry_over"]
    assert line["entity"]["lost"] == ["pose:0:7", f"track:{swap['target']}"]


def test_two_who_changed_numbers_change_joints(editor, run, monkeypatch):
    from webapp.reviews.edits import carrying

    monkeypatch.setattr(carrying, "who_is_who", lambda former, run: {0: 1, 1: 0})
    other = {"joints": {"left_wrist": [9, 9, "occluded"]}}
    editor.do("pose.set", "0:7", NOSE)
    editor.do("pose.set", "1:7", other)
    again(run)
    joints = {p["target"]: (p["joints"], p["version"]) for p in editor.read()["poses"]}
    assert joints == {"0:7": (other["joints"], 2), "1:7": (NOSE["joints"], 2)}


def test_people_that_were_drawn_keep_their_numbers(editor, run, wave):
    box = {"person": 1_000_000, "frame": 2, "box_xyxy": [1, 1, 9, 9]}
    editor.do("track.add", data=box)
    editor.do("pose.set", "1000000:2", NOSE)
    again(run, (((0, 30),),), shift=25)
    now = editor.read()
    assert (now["tracks"][0]["person"], now["poses"][0]["person"]) == (1_000_000, 1_000_000)
    assert (now["tracks"][0]["version"], now["poses"][0]["version"]) == (1, 1)


def test_what_was_said_of_predicted_segments_goes_to_their_heirs(editor, run, wave):
    first, second = Segment.objects.filter(track__run=run).order_by("track__index")
    editor.do("segment.create", data=segment(wave, origin=first.pk))
    editor.do("review.decide", second.pk, {"decision": "reject"})
    new = again(run)
    heirs = list(Segment.objects.filter(track__run=new).order_by("track__index"))
    verdicts = verdicts_of(run.video.project_id)
    assert verdicts.replaced == {heirs[0].pk}
    assert verdicts.closed_segments == {heirs[1].pk}


def test_a_clip_that_nobody_touched_gets_no_line(editor, run):
    again(run)
    assert editor.history()["edits"] == []


def test_restoring_goes_on_after_a_new_analysis(editor, run, wave):
    key = uuid4()
    first = editor.do("segment.create", key, segment(wave, person=1))
    again(run, (((0, 30),),), shift=25)
    back = editor.refused("restore", f"segment:{key}", {"edit": first["id"]}, if_version=2)
    assert back == (400, "unknown_person")
