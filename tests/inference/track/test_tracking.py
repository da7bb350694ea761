"""People keep their identity through gaps, crossings and doubtful detections."""

import numpy as np
import pytest

from inference.track.config import TrackConfig
from inference.track.link import boxes_by_frame, track
from inference.types import Detections

SIZE = (320, 240)
PLAIN = TrackConfig(every=1, smoothing=0.0)


def seen(*boxes, score=0.9):
    scores = [b[4] if len(b) == 5 else score for b in boxes]
    corners = np.array([b[:4] for b in boxes], np.float32).reshape(-1, 4)
    return Detections(corners, np.array(scores, np.float32))


def person(x, y=60.0, width=40.0, height=120.0):
    return (x, y, x + width, y + height)


def test_one_person_is_one_track_over_all_frames():
    tracks = track([seen(person(50 + 3 * t)) for t in range(30)], SIZE, PLAIN)
    assert len(tracks) == 1
    assert tracks.frame_range(0) == (0, 30)
    assert tracks.boxes_xyxy[0, :, 0] == pytest.approx(50 + 3 * np.arange(30))
    assert not tracks.interpolated.any()


def test_gaps_are_filled_along_the_way_and_marked():
    frames = [seen(person(50 + 3 * t)) if not 10 <= t < 18 else seen() for t in range(30)]
    tracks = track(frames, SIZE, PLAIN)
    assert len(tracks) == 1
    assert np.flatnonzero(tracks.interpolated[0]).tolist() == list(range(10, 18))
    assert tracks.boxes_xyxy[0, :, 0] == pytest.approx(50 + 3 * np.arange(30), abs=1e-3)


def test_people_who_pass_each_other_keep_their_tracks():
    frames = [
        seen(person(20 + 6 * t, height=120), person(260 - 6 * t, y=40, width=55, height=160))
        for t in range(40)
    ]
    tracks = track(frames, SIZE, PLAIN)
    assert len(tracks) == 2
    heights = tracks.boxes_xyxy[..., 3] - tracks.boxes_xyxy[..., 1]
    assert np.nanmax(heights, axis=1) - np.nanmin(heights, axis=1) == pytest.approx(0, abs=1e-3)


def test_doubtful_detections_continue_tracks_but_begin_none():
    frames = [seen((*person(50 + t), 0.9 if t < 10 else 0.2)) for t in range(30)]
    assert track(frames, SIZE, PLAIN).frame_range(0) == (0, 30)
    assert len(track([seen(person(50), score=0.2)] * 30, SIZE, PLAIN)) == 0


def test_a_track_that_breaks_while_sitting_down_is_stitched():
    standing = [seen(person(100)) for _ in range(20)]
    seated = [seen((95, 100, 150, 180)) for _ in range(20)]
    tracks = track([*standing, *[seen()] * 25, *seated], SIZE, PLAIN)
    assert len(tracks) == 1
    assert tracks.frame_range(0) == (0, 65)
    assert tracks.interpolated[0].sum() == 25


def test_someone_far_away_is_another_person():
    frames = [seen(person(10)) for _ in range(20)] + [seen(person(250)) for _ in range(20)]
    assert len(track(frames, SIZE, PLAIN)) == 2


def test_people_seen_at_once_are_never_stitched():
    frames = [seen(person(50), person(100)) for _ in range(20)]
    tracks = track(frames, SIZE, PLAIN)
    assert len(tracks) == 2
    assert tracks.present.all()


def test_longest_come_first_and_no_more_than_wanted():
    frames = [
        seen(*(person(50 * p, width=30) for p in range(6) if t < 40 - 5 * p)) for t in range(40)
    ]
    tracks = track(frames, SIZE, TrackConfig(every=1, smoothing=0.0, max_people=4))
    lengths = [tracks.frame_range(p)[1] - tracks.frame_range(p)[0] for p in range(len(tracks))]
    assert lengths == [40, 35, 30, 25]


def test_flickers_are_dropped_but_short_clips_kept():
    flicker = [seen(person(50)) if t == 12 else seen() for t in range(30)]
    assert len(track(flicker, SIZE, PLAIN)) == 0
    assert len(track([seen(person(50))], SIZE)) == 1


def test_a_shadow_of_a_better_track_is_dropped():
    frames = [seen(person(50), (*person(55, y=64), 0.5)) for _ in range(20)]
    assert len(track(frames, SIZE, PLAIN)) == 1


def test_beside_somebody_clearly_seen_doubtful_ones_do_not_count():
    frames = [seen((*person(50), 0.9), (*person(250), 0.45)) for _ in range(20)]
    assert len(track(frames, SIZE, PLAIN)) == 1
    alone = [seen((*person(250), 0.45)) for _ in range(20)]
    assert len(track(alone, SIZE, PLAIN)) == 1


def test_fast_people_are_followed_without_overlap():
    frames = [seen(person(10 + 38 * t)) for t in range(8)]
    assert track(frames, SIZE, PLAIN).frame_range(0) == (0, 8)


def test_smoothing_calms_boxes_and_stays_inside_the_frame():
    rng = np.random.default_rng(0)
    frames = [seen(tuple(np.array(person(60)) + rng.normal(0, 4, 4))) for _ in range(60)]
    raw = track(frames, SIZE, PLAIN).boxes_xyxy[0]
    calm = track(frames, SIZE, TrackConfig(every=1, smoothing=2.0)).boxes_xyxy[0]
    assert np.diff(calm, axis=0).std() < 0.4 * np.diff(raw, axis=0).std()
    outside = track([seen((-30, -30, 500, 500))] * 9, SIZE)
    assert outside.boxes_xyxy[0, 0].tolist() == [-0.5, -0.5, 319.5, 239.5]


@pytest.mark.parametrize("frames", [0, 1, 20])
def test_nobody_gives_no_tracks(frames):
    tracks = track([seen()] * frames, SIZE)
    assert len(tracks) == 0
    assert tracks.boxes_xyxy.shape == (0, frames, 4)
    assert [len(b) for b in boxes_by_frame(tracks)] == [0] * frames
