"""The label set's rule on overlapping segments is kept on the server as well."""

from uuid import uuid4

import pytest

from tests.webapp import factories_runs
from tests.webapp.reviews.editing import Editor, new, segment
from webapp.labels.models import LabelSet, Overlap

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(project, label_set):
    factories_runs.shipped(project)
    return factories_runs.analysed(project, (((0, 30),), ((0, 30),)))


@pytest.fixture
def editor(client_of, reviewer, run):
    return Editor(client_of(reviewer), run.video_id)


@pytest.fixture
def wave(project, run):
    return factories_runs.label(project, "Wave")


def ruled(rule):
    LabelSet.objects.update(overlap=rule)


@pytest.mark.parametrize(
    ("rule", "same", "other", "clip"),
    [
        (Overlap.ALLOW, 200, 200, 200),
        (Overlap.PER_PERSON, 409, 200, 200),
        (Overlap.FORBID, 409, 409, 409),
    ],
)
def test_each_rule_lets_through_what_it_says(editor, wave, rule, same, other, clip):
    ruled(rule)
    first = editor.do("segment.create", data=segment(wave, 5, 10))
    answers = [
        editor.send(new("segment.create", data=segment(wave, 9, 12, person=person)))
        for person in (0, 1, None)
    ]
    assert [answer.status_code for answer in answers] == [same, other, clip]
    if same == 409:
        error = answers[0].json()["error"]
        assert (error["code"], error["extra"]["segment"]) == ("overlap", first["target"])
        assert error["message"] == "Frames 5 to 10 are Wave already."
    assert editor.send(new("segment.create", data=segment(wave, 12, 14))).status_code == 200


def test_what_overlapped_before_the_rule_may_still_be_changed(editor, wave):
    ruled(Overlap.ALLOW)
    key = uuid4()
    editor.do("segment.create", data=segment(wave, 0, 10))
    editor.do("segment.create", data=segment(wave, 20, 25))
    editor.do("segment.create", key, segment(wave, 5, 15))
    ruled(Overlap.PER_PERSON)
    assert editor.do("segment.change", key, {"end_frame": 12}, if_version=1)["version"] == 2
    refusal = editor.refused("segment.change", key, {"end_frame": 21}, if_version=2)
    assert refusal == (409, "overlap")


def test_edits_of_one_gesture_may_make_room_for_each_other(editor, wave):
    first, second, group = uuid4(), uuid4(), str(uuid4())
    editor.do("segment.create", first, segment(wave, 0, 10))
    editor.do("segment.create", second, segment(wave, 10, 20))
    answer = editor.send(
        new("segment.change", first, {"end_frame": 15}, if_version=1, group=group),
        new("segment.change", second, {"start_frame": 15}, if_version=1, group=group),
    )
    assert answer.status_code == 200


def test_deleted_segments_are_in_nobodys_way(editor, wave):
    key = uuid4()
    editor.do("segment.create", key, segment(wave, 0, 10))
    editor.do("segment.delete", key, if_version=1)
    assert editor.do("segment.create", data=segment(wave, 0, 10))["version"] == 1
