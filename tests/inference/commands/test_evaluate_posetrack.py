"""``evaluate-pose --posetrack`` measures given poses, or makes them from images first."""

from __future__ import annotations

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from inference.__main__ import main
from inference.pose.posetrack.estimate import neighbour
from inference.pose.posetrack.read import read_set
from inference.skeleton import POSETRACK17
from tests.inference.pose.posetrack.scenes import content, found, image, joints, wanted, write


class FakeEstimator:
    """Joints along the diagonal of each box; remembers the brightness of what it saw."""

    at_once, reach = 2, 1
    network_config = SimpleNamespace(skeleton="posetrack17")

    def __init__(self):
        self.seen = []

    def skeletons(self, frames, frame, boxes_xyxy):
        self.seen.append(([int(picture.mean()) for picture in frames], frame.tolist()))
        share = np.linspace(0, 1, 17)[None, :, None]
        points = boxes_xyxy[:, None, :2] + share * (
            boxes_xyxy[:, None, 2:] - boxes_xyxy[:, None, :2]
        )
        score = np.full((*points.shape[:2], 1), 0.5)
        return np.concatenate([points, score], axis=2).astype(np.float32)


@pytest.fixture
def estimator(monkeypatch):
    fake = FakeEstimator()
    monkeypatch.setattr(
        "inference.commands.evaluate_posetrack.PoseEstimator.load", lambda weights, device: fake
    )
    return fake


@pytest.fixture
def scene(tmp_path):
    """Frames 0 to 3 of brightness 50 times their number; people in 1 and 3."""
    for number in range(4):
        file = tmp_path / image(number)["file_name"]
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), np.full((300, 400, 3), 50 * number, np.uint8))
    truth = [wanted(1, joints(), track_id=7), wanted(3, joints()), wanted(3, joints(120, 20))]
    return write(tmp_path / "truth.json", content([image(n) for n in range(4)], truth))


def evaluate(capsys, *words):
    status = main(["evaluate-pose", *map(str, words)])
    out, err = capsys.readouterr()
    return status, out, err


def test_given_poses_are_measured(scene, tmp_path, capsys):
    poses = [found(1, joints()), found(3, joints())]
    path = write(tmp_path / "found.json", content([image(n) for n in range(4)], poses))
    status, out, _ = evaluate(capsys, "--posetrack", scene, "--predictions", path, "--json")
    report = json.loads(out)
    assert status == 0
    assert (report["frames"], report["people"], report["poses"]) == (2, 3, 2)
    assert report["ap"]["Total"] == report["pckh"]["Total"] == pytest.approx(200 / 3, abs=1e-4)
    assert report["ap_by_joint"]["nose"] == pytest.approx(200 / 3, abs=1e-4)
    assert report["oks"]["AR"] == pytest.approx(200 / 3, abs=1e-4)
    assert report["oks"]["AP medium"] is None
    status, out, _ = evaluate(capsys, "--posetrack", scene, "--predictions", path)
    assert "2 frames, 3 people, 2 poses" in out
    assert out.splitlines()[2].split() == ["AP", *["66.7"] * 8]


def test_folders_are_measured_file_by_file(scene, tmp_path, capsys):
    truths, poses = tmp_path / "truths", tmp_path / "poses"
    truths.mkdir()
    poses.mkdir()
    for name in ("a.json", "b.json"):
        write(truths / name, content([image(0)], [wanted(0, joints())]))
    write(poses / "a.json", content([image(0)], [found(0, joints())]))
    status, _, err = evaluate(capsys, "--posetrack", truths, "--predictions", poses)
    assert (status, "lacks 1 of 2 files, first b.json" in err) == (2, True)
    write(poses / "b.json", content([image(0)], []))
    _, out, _ = evaluate(capsys, "--posetrack", truths, "--predictions", poses, "--json")
    assert json.loads(out)["ap"]["Total"] == 50
    status, _, err = evaluate(capsys, "--posetrack", scene, "--predictions", poses)
    assert (status, "both as file or folder" in err) == (2, True)


