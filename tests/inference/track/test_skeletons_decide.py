"""Where boxes leave a choice skeletons decide, and they carry on whom the detector lost."""

from dataclasses import replace

import numpy as np
import pytest

from inference.track.config import TrackConfig
from inference.track.follow import Follower
from inference.track.likeness import likeness, moved, spreads_of
from inference.track.link import track
from inference.types import Detections

SIZE = (320, 240)
PLAIN = TrackConfig(every=1, smoothing=0.0)
SHAPES = {
    "tall": np.stack([np.full(17, 0.5), np.linspace(0.05, 0.95, 17)], axis=1),
    "wide": np.stack([np.linspace(0.0, 1.0, 17), np.full(17, 0.5)], axis=1),
}


def box(x, width=60.0):
    return np.array([x, 60.0, x + width, 180.0])


def seen(*boxes, score=0.9):
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(corners, np.full(len(corners), score, np.float32))


def posing(who, score=0.9):
    """A pose network that knows the shape of whoever ``who(frame, middle x)`` names."""

    def pose(frame, boxes_xyxy):
        out = np.zeros((len(frame), 17, 3), np.float32)
        for i, (t, b) in enumerate(zip(frame.tolist(), boxes_xyxy, strict=True)):
            name = who(t, float(b[0] + b[2]) / 2)
            out[i, :, :2] = b[:2] + SHAPES[name or "tall"] * (b[2:] - b[:2])
            out[i, :, 2] = score if name else 0.05
        return out

    return pose


def meeting():
    """Two people side by side; the left one is lost as the right one steps into their place."""
    frames = [seen(box(100), box(160)) for _ in range(10)]
    frames += [seen(box(160 - 10 * step)) for step in range(1, 7)]
    return frames + [seen(box(100)) for _ in range(14)]


def test_another_skeleton_in_the_same_place_is_another_person():
    pose = posing(lambda t, x: "tall" if t < 10 and x < 150 else "wide")
    config = replace(PLAIN, carry_score=2.0)
    by_boxes = track(meeting(), SIZE, replace(config, skeleton_weight=0.0), pose)
    by_both = track(meeting(), SIZE, config, pose)
    last = [tracks.present[:, -1] for tracks in (by_boxes, by_both)]
    begun_left = [tracks.boxes_xyxy[:, 0, 0] == 100 for tracks in (by_boxes, by_both)]
    assert len(by_both) == 2
    assert not (last[1] & begun_left[1]).any()
    assert last[1].sum() == 1


def test_the_detector_may_lose_somebody_whom_the_skeleton_still_shows():
    frames = [seen(box(100 + 2 * t)) if t < 12 else seen() for t in range(24)]
    shown = track(frames, SIZE, PLAIN, posing(lambda t, x: "tall"))
    gone = track(frames, SIZE, PLAIN, posing(lambda t, x: "tall" if t < 12 else None))
    assert shown.frame_range(0) == (0, 24)
    assert shown.interpolated[0].nonzero()[0].tolist() == list(range(12, 24))
    assert gone.frame_range(0) == (0, 12)


def test_nobody_is_carried_on_in_the_place_of_somebody_seen():
    still = [seen(box(100), box(190)) for _ in range(12)]
    frames = still + [seen(box(100)) for _ in range(12)]
    here = posing(lambda t, x: "tall")
    assert track(frames, SIZE, PLAIN, here).present[:, 20].sum() == 2
    covered = [seen(box(100), box(120)) for _ in range(12)] + [seen(box(100)) for _ in range(12)]
    assert track(covered, SIZE, PLAIN, here).present[:, 20].sum() == 1


def test_skeletons_are_asked_for_only_in_doubt():
    asked = []

    def pose(frame, boxes_xyxy):
        asked.append(len(frame))
        return posing(lambda t, x: "tall")(frame, boxes_xyxy)

    track([seen(box(50 + t)) for t in range(30)], SIZE, PLAIN, pose)
    assert asked == []


