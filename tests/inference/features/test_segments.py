"""Tracks up to four seconds are one span, longer ones equal pieces of about two."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from inference.features.windows import SegmentSpan, segments_of
from tests.inference.features.figures import figure


def test_a_short_track_is_one_span() -> None:
    assert segments_of(figure(seconds=4.0)) == [SegmentSpan(0, 0, 120)]


def test_one_frame_is_a_span() -> None:
    assert segments_of(figure(seconds=0.0)) == [SegmentSpan(0, 0, 1)]


@pytest.mark.parametrize("seconds", [4.5, 5.0, 7.3, 11.0])
def test_a_long_track_is_cut_into_touching_pieces_of_about_two_seconds(seconds: float) -> None:
    spans = segments_of(figure(seconds=seconds, fps=Fraction(25)))
    assert spans[0].start_frame == 0
    assert spans[-1].end_frame == round(seconds * 25)
    for before, after in pairwise(spans):
        assert before.end_frame == after.start_frame
    lengths = [span.end_frame - span.start_frame for span in spans]
    assert max(lengths) - min(lengths) <= 1
    assert 1.5 <= sum(lengths) / len(lengths) / 25 <= 2.6


def test_pieces_are_equal_in_time_where_frames_are_not_evenly_spaced() -> None:
    poses = figure(seconds=6.0)
    times = poses.times_s.copy()
    times[90:] += (times[90:] - times[90]) * 1.0
    spans = segments_of(replace(poses, times_s=times))
    seconds = [times[s.end_frame - 1] - times[s.start_frame] for s in spans]
    assert max(seconds) - min(seconds) < 0.15


def test_absence_at_the_ends_belongs_to_no_span() -> None:
    poses = figure(seconds=2.0, missing=((0, 10), (20, 30), (50, 60)))
    assert segments_of(poses) == [SegmentSpan(0, 10, 50)]


def test_every_person_has_their_own_spans() -> None:
    spans = segments_of(figure(seconds=5.0, people=2))
    assert [span.person for span in spans] == [0, 0, 1, 1]


def test_pieces_in_which_the_person_is_away_are_left_out() -> None:
    poses = figure(seconds=10.0, missing=((95, 210),))
    spans = segments_of(poses)
    assert [(s.start_frame, s.end_frame) for s in spans] == [
        (0, 60),
        (60, 120),
        (180, 240),
        (240, 300),
    ]
