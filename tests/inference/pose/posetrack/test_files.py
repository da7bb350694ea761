"""PoseTrack18 files are read with clear errors and survive being written."""

from __future__ import annotations

import json

import numpy as np
import pytest

from inference.errors import BadInput
from inference.pose.posetrack.read import read_predictions, read_set, read_sets
from inference.pose.posetrack.types import Frame, PoseSet
from inference.pose.posetrack.write import person_of, write_set
from inference.skeleton import COCO17, POSETRACK15, POSETRACK17, convert
from tests.inference.pose.posetrack.scenes import (
    content,
    found,
    image,
    joints,
    person,
    wanted,
    write,
)


def test_a_person_is_read_with_everything_that_the_file_says(tmp_path):
    region = {"ignore_regions_x": [[0, 9, 9]], "ignore_regions_y": [[0, 0, 9]]}
    entry = wanted(7, joints(), drop=["nose"], track_id=4)
    given = content([image(3), image(7, **region)], [entry])
    poses = read_set(write(tmp_path / "a.json", given))
    assert poses.skeleton == POSETRACK17
    empty, frame = poses.frames
    assert (empty.people, frame.id) == ((), 7)
    np.testing.assert_array_equal(frame.ignored[0], [[0, 0], [9, 0], [9, 9]])
    (one,) = frame.people
    assert (one.track, one.head, one.crowd) == (4, (0, 0, 30, 40), False)
    assert np.flatnonzero(~one.given).tolist() == [0, 3, 4]
    np.testing.assert_array_equal(one.points[1], [110, 110])
    assert np.isnan(one.scores).all()


def test_a_joint_off_the_origin_is_given_even_if_hidden(tmp_path):
    points = joints()
    points[5, 2] = 0
    poses = read_set(write(tmp_path / "a.json", content([image(0)], [wanted(0, points)])))
    assert poses.frames[0].people[0].given[5]


def test_joints_are_told_by_name_in_any_order(tmp_path):
    points = convert(joints().astype(np.float32), POSETRACK17, POSETRACK15).astype(float)
    entry = wanted(0, joints()) | {"keypoints": points.ravel().tolist()}
    given = content([image(0)], [entry], POSETRACK15)
    given["categories"][0]["keypoints"][12] = "neck"
    one = read_set(write(tmp_path / "a.json", given)).frames[0].people[0]
    np.testing.assert_array_equal(one.points, joints()[:, :2])
    assert not one.given[[3, 4]].any()


def test_cocos_joints_are_known(tmp_path):
    given = content([image(0)], [person(0, joints())], COCO17)
    assert read_set(write(tmp_path / "a.json", given)).skeleton == COCO17


def test_a_folder_is_read_by_file(tmp_path):
    for name in ("b.json", "a.json"):
        write(tmp_path / name, content([image(0)], []))
    assert list(read_sets(tmp_path)) == ["a.json", "b.json"]
    (tmp_path / "none").mkdir()
    with pytest.raises(BadInput, match="found none"):
        read_sets(tmp_path / "none")


def broken(**entry) -> dict:
    return content([image(0)], [wanted(0, joints()) | entry])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"annolist": []}, "PoseTrack17"),
        ([], "'images'"),
        ({"images": 3}, "'images'"),
        (content([image(0), image(0)], []), r"images\[1\]: image 0 occurs twice"),
        (content([{"file_name": "x"}], []), r"images\[0\]: expected an object with an 'id'"),
        (content([image(0, ignore_regions_x=[[1, 2, 3]])], []), "ignore_regions_x"),
        (broken(keypoints=[1, 2, 3]), r"annotations\[0\]: expected 51 numbers as keypoints"),
        (broken(keypoints=["a"] * 51), "keypoints are not all numbers"),
        (broken(keypoints=[float("nan")] * 51), "keypoints are not all finite"),
        (broken(scores=[0.5]), "expected 17 numbers as scores"),
        (broken(bbox_head=[1, 2]), "expected 4 numbers as bbox_head"),
        (broken(image_id=9), "there is no image 9"),
        (broken(image_id=None), "expected a whole number as image_id"),
        (broken(track_id="x"), "whole number as track_id"),
        (broken() | {"annotations": {}}, "expected a list as 'annotations'"),
        (broken() | {"categories": [{"keypoints": ["tail"]}]}, "joints of COCO or PoseTrack"),
        (broken() | {"categories": {"keypoints": []}}, "'categories'"),
    ],
)
def test_bad_files_are_told_what_is_wrong_where(tmp_path, given, told):
    with pytest.raises(BadInput, match=told):
        read_set(write(tmp_path / "a.json", given))


