"""Windows lie evenly in time over each stay of a long track, at any frame rate."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from inference.errors import ModelError
from inference.features.vector import describe
from inference.features.windows import SegmentSpan, lattice, parts_of, stays_of
from tests.inference.features.figures import figure


def test_a_short_track_is_one_stay_and_one_window_with_its_breaks() -> None:
    poses = figure(seconds=4.0, missing=((30, 90),))
    (stay,) = stays_of(poses)
    assert stay == SegmentSpan(0, 0, 120)
    assert lattice(poses, stay).spans == [stay]


def test_a_long_absence_parts_stays_and_a_short_one_does_not() -> None:
    poses = figure(seconds=20.0, missing=((200, 230), (400, 425)))
    assert stays_of(poses) == [SegmentSpan(0, 0, 200), SegmentSpan(0, 230, 600)]


def test_a_stay_of_an_instant_gets_no_label() -> None:
    poses = figure(seconds=20.0, missing=((200, 300), (305, 400)))
    assert stays_of(poses) == [SegmentSpan(0, 0, 200), SegmentSpan(0, 400, 600)]


def test_someone_seen_for_instants_only_still_has_a_stay() -> None:
    poses = figure(seconds=10.0, missing=((5, 290),))
    assert stays_of(poses) == [SegmentSpan(0, 290, 300)]


@pytest.mark.parametrize("fps", [Fraction(10), Fraction(30000, 1001), Fraction(60)])
def test_windows_are_as_long_in_time_at_any_frame_rate(fps: Fraction) -> None:
    poses = figure(seconds=12.0, fps=fps)
    grid = lattice(poses, stays_of(poses)[0])
    lengths = grid.windows[:, 1] - grid.windows[:, 0]
    assert set(lengths.tolist()) == {3, 4, 5, 6}
    assert np.abs(grid.seconds - 0.5 * lengths).max() <= 1.01 / float(fps)
    assert np.diff(grid.edges).max() - np.diff(grid.edges).min() <= 1


def test_windows_are_even_in_time_where_frames_are_not() -> None:
    poses = figure(seconds=12.0)
    times = poses.times_s.copy()
    times[180:] += times[180:] - times[180]
    slow = replace(poses, times_s=times)
    grid = lattice(slow, stays_of(slow)[0])
    of_four = grid.windows[:, 1] - grid.windows[:, 0] == 4
    assert np.abs(grid.seconds[of_four] - 2.0).max() < 0.1


def test_windows_touch_from_the_first_frame_to_the_last() -> None:
    poses = figure(seconds=9.3, missing=((0, 13),))
    (stay,) = stays_of(poses)
    grid = lattice(poses, stay)
    assert (grid.edges[0], grid.edges[-1]) == (13, 279)
    assert grid.span(0, len(grid.edges) - 1) == stay


def test_few_frames_a_second_still_give_a_grid_without_empty_cells() -> None:
    poses = figure(seconds=60.0, fps=Fraction(1))
    grid = lattice(poses, stays_of(poses)[0])
    assert (np.diff(grid.edges) > 0).all()
    assert (grid.seconds > 0).all()


def test_a_stay_outside_the_clip_is_refused() -> None:
    with pytest.raises(ModelError):
        lattice(figure(seconds=5.0), SegmentSpan(0, 100, 400))


def test_a_long_span_is_described_by_the_mean_of_its_parts() -> None:
    poses = figure("walk", seconds=20.0)
    span = SegmentSpan(0, 30, 330)
    parts = parts_of(poses, span)
    assert (parts[0].start_frame, parts[-1].end_frame) == (30, 330)
    assert [part.end_frame - part.start_frame for part in parts] == [60] * 5
    np.testing.assert_allclose(
        describe(poses, [span])[0], describe(poses, parts).mean(axis=0), atol=1e-5
    )


def test_a_window_and_a_short_track_are_described_as_they_are() -> None:
    long, short = figure(seconds=20.0), figure(seconds=3.9)
    assert parts_of(long, SegmentSpan(0, 0, 90)) == [SegmentSpan(0, 0, 90)]
    assert parts_of(short, SegmentSpan(0, 0, 117)) == [SegmentSpan(0, 0, 117)]


def test_parts_without_the_person_are_left_out() -> None:
    poses = figure(seconds=20.0, missing=((60, 119),))
    parts = parts_of(poses, SegmentSpan(0, 0, 240))
    assert parts == [SegmentSpan(0, a, a + 60) for a in (0, 60, 120, 180)]
    away = figure(seconds=20.0, missing=((60, 120),))
    assert SegmentSpan(0, 60, 120) not in parts_of(away, SegmentSpan(0, 0, 240))