def test_our_poses_are_made_on_the_annotated_boxes_and_written(scene, tmp_path, capsys, estimator):
    words = ["--posetrack", scene, "--images", tmp_path, "--write", tmp_path / "ours.json"]
    status, out, _ = evaluate(capsys, *words, "--json")
    assert status == 0
    assert json.loads(out)["ap"]["Total"] == 100
    assert estimator.seen == [([0, 50, 100], [1]), ([100, 150], [1, 1])]
    ours = read_set(tmp_path / "ours.json")
    assert ours.skeleton == POSETRACK17
    assert [[p.track for p in frame.people] for frame in ours.frames] == [[], [7], [], [0, 0]]
    again = ["--posetrack", scene, "--predictions", tmp_path / "ours.json", "--json"]
    assert evaluate(capsys, *again)[1] == out


def test_a_detectors_boxes_may_be_given(scene, tmp_path, capsys, estimator):
    """The surest three of one frame in batches of two; unsure boxes and other images are left."""
    box = [100, 100, 160, 160]
    name = "val/000001_test/000001.jpg"
    boxes = [
        {"image_name": name, "bbox": [*box[:3], 80], "score": 0.3, "category_id": 1},
        {"image_name": name, "bbox": [*box[:3], 40], "score": 0.1, "category_id": 1},
        {"image_id": 1, "bbox": box, "score": 0.9},
        {"image_id": 1, "bbox": [0, 0, 50, 50], "score": 0.5},
        {"image_id": 1, "bbox": [0, 0, 0, 50], "score": 0.9},
        {"image_id": 1, "bbox": box, "score": 0.9, "category_id": 3},
        {"image_id": 2, "bbox": box, "score": 0.9},
        {"image_id": 99, "bbox": box, "score": 0.9},
    ]
    file = write(tmp_path / "boxes.json", boxes)
    words = ["--posetrack", scene, "--images", tmp_path, "--boxes", file, "--json"]
    _, out, _ = evaluate(capsys, *words, "--write", tmp_path / "ours.json")
    (people,) = [frame.people for frame in read_set(tmp_path / "ours.json").frames if frame.people]
    assert [round(p.score, 3) for p in people] == [0.45, 0.25, 0.15]
    assert [p.track for p in people] == [0, 1, 2]
    assert len(estimator.seen) == 2
    assert json.loads(out)["recall"]["Total"] == pytest.approx(100 / 3, abs=1e-4)
    evaluate(capsys, *words, "--write", tmp_path / "ours.json", "--every-frame")
    filled = [bool(frame.people) for frame in read_set(tmp_path / "ours.json").frames]
    assert filled == [False, True, True, False]


@pytest.mark.parametrize(
    ("boxes", "told"),
    [
        ({}, "expected a list"),
        ([{"image_id": 1, "bbox": [1, 2]}], r"boxes.json[0]: expected 4 numbers as bbox"),
        ([{"bbox": [1, 2, 3, 4]}], "expected image_name or image_id"),
        ([{"image_id": 5, "bbox": [1, 2, 3, 4]}], "no box for any of the images"),
    ],
)
def test_bad_boxes_are_told(scene, tmp_path, capsys, estimator, boxes, told):
    file = write(tmp_path / "boxes.json", boxes)
    words = ["--posetrack", scene, "--images", tmp_path, "--boxes", file]
    status, _, err = evaluate(capsys, *words)
    assert (status, told in err) == (2, True)


def test_missing_arguments_and_images_are_told(scene, tmp_path, capsys, estimator):
    status, _, err = evaluate(capsys)
    assert (status, "--data DIR or --posetrack GT" in err) == (2, True)
    status, _, err = evaluate(capsys, "--posetrack", scene)
    assert (status, "--images DIR" in err) == (2, True)
    status, _, err = evaluate(capsys, "--posetrack", scene, "--images", tmp_path / "no")
    assert (status, "Expected an image images/val/000001_test/000001.jpg" in err) == (2, True)
    (tmp_path / image(1)["file_name"]).write_bytes(b"no picture")
    status, _, err = evaluate(capsys, "--posetrack", scene, "--images", tmp_path)
    assert (status, "cannot be decoded" in err) == (2, True)


@pytest.mark.parametrize(
    ("name", "step", "other"),
    [
        ("a/000009.jpg", 1, "a/000010.jpg"),
        ("a/000000.jpg", -1, None),
        ("a/nine.jpg", 1, None),
    ],
)
def test_neighbours_are_found_by_number(name, step, other):
    assert neighbour(name, step) == other