def test_missing_and_broken_files_are_told(tmp_path):
    with pytest.raises(BadInput, match="No such file"):
        read_set(tmp_path / "absent.json")
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(BadInput, match="expected JSON"):
        read_set(tmp_path / "a.json")


def test_predictions_must_be_of_the_same_images_and_joints(tmp_path):
    truth = read_set(write(tmp_path / "t.json", content([image(0), image(1)], [])))
    some = content([image(1)], [found(1, joints())])
    got = read_predictions(write(tmp_path / "p.json", some), truth)
    assert [len(frame.people) for frame in got.frames] == [0, 1]
    with pytest.raises(BadInput, match=r"image 5 .* is not among"):
        read_predictions(write(tmp_path / "p.json", content([image(5)], [])), truth)
    other = content([{"id": 1, "file_name": "images/val/other/000001.jpg"}], [])
    with pytest.raises(BadInput, match="is not among"):
        read_predictions(write(tmp_path / "p.json", other), truth)
    with pytest.raises(BadInput, match="expected joints of posetrack17, got coco17"):
        read_predictions(write(tmp_path / "p.json", content([image(0)], [], COCO17)), truth)


def test_what_is_written_is_read_again(tmp_path):
    given = content([image(0, ignore_regions_x=[[1, 2, 3]], ignore_regions_y=[[1, 2, 4]])], [])
    truth = read_set(write(tmp_path / "t.json", given))
    keypoints = np.random.default_rng(0).uniform(1, 99, (17, 3)).astype(np.float32)
    box = np.array([1, 2, 30, 50], np.float32)
    one = person_of(keypoints, "coco17", box_xyxy=box, track=3, score=0.5)
    frame = truth.frames[0]
    write_set(
        tmp_path / "out" / "p.json",
        PoseSet(POSETRACK17, (Frame(0, frame.name, (one,), entry=frame.entry),)),
    )
    raw = json.loads((tmp_path / "out" / "p.json").read_text())
    assert raw["images"] == given["images"]
    assert raw["categories"][0]["keypoints"] == list(POSETRACK17.joints)
    (again,) = read_predictions(tmp_path / "out" / "p.json", truth).frames[0].people
    expected = convert(keypoints, COCO17, POSETRACK17)
    np.testing.assert_allclose(again.points, expected[:, :2], atol=6e-4)
    np.testing.assert_allclose(again.scores, expected[:, 2], atol=1e-5)
    assert (again.track, again.box) == (3, (1, 2, 29, 48))
    assert again.score == pytest.approx(0.5 * expected[:, 2].mean(), rel=1e-5)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["p.json"]


def test_joints_that_are_not_known_are_written_as_absent(tmp_path):
    keypoints = np.full((17, 3), np.nan, np.float32)
    keypoints[:16] = 5
    one = person_of(keypoints, "posetrack17", box_xyxy=np.zeros(4, np.float32), track=0)
    write_set(tmp_path / "p.json", PoseSet(POSETRACK17, (Frame(0, "a/0.jpg", (one,)),)))
    (again,) = read_set(tmp_path / "p.json").frames[0].people
    assert np.flatnonzero(~again.given).tolist() == [16]
