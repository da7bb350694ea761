"""Poses files come back as they were, and the teacher's can be read."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from inference.errors import BadInput
from inference.poses_file import load_poses, save_poses
from inference.types import Poses, Tracks

TEACHER = Path(__file__).parents[3] / "shared" / "data" / "teacher" / "train"


def some_poses(people=2, frames=5):
    rng = np.random.default_rng(0)
    boxes = rng.uniform(0, 90, (people, frames, 4)).astype(np.float32)
    boxes[:, 0] = np.nan
    scores = np.where(np.isnan(boxes[..., 0]), np.nan, 0.5).astype(np.float32)
    keypoints = rng.uniform(0, 90, (people, frames, 17, 3)).astype(np.float32)
    keypoints[:, 0] = np.nan
    filled = np.zeros((people, frames), np.bool_)
    filled[:, 3] = True
    times = np.array([10.0, 10.04, 10.1, 10.2, 10.5])[:frames]
    tracks = Tracks(boxes, scores, filled)
    return Poses(tracks, keypoints, "coco17", Fraction(30000, 1001), (96, 72), times)


@pytest.mark.parametrize("people", [0, 1, 2])
def test_poses_come_back_as_they_were(tmp_path, people):
    poses = some_poses(people)
    save_poses(tmp_path / "p.npz", poses)
    back = load_poses(tmp_path / "p.npz")
    for name in ("boxes_xyxy", "scores", "interpolated"):
        assert np.array_equal(
            getattr(back.tracks, name),
            getattr(poses.tracks, name),
            equal_nan=name != "interpolated",
        )
    assert np.array_equal(back.keypoints, poses.keypoints, equal_nan=True)
    assert np.array_equal(back.times_s, poses.times_s)
    assert (back.fps, back.size, back.skeleton) == (poses.fps, poses.size, poses.skeleton)


def test_what_the_networks_saw_comes_back_too(tmp_path):
    decision = {"treatment": "gamma", "mean": 0.06, "noise": 0.002, "contrast": 41.5}
    poses = replace(some_poses(), exposure={"detector": decision})
    save_poses(tmp_path / "p.npz", poses)
    assert load_poses(tmp_path / "p.npz").exposure == {"detector": decision}


def test_missing_times_follow_from_the_rate(tmp_path):
    poses = some_poses()
    np.savez(
        tmp_path / "t.npz",
        boxes_xyxy=poses.tracks.boxes_xyxy,
        keypoints=poses.keypoints,
        fps=25.0,
        size=(96, 72),
    )
    back = load_poses(tmp_path / "t.npz")
    assert back.fps == 25
    assert back.times_s == pytest.approx(np.arange(5) / 25)
    assert back.skeleton == "coco17"
    assert back.exposure == {}
    assert not back.tracks.interpolated.any()


@pytest.mark.skipif(not TEACHER.is_dir(), reason="the teacher's files are not here")
def test_the_teachers_files_can_be_read():
    poses = load_poses(next(iter(sorted(TEACHER.glob("*.npz")))))
    assert poses.fps == 30
    assert poses.size == (320, 240)
    assert poses.keypoints.shape[2:] == (17, 3)


def test_files_that_are_none_are_refused(tmp_path):
    (tmp_path / "text.npz").write_text("nothing of the kind")
    (tmp_path / "empty.npz").touch()
    np.savez(tmp_path / "lacks.npz", fps=30)
    np.savez(tmp_path / "pickled.npz", fps=np.array([object()], object))
    poses = some_poses()
    np.savez(
        tmp_path / "misfit.npz",
        boxes_xyxy=poses.tracks.boxes_xyxy[:, :3],
        keypoints=poses.keypoints,
        fps=30,
        size=(96, 72),
    )
    for name in ("text", "empty", "lacks", "pickled", "misfit", "absent"):
        with pytest.raises(BadInput):
            load_poses(tmp_path / f"{name}.npz")


def test_no_half_written_file_is_left(tmp_path):
    with pytest.raises(OSError):
        save_poses(tmp_path / "no_folder" / "p.npz", some_poses())
    save_poses(tmp_path / "p.npz", some_poses())
    assert [p.name for p in tmp_path.iterdir()] == ["p.npz"]
