"""People who look different are told apart as they meet, and known again."""

from dataclasses import replace

import numpy as np
import pytest

from inference.track.config import TrackConfig
from inference.track.link import track
from inference.track.looks import ROWS, looks_of, unlikeness
from inference.types import Detections

SIZE = (320, 240)
PLAIN = TrackConfig(every=1, smoothing=0.0)
WITHOUT = replace(PLAIN, look_weight=0.0)
RED, BLUE = np.zeros(3 * ROWS, np.float32), np.full(3 * ROWS, 0.3, np.float32)


def box(x, width=50.0):
    return np.array([x, 60.0, x + width, 180.0])


def seen(*boxes):
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(corners, np.full(len(corners), 0.9, np.float32))


def turning_back():
    """Red and blue meet, are seen as one for a while, and go back to where they came from.

    Returns detections and the middle x of red and of blue in each frame.
    """
    frames, ways = [], []
    for t in range(60):
        red = 40 + 5 * min(t, 59 - t, 20)
        blue = 240 - 5 * min(t, 59 - t, 20)
        both = [box(red), box(blue)] if blue - red > 20 else [box((red + blue) / 2)]
        frames.append(seen(*both))
        ways.append((red + 25, blue + 25))
    return frames, ways


def dressed(ways):
    """Looks by who is nearer; where both are at one place it is red who is in front."""

    def looks(frame, boxes_xyxy):
        middles = (boxes_xyxy[:, 0] + boxes_xyxy[:, 2]) / 2
        red, blue = ways[frame]
        return np.stack([RED if abs(m - red) <= abs(m - blue) else BLUE for m in middles])

    return looks


def test_a_dark_shirt_and_a_light_one_look_unlike_and_noise_does_not():
    rng = np.random.default_rng(0)
    frame = np.full((240, 320, 3), 20, np.uint8)
    frame[60:120, 40:90], frame[120:180, 40:90] = 60, 10
    frame[60:120, 200:250], frame[120:180, 200:250] = 10, 60

    def noisy():
        return np.clip(frame + rng.normal(0, 4, frame.shape), 0, 255).astype(np.uint8)

    one, other = looks_of(noisy(), np.stack([box(40), box(200)]))
    again = looks_of(noisy(), np.stack([box(42)]))[0]
    assert one.shape == (3 * ROWS,)
    assert unlikeness(one, again) < 0.7
    assert unlikeness(one, other) > 2


def test_another_light_changes_looks_little():
    frame = np.full((240, 320, 3), 20, np.uint8)
    frame[60:120, 40:90], frame[120:180, 40:90] = 120, 60
    whole = np.stack([box(40)])
    assert unlikeness(looks_of(frame, whole)[0], looks_of(frame // 2, whole)[0]) < 0.6


@pytest.mark.parametrize("corners", [(-30, -30, 5, 5), (318, 238, 340, 260), (5, 5, 5.5, 5.5)])
def test_boxes_at_the_edge_and_tiny_ones_have_looks_too(corners):
    frame = np.full((240, 320, 3), 20, np.uint8)
    assert np.isfinite(looks_of(frame, np.array([corners], float))).all()


def test_who_meets_and_turns_back_keeps_their_track():
    frames, ways = turning_back()

    def sides(config, looks):
        tracks = track(frames, SIZE, config, None, looks)
        x = tracks.boxes_xyxy[:, :, 0]
        return sorted((row[5] < 150, row[55] < 150) for row in x)

    assert sides(PLAIN, dressed(ways)) == [(False, False), (True, True)]


def test_a_swap_is_put_right_afterwards():
    """They approach, change places between two frames, and part again: only looks tell."""
    gaps = [55 - 4 * t for t in range(10)] + [15] * 20 + [15 + 8 * t for t in range(12)]
    frames = [seen(box(115 - gap), box(115 + gap)) for gap in gaps]

    def looks(frame, boxes_xyxy):
        left, right = (RED, BLUE) if frame < 20 else (BLUE, RED)
        return np.stack([left if b[0] < 115 else right for b in boxes_xyxy])

    unaware = replace(PLAIN, look_weight=1e-9)
    kept = track(frames, SIZE, replace(unaware, swap_margin=0.0), None, looks)
    mended = track(frames, SIZE, unaware, None, looks)
    begins_left = [int(tracks.boxes_xyxy[0, 3, 0] > 115) for tracks in (kept, mended)]
    assert kept.boxes_xyxy[begins_left[0], -1, 0] < 115
    assert mended.boxes_xyxy[begins_left[1], -1, 0] > 115
    assert mended.present.all()


def test_somebody_else_in_the_same_place_is_no_return():
    frames = [seen(box(100)) for _ in range(20)] + [seen()] * 25
    frames += [seen(box(105)) for _ in range(20)]

    def looks(frame, boxes_xyxy):
        return np.stack([RED if frame < 30 else BLUE] * len(boxes_xyxy)) if len(boxes_xyxy) else RED

    assert len(track(frames, SIZE, PLAIN, None, looks)) == 2
    assert len(track(frames, SIZE, WITHOUT, None, looks)) == 1
