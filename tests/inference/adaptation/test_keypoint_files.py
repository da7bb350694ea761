"""Labels may come from any tool, as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inference.adaptation.keypoint_files import KeypointFiles, as_coco
from inference.errors import BadInput
from inference.skeleton import COCO17, POSETRACK17
from inference.types import never_cancelled
from inference.video.synthetic import coded_clip

CLIP = coded_clip(6, size=(64, 48))


def write(folder: Path, name: str = "a.npz", frames: int = 6, **more: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    arrays = {
        "boxes_xyxy": np.tile(np.array([1, 2, 30, 40], np.float32), (2, frames, 1)),
        "keypoints": rng.uniform(0, 1, (2, frames, 17, 3)).astype(np.float32),
        "fps": 30.0,
        "size": np.array([64, 48]),
    }
    np.savez(folder / name, **{**arrays, **more})


def label(folder: Path, clip: str = "yard/a.mp4"):
    return KeypointFiles(folder).label(Path(clip), CLIP, never_cancelled)


def test_a_clip_s_file_has_its_name(tmp_path: Path) -> None:
    write(tmp_path)
    assert label(tmp_path).keypoints.shape == (2, 6, 17, 3)
    with pytest.raises(BadInput, match=r"no b\.npz"):
        label(tmp_path, "yard/b.mp4")


def test_a_folder_of_the_clip_s_folder_s_name_goes_first(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path / "yard", boxes_xyxy=np.full((2, 6, 4), 7, np.float32))
    assert (label(tmp_path).boxes_xyxy == 7).all()
    assert (label(tmp_path, "gate/a.mp4").boxes_xyxy != 7).all()


@pytest.mark.parametrize("frames", [4, 9])
def test_labels_get_as_many_frames_as_the_clip_has(tmp_path: Path, frames: int) -> None:
    write(tmp_path, frames=frames)
    there = ~np.isnan(label(tmp_path).boxes_xyxy[0, :, 0])
    assert there.tolist() == [t < frames for t in range(6)]


def test_a_teacher_that_only_guessed_is_not_believed(tmp_path: Path) -> None:
    write(tmp_path, fallback=np.array([True]))
    with pytest.raises(BadInput, match="nobody"):
        label(tmp_path)
    write(tmp_path, fallback=np.array([False]))
    assert len(label(tmp_path).boxes_xyxy) == 2


def test_labels_for_another_size_are_refused(tmp_path: Path) -> None:
    write(tmp_path, size=np.array([640, 480]))
    with pytest.raises(BadInput, match="640"):
        label(tmp_path)


def test_a_missing_folder_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="folder of keypoints"):
        KeypointFiles(tmp_path / "none")


def test_joints_that_another_order_lacks_are_not_taught() -> None:
    keypoints = np.ones((3, 17, 3), np.float32)
    keypoints[2] = np.nan
    found = as_coco(keypoints, POSETRACK17.name)
    untaught = [COCO17.joints[i] for i in np.flatnonzero(found[0, :, 2] == 0)]
    assert untaught == ["left_eye", "right_eye"]
    assert np.isnan(found[2]).all()
    assert as_coco(keypoints, COCO17.name) is keypoints
