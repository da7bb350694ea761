"""What is learnt from: doubtful people are left out, places are shown without their people."""

import numpy as np

from inference.detect import dataset
from inference.detect.dataset import People
from inference.detect.targets import make_target


def saved(folder, boxes, **arrays):
    np.savez(folder / "clip.npz", boxes_xyxy=boxes, fallback=False, **arrays)
    return folder / "clip.npz"


def track(frames=12, left=20.0):
    boxes = np.zeros((1, frames, 4), np.float32)
    boxes[0] = [left, 10, left + 20, 60]
    return boxes


def test_frames_in_which_the_teacher_lost_somebody_are_no_empty_rooms(tmp_path):
    boxes = track()
    boxes[0, 6] = np.nan
    scene = dataset._scene_of(np.zeros((12, 64, 96, 3), np.uint8), saved(tmp_path, boxes), 1.0)
    assert scene.usable.tolist() == [0, 1, 3]


def test_boxes_are_smoothed_where_they_are_there(tmp_path):
    boxes = track()
    boxes[0, ::2, 2] += 8
    boxes[0, 9:] = np.nan
    scene = dataset._scene_of(np.zeros((12, 64, 96, 3), np.uint8), saved(tmp_path, boxes), 1.0)
    right = [people.boxes[0, 2] for people in scene.people[:3]]
    assert max(right) - min(right) < 4
    assert len(scene.people[3].boxes) == 0


def test_people_of_low_score_are_neither_learnt_nor_background(tmp_path):
    path = saved(tmp_path, track(), box_score=np.full((1, 12), 0.1))
    scene = dataset._scene_of(np.zeros((12, 64, 96, 3), np.uint8), path, 1.0)
    people = scene.people[0]
    assert not people.sure.any()
    target = make_target(people, (96, 64))
    assert target.heat.max() == 0
    assert target.counts[4, 3] == 0
    assert target.counts[4, 10] == 1


def test_a_place_is_shown_without_its_people():
    frames = np.full((6, 48, 128, 3), 30, np.uint8)
    boxes = []
    for t in range(6):
        left = 4 + 20 * t
        frames[t, 8:40, left : left + 12] = 200
        boxes.append(np.array([[left, 8, left + 12, 40]], np.float32))
    place = dataset.place_of(frames, boxes)
    assert place.shape == (48, 128, 3)
    assert (place == 30).all()


def test_where_a_person_never_leaves_only_the_rest_is_a_place():
    frames = np.full((3, 48, 128, 3), 30, np.uint8)
    boxes = [np.array([[100, 0, 128, 48]], np.float32)] * 3
    assert 80 <= dataset.place_of(frames, boxes).shape[1] <= 100
    assert dataset.place_of(frames, [np.array([[20, 0, 108, 48]], np.float32)] * 3) is None


def test_joints_are_drawn_where_they_are_seen():
    joints = np.full((1, 17, 3), np.nan, np.float32)
    joints[0, 0] = [35.5, 19.5, 0.9]
    joints[0, 15] = [35.5, 51.5, 0.1]
    maps = make_target(People.of(np.array([[20, 10, 50, 60]], np.float32), joints), (96, 64)).parts
    assert np.unravel_index(maps[0].argmax(), maps[0].shape) == (2, 4)
    assert maps[0].max() > 0.99
    assert maps[1:].max() == 0
