"""Joint orders are named, mirrored and converted without mixing up joints."""

from __future__ import annotations

import numpy as np
import pytest

from inference.errors import ModelError
from inference.skeleton import (
    BY_NAME,
    COCO17,
    POSETRACK15,
    POSETRACK17,
    Skeleton,
    convert,
    flip,
    skeleton_named,
)

ALL = list(BY_NAME.values())


@pytest.fixture
def keypoints() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 100, (2, 3, 17, 3)).astype(np.float32)


@pytest.mark.parametrize("skeleton", ALL)
def test_limbs_and_pairs_name_joints_that_exist(skeleton: Skeleton) -> None:
    for start, end in (*skeleton.limbs, *skeleton.flip_pairs):
        assert 0 <= start < len(skeleton)
        assert 0 <= end < len(skeleton)
        assert start != end
    assert len(set(skeleton.limbs)) == len(skeleton.limbs)


@pytest.mark.parametrize("skeleton", ALL)
def test_limbs_are_as_symmetric_as_the_body(skeleton: Skeleton) -> None:
    order = skeleton.flip_order
    drawn = {frozenset(limb) for limb in skeleton.limbs}
    assert {frozenset((order[a], order[b])) for a, b in drawn} == drawn


@pytest.mark.parametrize("skeleton", ALL)
def test_pairs_are_left_and_right_of_one_joint(skeleton: Skeleton) -> None:
    for left, right in skeleton.flip_pairs:
        assert skeleton.joints[left].replace("left_", "right_") == skeleton.joints[right]


def test_coco_begins_and_ends_as_everywhere() -> None:
    assert COCO17.joints[:3] == ("nose", "left_eye", "right_eye")
    assert COCO17.index("left_shoulder") == 5
    assert COCO17.index("right_ankle") == 16


def test_the_published_order_has_the_heads_ends_where_coco_has_the_eyes() -> None:
    assert POSETRACK17.joints[1:3] == ("head_bottom", "head_top")
    assert POSETRACK17.joints[3:] == COCO17.joints[3:]


def test_flipping_twice_changes_nothing(keypoints: np.ndarray) -> None:
    twice = flip(flip(keypoints, COCO17, 320), COCO17, 320)
    np.testing.assert_allclose(twice, keypoints, atol=1e-4)


def test_flipping_moves_the_left_hand_to_the_right(keypoints: np.ndarray) -> None:
    mirrored = flip(keypoints, COCO17, 320)
    left, right = COCO17.index("left_wrist"), COCO17.index("right_wrist")
    np.testing.assert_allclose(mirrored[..., right, 0], 319 - keypoints[..., left, 0])
    np.testing.assert_array_equal(mirrored[..., right, 1:], keypoints[..., left, 1:])


def test_shared_joints_are_carried_over_as_they_are(keypoints: np.ndarray) -> None:
    other = convert(keypoints, POSETRACK17, POSETRACK15)
    assert other.shape == (2, 3, 15, 3)
    for joint in POSETRACK15.joints:
        np.testing.assert_array_equal(
            other[..., POSETRACK15.index(joint), :], keypoints[..., POSETRACK17.index(joint), :]
        )


def test_the_heads_ends_are_derived_from_shoulders_and_nose(keypoints: np.ndarray) -> None:
    other = convert(keypoints, COCO17, POSETRACK17)
    neck = (keypoints[..., 5, :2] + keypoints[..., 6, :2]) / 2
    np.testing.assert_allclose(other[..., 1, :2], neck, rtol=1e-5)
    np.testing.assert_allclose(other[..., 2, :2], 2 * keypoints[..., 0, :2] - neck, atol=1e-3)


@pytest.mark.parametrize("source", ALL)
@pytest.mark.parametrize("target", ALL)
def test_every_order_can_become_every_other(source: Skeleton, target: Skeleton) -> None:
    points = np.full((len(source), 3), np.nan, np.float32)
    assert np.isnan(convert(points, source, target)).all()
    points[:] = 1
    assert convert(points, source, target).shape == (len(target), 3)


def test_wrong_joints_and_names_are_refused(keypoints: np.ndarray) -> None:
    with pytest.raises(ModelError, match="15, 3"):
        convert(keypoints, POSETRACK15, COCO17)
    with pytest.raises(ModelError, match="coco17"):
        skeleton_named("coco18")
