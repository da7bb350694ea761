"""Composed courses are what their truth says, and segments are scored as the field does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from inference.features.windows import HIPS, SegmentSpan
from tests.bench.composed_tracks import CourseConfig, Truth, compose_clip, merged, take_of
from tests.bench.long_segments import Score, joined, score
from tests.inference.features.figures import figure

TAKES = [
    take_of(figure(action, seconds=2.0, torso_px=torso), label)
    for action, torso, label in (("walk", 30.0, "Walk"), ("stand", 60.0, "Turn"))
]


def composed(repeats=1, away=0.0):
    config = CourseConfig(most_repeats=repeats, away=away)
    poses, truths = compose_clip(TAKES, 2, 30.0, 0, config)
    return poses, truths


def test_a_clip_has_the_wanted_length_and_people():
    poses, truths = composed()
    assert poses.keypoints.shape[:2] == (2, 900)
    assert len(truths) == 2
    assert all(truth[-1].end_frame == 900 for truth in truths)


def test_truth_is_whole_and_never_says_the_same_twice_in_a_row():
    for truth in composed(repeats=3)[1]:
        assert truth[0].start_frame == 0
        for before, after in itertools.pairwise(truth):
            assert before.end_frame == after.start_frame
            assert before.label != after.label


def test_the_person_goes_on_from_where_they_were_at_one_size():
    poses, _ = composed()
    hips = poses.keypoints[0][:, HIPS, :2].mean(axis=1)
    assert np.linalg.norm(np.diff(hips, axis=0), axis=-1).max() < 8
    torso = np.linalg.norm(
        poses.keypoints[0, :, 5:7, :2].mean(axis=1) - poses.keypoints[0, :, 11:13, :2].mean(axis=1),
        axis=-1,
    )
    assert torso.min() == pytest.approx(40, rel=0.05)
    assert torso.max() == pytest.approx(40, rel=0.05)


def test_absences_belong_to_no_segment():
    poses, truths = composed(away=1.0)
    there = poses.tracks.present[0]
    claimed = np.zeros(900, bool)
    for part in truths[0]:
        claimed[part.start_frame : part.end_frame] = True
    assert not claimed.all()
    np.testing.assert_array_equal(claimed, there)


def test_touching_neighbours_of_one_label_are_one():
    parts = [Truth("Walk", 0, 5), Truth("Walk", 5, 9), Truth("Walk", 12, 20), Truth("Run", 20, 30)]
    assert merged(parts) == [Truth("Walk", 0, 9), Truth("Walk", 12, 20), Truth("Run", 20, 30)]


def test_a_clip_in_which_somebody_is_hardly_seen_gives_no_take():
    assert take_of(figure(seconds=3.0, missing=((5, 85),)), "Walk") is None


def test_each_true_segment_is_found_once():
    truth = [Truth("Walk", 0, 100), Truth("Run", 100, 160)]
    found = [
        (SegmentSpan(0, 0, 60), "Walk"),
        (SegmentSpan(0, 60, 100), "Walk"),
        (SegmentSpan(0, 100, 160), "Turn"),
    ]
    result = score(found, truth)
    assert (result.found, result.true, result.hits, result.placed) == (3, 2, 1, 2)
    assert (result.right_frames, result.frames) == (100, 160)
    assert result.f1 == pytest.approx(0.4)


def test_touching_pieces_of_one_person_and_label_are_joined():
    pieces = [
        (SegmentSpan(0, 0, 60), "Walk"),
        (SegmentSpan(0, 60, 120), "Walk"),
        (SegmentSpan(0, 150, 200), "Walk"),
        (SegmentSpan(1, 200, 260), "Walk"),
        (SegmentSpan(1, 260, 300), "Run"),
    ]
    assert joined(pieces) == [(SegmentSpan(0, 0, 120), "Walk"), *pieces[2:]]


def test_scores_of_people_add_up():
    assert Score(3, 2, 1, 2, 10, 20) + Score(1, 2, 1, 1, 5, 10) == Score(4, 4, 2, 3, 15, 30)
