"""Composed scenes show known people where they are said to be, and follow from the seed."""

import numpy as np
import pytest

from inference.track.compose import Actor, compose
from inference.track.spoil import Faults, spoilt_boxes, spoilt_skeletons

BACKGROUND = np.full((96, 128, 3), 30, np.uint8)


def actor(light, frames=12):
    """An upright of one colour that steps to the right."""
    pixels = np.full((frames, 96, 128, 3), 60, np.uint8)
    boxes = np.zeros((frames, 4), np.float32)
    for t in range(frames):
        pixels[t, 20:80, 40 + t : 64 + t] = light
        boxes[t] = (39.5 + t, 19.5, 63.5 + t, 79.5)
    y = np.linspace(22, 78, 17)
    x = ((boxes[:, 0] + boxes[:, 2]) / 2)[:, None].repeat(17, 1)
    joints = np.stack([x, y[None].repeat(frames, 0), np.full(x.shape, 0.9)], axis=-1)
    return Actor(pixels, boxes, joints.astype(np.float32))


def scene(people=2, seed=0, frames=40):
    actors = [actor((220, 40, 40)), actor((40, 220, 40)), actor((40, 40, 220))]
    return compose(BACKGROUND, actors[:people], frames, np.random.default_rng(seed))


def test_everybody_is_where_the_boxes_say():
    made = scene()
    for person, channel in enumerate((0, 1)):
        right = []
        for t in range(40):
            if np.isnan(made.boxes_xyxy[person, t, 0]) or made.hidden[person, t] > 0.2:
                continue
            x, y = ((made.boxes_xyxy[person, t, :2] + made.boxes_xyxy[person, t, 2:]) / 2).round()
            pixel = made.frames[t, int(y), int(x)].astype(int)
            right.append(pixel[channel] > pixel[1 - channel] + 80)
        assert len(right) > 10
        assert np.mean(right) > 0.95


def test_joints_stay_in_their_boxes():
    made = scene()
    middle = made.keypoints[..., :2].mean(axis=2)
    low, high = made.boxes_xyxy[..., :2], made.boxes_xyxy[..., 2:]
    whole = (low > 0).all(-1) & (high < [127, 95]).all(-1)
    assert ((middle > low) & (middle < high))[whole].all()


def test_people_pass_one_another():
    x = scene(frames=80).boxes_xyxy[..., 0]
    assert (x[0] < x[1]).any() and (x[0] > x[1]).any()


def test_the_third_leaves_and_comes_back():
    there = ~np.isnan(scene(people=3, frames=90).boxes_xyxy[2, :, 0])
    assert there[0] and there[-1] and not there.all()


def test_the_seed_decides():
    assert np.array_equal(scene(seed=3).frames, scene(seed=3).frames)
    assert not np.array_equal(scene(seed=3).boxes_xyxy, scene(seed=4).boxes_xyxy)


def test_spoilt_boxes_lack_about_as_many_as_asked():
    made = scene(frames=400)
    faults = Faults(dropped=0.2, spells=0.0, false_alarms=0.0, most_hidden=1.0)
    found = spoilt_boxes(made, faults, np.random.default_rng(0))
    there = (~np.isnan(made.boxes_xyxy[..., 0])).sum()
    assert sum(len(f.scores) for f in found) == pytest.approx(0.8 * there, rel=0.06)
    none = spoilt_boxes(made, Faults(0, 0, 8, 1.0, 0.0, 0.0), np.random.default_rng(0))
    assert none[0].boxes_xyxy == pytest.approx(made.boxes_xyxy[:, 0], abs=0.01)


def test_spoilt_skeletons_belong_to_whoever_fills_the_box():
    made = scene()
    pose = spoilt_skeletons(made, Faults(shake=0.0), seed=0)
    frame = np.array([0, 0])
    found = pose(frame, made.boxes_xyxy[:, 0])
    assert found[..., :2] == pytest.approx(made.keypoints[:, 0, :, :2], abs=0.01)
    nobody = pose(frame[:1], np.array([[0, 0, 4, 4]], np.float32))
    assert nobody[..., 2].max() <= 0.3
    assert np.array_equal(pose(frame, made.boxes_xyxy[:, 0]), found)


def outlined(light):
    """The same actor, a diamond within the box."""
    made = actor(light)
    y, x = np.mgrid[:96, :128]
    outlines = np.stack(
        [np.where(abs(x - 51.5 - t) / 12 + abs(y - 49.5) / 30 < 1, 255, 0) for t in range(12)]
    )
    return Actor(made.frames, made.boxes_xyxy, made.keypoints, outlines.astype(np.uint8))


def test_what_lies_outside_the_outline_stays_the_place():
    made = compose(BACKGROUND, [outlined((220, 40, 40))], 20, np.random.default_rng(0))
    left, top, right, bottom = made.boxes_xyxy[0, 10]
    middle = made.frames[10, int((top + bottom) / 2), int((left + right) / 2)].astype(int)
    corner = made.frames[10, int(top) + 2, int(left) + 2].astype(int)
    assert middle[0] > middle[1] + 60
    assert corner == pytest.approx(BACKGROUND[0, 0], abs=12)


def test_people_are_as_light_as_the_place_they_stand_in():
    """The actor's own place is twice as light as the background."""
    made = compose(BACKGROUND, [actor((200, 200, 200))], 20, np.random.default_rng(0))
    left, top, right, bottom = made.boxes_xyxy[0, 10]
    middle = made.frames[10, int((top + bottom) / 2), int((left + right) / 2)].astype(float)
    assert middle == pytest.approx(100, abs=15)
