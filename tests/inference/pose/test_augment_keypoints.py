"""Augmentation keeps keypoints on their pixels."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.pose import augment
from inference.pose.config import COMPACT
from inference.pose.crop import place
from inference.pose.cuts import cut_out
from inference.skeleton import COCO17

IMAGE = COMPACT.image
WILD = augment.ViewConfig(
    turn=30, size=0.3, shift=0.1, stretch=0.2, slant=0.15, mirrored=0.5, half_body=0.3
)


def person_with_dots(seed: int, factor: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A frame with one soft grey dot for each joint of a random person; dots differ in grey."""
    rng = np.random.default_rng(seed)
    box = np.array([90, 40, 180, 200], np.float32) * factor
    points = rng.uniform(box[:2] + 10 * factor, box[2:] - 10 * factor, (17, 2))
    frame = np.zeros((240 * factor, 320 * factor, 3), np.uint8)
    keypoints = np.column_stack((points, np.ones(17))).astype(np.float32)
    return frame, box, keypoints


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), joint=st.integers(0, 16), factor=st.sampled_from([1, 3]))
def test_keypoint_lies_on_its_pixel_in_every_view(seed: int, joint: int, factor: int) -> None:
    frame, box, keypoints = person_with_dots(seed, factor)
    x, y = np.round(keypoints[joint, :2]).astype(int)
    keypoints[joint, :2] = x, y
    cv2.circle(frame, (int(x), int(y)), 5 * factor, (255, 255, 255), -1)
    cut = cut_out(frame, box, keypoints, 0)
    view = augment.random_view(cut, IMAGE, 1.25, WILD, np.random.default_rng(seed))
    picture = augment.render(cut, view.affine, COMPACT)[..., 0].astype(float)
    place_in_crop = COCO17.flip_order[joint] if view.mirrored else joint
    found = augment.keypoints_in(cut, view, IMAGE)[place_in_crop]
    margin = 12
    if not (margin < found[0] < IMAGE[0] - margin and margin < found[1] < IMAGE[1] - margin):
        return
    rows, columns = np.mgrid[: IMAGE[1], : IMAGE[0]]
    middle = np.array([(picture * columns).sum(), (picture * rows).sum()]) / picture.sum()
    assert np.abs(middle - found[:2]).max() < 0.6


def test_mirrored_view_swaps_left_and_right_joints() -> None:
    frame, box, keypoints = person_with_dots(0)
    cut = cut_out(frame, box, keypoints, 0)
    still = augment.STILL
    plain = augment.random_view(cut, IMAGE, 1.25, still, np.random.default_rng(0))
    always = replace(augment.STILL, mirrored=1.0)
    mirror = augment.random_view(cut, IMAGE, 1.25, always, np.random.default_rng(0))
    before = augment.keypoints_in(cut, plain, IMAGE)
    after = augment.keypoints_in(cut, mirror, IMAGE)
    for left, right in COCO17.flip_pairs:
        np.testing.assert_allclose(after[left, 0], IMAGE[0] - 1 - before[right, 0], atol=1e-4)
        np.testing.assert_allclose(after[left, 1], before[right, 1], atol=1e-4)


def test_still_view_is_the_estimators_crop() -> None:
    frame, box, keypoints = person_with_dots(1)
    cut = cut_out(frame, box, keypoints, 0)
    view = augment.random_view(cut, IMAGE, 1.25, augment.STILL, np.random.default_rng(0))
    expected = place(box[None], IMAGE, 1.25).affines(IMAGE)[0]
    np.testing.assert_allclose(view.affine, expected, atol=1e-9)


def test_an_enlarged_view_shows_the_same_place_in_more_pixels() -> None:
    frame, box, keypoints = person_with_dots(4)
    frame[:] = np.linspace(0, 200, frame.shape[1], dtype=np.uint8)[None, :, None]
    cut = cut_out(frame, box, keypoints, 0)
    affine = place(box[None], IMAGE, 1.25).affines(IMAGE)[0]
    twice = (2 * IMAGE[0], 2 * IMAGE[1])
    small = augment.render(cut, affine, COMPACT).astype(float)
    large = augment.render(cut, augment.enlarged(affine, 2.0), COMPACT, twice).astype(float)
    halved = large.reshape(IMAGE[1], 2, IMAGE[0], 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - small).max() < 2


def test_cut_shows_the_same_pixels_as_the_whole_frame() -> None:
    frame, box, keypoints = person_with_dots(2)
    frame[:] = np.random.default_rng(0).integers(0, 255, frame.shape, dtype=np.uint8)
    cut = cut_out(frame, box, keypoints, 0)
    whole = cut_out(frame, np.array([0, 0, 319, 239], np.float32), keypoints, 0)
    affine = place(box[None], IMAGE, 1.25).affines(IMAGE)[0]
    np.testing.assert_array_equal(
        augment.render(cut, affine, COMPACT), augment.render(whole, affine, COMPACT)
    )


@pytest.mark.parametrize("x", [-0.6, IMAGE[0] - 0.4])
def test_keypoints_outside_the_crop_weigh_nothing(x: float) -> None:
    frame, box, keypoints = person_with_dots(3)
    view = augment.View(np.array([[1.0, 0, 0], [0, 1, 0]]), mirrored=False)
    keypoints[:, :2] = 20, 20
    keypoints[4, 0] = x
    weights = augment.keypoints_in(cut_out(frame, box, keypoints, 0), view, IMAGE)[:, 2]
    assert weights[4] == 0
    assert np.delete(weights, 4).min() == 1