def test_likeness_is_one_for_the_same_and_falls_with_distance():
    spreads = spreads_of(("nose", "left_hip"))
    one = np.array([[50.0, 50, 1], [50, 100, 1]])
    assert likeness(one, one, box(20), 0, spreads) == pytest.approx(1)
    near, far = one + np.array([2, 0, 0]), one + np.array([15, 0, 0])
    values = [likeness(one, other, box(20), 0, spreads) for other in (near, far)]
    assert 1 > values[0] > values[1] > 0
    assert likeness(one, far, box(20), 10, spreads) > values[1]
    # By hand: area 60 x 120, spread 0.026, distance 2 px, and 0.107 for the hip.
    by_hand = [np.exp(-4 / (2 * 7200 * (2 * s) ** 2)) for s in (0.026, 0.107)]
    assert values[0] == pytest.approx(np.mean(by_hand))


def test_joints_that_nobody_sees_say_nothing():
    one = np.array([[50.0, 50, 1], [50, 100, 0]])
    off = np.array([[50.0, 50, 1], [90, 20, 1]])
    spreads = spreads_of(("nose", "left_hip"))
    assert likeness(one, off, box(20), 0, spreads) == pytest.approx(1)
    assert likeness(one * [1, 1, 0], off, box(20), 0, spreads) is None


def test_joints_move_and_grow_with_their_box():
    joints = np.array([[10.0, 20.0, 0.7]])
    out = moved(joints, np.array([0.0, 0, 20, 40]), np.array([100.0, 100, 140, 180]))
    assert out.tolist() == [[120.0, 140.0, 0.7]]


@pytest.mark.parametrize("every", [1, 3, 4])
def test_the_detector_looks_at_few_frames_where_nothing_changes(every):
    looked = []

    def look(frames):
        looked.extend(frames)
        return [seen(box(50 + t)) for t in frames]

    config = replace(PLAIN, every=every, alert=4)
    follower = Follower(look, None, SIZE, config)
    follower.advance(62, last=True)
    grid = {*range(0, 62, every), 61}
    assert grid <= set(looked)
    assert set(range(4)) <= set(looked)
    assert max(set(looked) - grid, default=0) < 4 + every
    assert len(looked) == len(set(looked)) == follower.looked


def test_boxes_between_looks_lie_on_the_way():
    frames = [seen(box(20 + 3 * t)) for t in range(40)]
    tracks = track(frames, SIZE, replace(PLAIN, every=4))
    assert tracks.present.all()
    assert tracks.boxes_xyxy[0, :, 0] == pytest.approx(20 + 3 * np.arange(40), abs=0.01)


def test_after_somebody_is_lost_each_frame_is_looked_at():
    looked = []

    def look(frames):
        looked.extend(frames)
        return [seen(box(50)) if t < 30 else seen() for t in frames]

    Follower(look, None, SIZE, replace(PLAIN, every=5, alert=3)).advance(60)
    assert {31, 32, 33} <= set(looked)
    assert 47 not in looked


def test_what_is_found_does_not_depend_on_how_the_clip_is_cut():
    rng = np.random.default_rng(0)
    frames = [
        seen(box(20 + 3 * t), box(250 - 3 * t)) if rng.uniform() > 0.2 else seen()
        for t in range(80)
    ]

    def parts(length):
        config = replace(TrackConfig(), every=3)
        follower = Follower(lambda fs: [frames[f] for f in fs], None, SIZE, config)
        out = {}
        for end in [*range(length, 80, length), 80]:
            follower.advance(end, last=end == 80)
            for tracklet, stretch in follower.ripe(end, last=end == 80):
                rows = zip(stretch.frames.tolist(), stretch.boxes_xyxy, strict=True)
                start = float(tracklet.boxes[0][0])
                out |= {(tracklet.first, start, t): b.tolist() for t, b in rows}
        return out

    whole = parts(80)
    assert len(whole) > 100
    for length in (7, 32):
        cut = parts(length)
        assert cut.keys() == whole.keys()
        assert all(cut[key] == pytest.approx(whole[key]) for key in whole)


def test_who_leaves_over_an_edge_and_returns_there_is_the_same_person():
    there = [seen(box(max(120 - 8 * t, 0))) for t in range(20)]
    back = [seen(box(min(8 * t, 120))) for t in range(20)]
    tracks = track([*there, *[seen()] * 90, *back], SIZE, PLAIN)
    assert len(tracks) == 1
    assert not tracks.present[0, 40:90].any()
    other_side = [seen(box(260 - min(8 * t, 120))) for t in range(20)]
    assert len(track([*there, *[seen()] * 90, *other_side], SIZE, PLAIN)) == 2
