"""Skeletons as people left them: joints placed, interpolated, people swapped, merged and added."""

import numpy as np
import pytest

from webapp.runs.edited_poses import edited, sources_of

NAMES = ("nose", "hand")
FRAMES = 10


@pytest.fixture
def found():
    """Person 0 is there all the time, person 1 in frames 2 to 8; joints say who and when."""
    boxes = np.full((2, FRAMES, 4), np.nan, np.float32)
    joints = np.full((2, FRAMES, 2, 3), np.nan, np.float32)
    for person, (start, end) in enumerate(((0, 10), (2, 8))):
        for frame in range(start, end):
            boxes[person, frame] = (person * 100, 0, person * 100 + 50, 90)
            joints[person, frame] = [(person * 100 + k, frame, 0.9) for k in range(2)]
    return boxes, joints


def pose(person, frame, joints, **more):
    stored = {"keyframe": True, "tween": False} | more
    return {"person": person, "frame": frame, "joints": joints, **stored}


def change(order, kind, person, frame, other=None, **more):
    known = {"box_xyxy": None, "estimate": None} | more
    return {"kind": kind, "person": person, "frame": frame, "other": other, "order": order, **known}


def shown(found, poses=(), tracks=(), estimates=None):
    boxes, joints, persons = edited(*found, NAMES, poses, tracks, estimates or {})
    return {person: (boxes[n], joints[n]) for n, person in enumerate(persons)}


def who(joints):
    """Whose track is shown in each frame, by the nose; None for nobody."""
    return [None if np.isnan(x) else int(x) // 100 for x in joints[:, 0, 0]]


def test_without_edits_nothing_changes(found):
    now = shown(found)
    assert list(now) == [0, 1]
    for person in (0, 1):
        assert np.array_equal(now[person][0], found[0][person], equal_nan=True)
        assert np.array_equal(now[person][1], found[1][person], equal_nan=True)


def test_a_placed_joint_counts_and_its_state_is_its_score(found):
    edits = [pose(0, 3, {"hand": [40, 50, "occluded"]}), pose(0, 4, {"hand": [4, 5, "outside"]})]
    boxes, joints = shown(found, edits)[0]
    assert joints[3].tolist() == [pytest.approx([0, 3, 0.9]), [40, 50, 0.5]]
    assert joints[4, 1].tolist() == [4, 5, 0]
    assert boxes[3].tolist() == pytest.approx([-4, -1.7, 44, 54.7], abs=1e-4)
    assert boxes[4].tolist() == [0, 4, 0, 4]  # around what is in the picture
    assert joints[5].tolist() == found[1][0, 5].tolist()


def test_joints_between_two_keyframes_lie_on_a_line(found):
    edits = [
        pose(0, 2, {"hand": [10, 10, "seen"]}),
        pose(0, 4, {"nose": [9, 9, "seen"]}, keyframe=False),
        pose(0, 6, {"hand": [50, 30, "seen"]}, tween=True),
    ]
    _, joints = shown(found, edits)[0]
    assert joints[[3, 5], 1, :2].tolist() == [[20, 15], [40, 25]]
    assert joints[3, 0, :2].tolist() == [0, 3]  # a joint that nobody moved stays as found
    assert joints[4].tolist() == [[9, 9, 1], pytest.approx([1, 4, 0.9])]  # its own word counts
    assert joints[7].tolist() == found[1][0, 7].tolist()


def test_where_nobody_was_found_the_whole_skeleton_is_interpolated(found):
    edits = [pose(1, 0, {"nose": [0, 0, "seen"], "hand": [8, 0, "seen"]}),
             pose(1, 2, {"hand": [8, 8, "seen"]}, tween=True)]  # fmt: skip
    boxes, joints = shown(found, edits)[1]
    assert joints[1, :, :2].tolist() == [[50, 1], [8, 4]]
    assert np.isfinite(boxes[:3]).all()


def test_swapped_people_change_places_with_their_edited_joints(found):
    edits = [pose(1, 5, {"nose": [160, 1, "seen"]})]
    now = shown(found, edits, [change(1, "swap", 0, 4, 1)])
    assert who(now[0][1]) == [0, 0, 0, 0, 1, 1, 1, 1, None, None]
    assert who(now[1][1]) == [None, None, 1, 1, 0, 0, 0, 0, 0, 0]
    assert now[0][1][5, 0, 0] == 160


def test_a_merged_person_goes_on_as_the_other_where_that_one_is(found):
    now = shown(found, (), [change(1, "merge", 0, 3, 1)])
    assert who(now[0][1]) == [0, 0, 0, 1, 1, 1, 1, 1, 0, 0]
    assert who(now[1][1]) == [None, None, 1] + [None] * 7


def test_deleted_and_split_people(found):
    now = shown(found, (), [change(1, "delete", 1, 5), change(2, "split", 0, 6, 1_000_000)])
    assert who(now[1][1]) == [None, None, 1, 1, 1] + [None] * 5
    assert who(now[0][1]) == [0] * 6 + [None] * 4
    assert who(now[1_000_000][1]) == [None] * 6 + [0] * 4


def test_changes_count_in_their_order(found):
    tracks = [change(2, "delete", 1, 0), change(1, "swap", 0, 0, 1)]
    now = shown(found, (), tracks)
    assert who(now[0][1])[2:8] == [1] * 6
    assert who(now[1][1]) == [None] * 10
    assert sources_of(sorted(tracks, key=lambda t: t["order"]), 0, 0) == [1]


def test_added_people_have_what_was_found_and_what_was_placed(found):
    tracks = [change(1, "add", 1_000_000, 3, box_xyxy=[1, 2, 3, 4], estimate=7)]
    there = np.full((2, 4), 5, np.float32), np.full((2, 2, 3), 6, np.float32)
    edits = [pose(1_000_000, 8, {"nose": [1, 1, "seen"]})]
    boxes, joints = shown(found, edits, tracks, {7: (3, *there)})[1_000_000]
    assert np.flatnonzero(np.isfinite(boxes[:, 0])).tolist() == [3, 4, 8]
    assert joints[4].tolist() == [[6, 6, 6]] * 2
    alone, nothing = shown(found, (), tracks)[1_000_000]
    assert (alone[3].tolist(), np.isfinite(nothing).any()) == ([1, 2, 3, 4], False)


def test_nobody_is_nobody():
    nobody = np.zeros((0, 5, 4), np.float32), np.zeros((0, 5, 2, 3), np.float32)
    assert shown(nobody) == {}
