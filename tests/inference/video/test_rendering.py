"""Rendered clips are repeatable, dark, and their skeletons are where the figure is."""

from fractions import Fraction

import numpy as np
import pytest

from inference.errors import BadInput, Cancelled
from inference.skeleton import COCO17
from inference.video.frames import read_clip
from inference.video.synthetic import ACTIONS, render_clip, write_video

SMALL = {"size": (96, 72), "fps": Fraction(10)}


def test_the_same_seed_gives_the_same_clip():
    one, truth_one = render_clip([("Walk", 0.3)], seed=3, **SMALL)
    two, truth_two = render_clip([("Walk", 0.3)], seed=3, **SMALL)
    other, _ = render_clip([("Walk", 0.3)], seed=4, **SMALL)
    assert np.array_equal(one.frames, two.frames)
    assert np.array_equal(truth_one.keypoints, truth_two.keypoints, equal_nan=True)
    assert not np.array_equal(one.frames, other.frames)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_keeps_its_joints_inside_its_box(action):
    clip, truth = render_clip([(action, 1.0)], seed=5, **SMALL)
    assert clip.frames.shape == (10, 72, 96, 3)
    joints, boxes = truth.keypoints[0], truth.tracks.boxes_xyxy[0]
    seen = joints[..., 2] > 0
    low = joints[..., :2] >= boxes[:, None, :2] - 2
    high = joints[..., :2] <= boxes[:, None, 2:] + 2
    assert seen.mean() > 0.6
    assert (low & high).all(axis=2)[seen].all()


@pytest.mark.parametrize(("darkness", "luma"), [(0.0, 110), (0.5, 48), (0.8, 16), (1.0, 1)])
def test_darkness_sets_the_median_luma(darkness, luma):
    clip, _ = render_clip([("Stand", 0.2)], seed=1, darkness=darkness, **SMALL)
    assert np.median(clip.frames.mean(axis=3)) == pytest.approx(luma, abs=4 + 0.15 * luma)


def test_frames_differ_by_noise_even_where_nothing_moves():
    clip, _ = render_clip([("Sit", 0.2)], seed=1, darkness=0.5, **SMALL)
    corner = clip.frames[:, :12, :12].astype(int)
    assert np.abs(corner[1] - corner[0]).mean() > 0.1


def test_motions_move_the_joints_that_name_them():
    wrists = [COCO17.index("left_wrist"), COCO17.index("right_wrist")]
    hips = [COCO17.index("left_hip"), COCO17.index("right_hip")]

    def heights(action, joints):
        _, truth = render_clip([(action, 2.0)], seed=2, size=(48, 36), fps=Fraction(5))
        return -truth.keypoints[0, :, joints, 1].min(axis=0)

    wave, still = heights("Wave", wrists), heights("Turn", wrists)
    assert wave.max() - wave[0] > 4
    assert still.max() - still.min() < 3
    sit, stand = heights("Sit", hips), heights("Stand", hips)
    assert sit[-1] < sit[0] - 2.5
    assert stand[-1] > stand[0] + 2.5


def test_a_walk_crosses_the_room_and_comes_back():
    _, truth = render_clip([("Walk", 6.0)], seed=0, **SMALL)
    middle = truth.tracks.boxes_xyxy[0][:, ::2].mean(axis=1)
    assert np.isfinite(middle).all()
    assert middle.max() - middle.min() > 20
    assert {-1.0, 1.0} <= set(np.sign(np.diff(middle)))


def test_actions_follow_each_other_without_jumps():
    _, truth = render_clip([("Walk", 1.0), ("Wave", 1.0), ("Turn", 1.0)], seed=1, **SMALL)
    nose = truth.keypoints[0, :, 0, :2]
    assert np.linalg.norm(np.diff(nose, axis=0), axis=1).max() < 12


def test_clips_survive_being_written(tmp_path):
    clip, _ = render_clip([("Wave", 0.4)], seed=0, size=(96, 72), fps=Fraction(30000, 1001))
    write_video(tmp_path / "demo.mp4", clip)
    back = read_clip(tmp_path / "demo.mp4")
    assert back.table.fps == Fraction(30000, 1001)
    assert back.frames.shape == clip.frames.shape
    assert np.abs(back.frames.astype(int) - clip.frames).mean() < 6


@pytest.mark.parametrize(
    ("actions", "size"),
    [([], (96, 72)), ([("Fly", 1)], (96, 72)), ([("Run", 0)], (96, 72)), ([("Run", 1)], (9, 9))],
)
def test_what_cannot_be_rendered_is_refused(actions, size):
    with pytest.raises(BadInput):
        render_clip(actions, size=size)


def test_rendering_can_be_cancelled():
    with pytest.raises(Cancelled):
        render_clip([("Run", 1)], is_cancelled=lambda: True, **SMALL)
