"""Crops lie where the published programs cut them, and keypoints find the way back."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from inference.pose.config import COMPACT, W48
from inference.pose.crop import cut, inverse, place, to_points
from tests.inference.pose.parity import COMMITTED, SHARED, needs_shared


def xyxy(boxes_xywh: np.ndarray) -> np.ndarray:
    return np.concatenate((boxes_xywh[:, :2], boxes_xywh[:, :2] + boxes_xywh[:, 2:]), axis=1)


def ramp(width: int, height: int) -> np.ndarray:
    """An image that holds its own coordinates: x in red, y in green, both over 4."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack((columns / 4, rows / 4, 0 * rows), axis=-1).round().astype(np.uint8)


def test_boxes_become_the_published_crops() -> None:
    figures = np.load(COMMITTED / "crop_and_decode.npz")
    placement = place(xyxy(figures["boxes_xywh"]), (288, 384))
    np.testing.assert_allclose(placement.center, figures["center"], atol=1e-4)
    np.testing.assert_allclose(placement.scale, figures["scale"], rtol=1e-6)
    np.testing.assert_allclose(placement.affines((288, 384)), figures["affine"], atol=5e-4)


@needs_shared
def test_pixels_are_the_published_ones() -> None:
    figures = np.load(SHARED / "crop_and_decode.npz")
    exact = cut(figures["image"], figures["affine"][3], W48)
    np.testing.assert_array_equal(exact, figures["crop_of_box_3"])
    own = place(xyxy(figures["boxes_xywh"]), (288, 384)).affines((288, 384))[3]
    difference = np.abs(cut(figures["image"], own, W48).astype(int) - figures["crop_of_box_3"])
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3


def test_a_crop_holds_the_box_in_its_middle_with_context() -> None:
    box = np.array([[10, 20, 50, 120]], np.float32)
    affines = place(box, (96, 128), 1.25).affines((96, 128))
    corners = to_points(np.array([[[30, 70], [10, 20], [50, 120]]], np.float32), affines)[0]
    np.testing.assert_allclose(corners[0], (48, 64), atol=1e-4)
    assert corners[1, 1] == pytest.approx(64 - 64 / 1.25, abs=1e-3)
    assert corners[2, 1] == pytest.approx(64 + 64 / 1.25, abs=1e-3)


def test_points_go_there_and_back() -> None:
    rng = np.random.default_rng(0)
    boxes = rng.uniform(0, 100, (5, 4)).astype(np.float32)
    boxes[:, 2:] += boxes[:, :2]
    affines = place(boxes, (96, 128), 1.25).affines((24, 32))
    points = rng.uniform(0, 200, (5, 17, 3)).astype(np.float32)
    there = to_points(points, affines)
    np.testing.assert_allclose(to_points(there, inverse(affines)), points, atol=1e-3)
    np.testing.assert_array_equal(there[..., 2], points[..., 2])


@pytest.mark.parametrize("box", [(50, 50, 50, 50), (60, 60, 40, 40)])
def test_a_box_without_area_still_gives_a_crop(box: tuple[int, ...]) -> None:
    affine = place(np.array([box], np.float32), (96, 128)).affines((96, 128))[0]
    assert np.isfinite(affine).all()
    assert cut(ramp(100, 80), affine, COMPACT).shape == (128, 96, 3)


@pytest.mark.parametrize(
    "box", [(300, 100, 700, 900), (-200, -300, 500, 700), (800, 700, 1500, 1400)]
)
def test_averaging_down_keeps_pixels_in_place(box: tuple[int, ...]) -> None:
    affine = place(np.array([box], np.float32), (96, 128)).affines((96, 128))[0]
    image = ramp(1000, 900)
    smooth = cut(image, affine, COMPACT).astype(int)
    sampled = cut(image, affine, replace(COMPACT, antialias=False)).astype(int)
    inside = np.zeros((900, 1000), np.uint8)
    inside[20:-20, 20:-20] = 255
    mask = cv2.warpAffine(inside, affine, (96, 128)) == 255
    assert mask.sum() > 500
    assert np.abs(smooth - sampled)[mask].max() <= 1


def test_averaging_down_takes_noise_away() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (1000, 1000, 3), dtype=np.uint8)
    affine = place(np.array([[100, 100, 800, 900]], np.float32), (96, 128)).affines((96, 128))[0]
    plain = cut(noise, affine, replace(COMPACT, antialias=False))
    assert cut(noise, affine, COMPACT).std() < 0.4 * plain.std()


def test_a_box_far_outside_gives_a_crop_of_the_edge() -> None:
    affine = place(np.array([[5e3, 5e3, 6e3, 6e3]], np.float32), (96, 128)).affines((96, 128))[0]
    crop = cut(ramp(1000, 900), affine, COMPACT)
    assert crop.shape == (128, 96, 3)
    assert np.abs(crop[..., 0].astype(int) - 250).max() <= 2


def test_zero_border_is_black_and_replicated_border_is_not() -> None:
    image = np.full((40, 40, 3), 200, np.uint8)
    affine = place(np.array([[20, 0, 60, 40]], np.float32), (96, 128)).affines((96, 128))[0]
    assert cut(image, affine, replace(COMPACT, border="zero"))[:, -1].max() == 0
    assert cut(image, affine, COMPACT).min() == 200
