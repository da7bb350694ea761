"""What is held out is never cut, drawn or trained on."""

import json
from pathlib import Path

import numpy as np
import pytest

from inference.errors import BadInput
from inference.pose import dataset

SHARED = Path(__file__).parents[4] / "shared" / "data"
HELD = frozenset({"Jump_8", "Run_1", "Sit_10", "Stand_5", "Turn_7", "Walk_10"})


def make_folder(root: Path) -> Path:
    """Four clips (empty files) of three takes, one of which has no teacher to trust."""
    (root / "teacher" / "train").mkdir(parents=True)
    for name in ("Run_1_1", "Run_11_1", "Run_11_2", "Jump_8_3"):
        clip = root / "arid" / "train" / name.split("_")[0] / f"{name}.mp4"
        clip.parent.mkdir(parents=True, exist_ok=True)
        clip.touch()
        boxes = np.full((2, 5, 4), np.nan, np.float32)
        boxes[0, 1:4] = (10, 5, 30, 45)
        boxes[1, 4] = (20, 5, 40, 45)
        np.savez(
            root / "teacher" / "train" / f"{name}.npz",
            boxes_xyxy=boxes,
            keypoints=np.full((2, 5, 17, 3), 20, np.float32),
            interpolated=np.zeros((2, 5), bool),
            fallback=np.array(name == "Run_11_2"),
        )
    splits = {"class_complete_splits": [["Run_1", "Jump_8"]]}
    (root / "arid" / "train_folds.json").write_text(json.dumps(splits))
    return root


def frames_of(path: Path) -> np.ndarray:
    assert path.stem not in ("Run_1_1", "Jump_8_3"), "a held-out clip was read"
    return np.zeros((5, 48, 64, 3), np.uint8)


def test_takes_of_a_split_are_never_read(tmp_path: Path) -> None:
    data = make_folder(tmp_path)
    held = dataset.held_out_takes(data, 0)
    tracks = dataset.load_clips(data, frames_of, hold_out=held)
    assert [track.source for track in tracks] == ["Run_11_1#0", "Run_11_1#1"]
    assert [[cut.frame for cut in track.cuts] for track in tracks] == [[1, 2, 3], [4]]


def test_take_is_compared_as_a_whole(tmp_path: Path) -> None:
    clips = dataset.clip_paths(make_folder(tmp_path), without=frozenset({"Run_1"}))
    assert [clip.stem for clip in clips] == ["Jump_8_3", "Run_11_1", "Run_11_2"]


def test_clip_without_a_person_gives_nothing(tmp_path: Path) -> None:
    data = make_folder(tmp_path)
    clip = data / "arid" / "train" / "Run" / "Run_11_2.mp4"
    assert dataset.load_clip(clip, dataset.teacher_file(data, clip), frames_of) == []


def test_unknown_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="class_complete_splits"):
        dataset.held_out_takes(make_folder(tmp_path), 7)


def test_joints_on_which_the_teacher_disagrees_with_itself_weigh_nothing() -> None:
    plain = np.zeros((17, 3), np.float32)
    plain[5:7, 1], plain[11:13, 1], plain[:, 2] = 0, 40, 0.9
    mean = plain.copy()
    mean[9, 0] += 11
    mean[10, 0] += 9
    weights = dataset.agreed_keypoints(plain, mean)[:, 2]
    assert weights[9] == 0
    assert np.delete(weights, 9).min() > 0.8


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data")
def test_the_first_split_of_the_real_data_shares_no_clip_with_training() -> None:
    held = dataset.held_out_takes(SHARED, 0)
    assert held == HELD
    trained = dataset.clip_paths(SHARED, without=held)
    measured = dataset.clip_paths(SHARED, without=held, only=True)
    assert len(trained) + len(measured) == 150
    assert not {dataset.take_of(clip.name) for clip in trained} & HELD
    assert {dataset.take_of(clip.name) for clip in measured} == HELD
