"""Joints are read off heatmaps as published, and finer where maps are logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inference.pose.crop import inverse, place, to_points
from inference.pose.decode import decode
from tests.inference.pose.parity import COMMITTED, SHARED, needs_shared
from tests.inference.pose.test_crop import xyxy


def in_frame(heatmaps: np.ndarray, boxes_xywh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    positions, scores = decode(torch.from_numpy(heatmaps))
    size = (heatmaps.shape[3], heatmaps.shape[2])
    back = inverse(place(xyxy(boxes_xywh), (288, 384)).affines(size))
    return to_points(positions.numpy(), back), scores.numpy()


def test_published_maps_give_the_published_joints() -> None:
    figures = np.load(COMMITTED / "crop_and_decode.npz")
    joints, scores = in_frame(figures["heatmaps"][:, None], figures["heatmap_boxes_xywh"])
    np.testing.assert_allclose(joints[:, 0], figures["keypoints_xy"], atol=1e-3)
    np.testing.assert_array_equal(scores[:, 0], figures["scores"].clip(0, 1))


@needs_shared
def test_all_published_maps_give_the_published_joints() -> None:
    figures = np.load(SHARED / "crop_and_decode.npz")
    joints, scores = in_frame(figures["heatmaps"], figures["boxes_xywh_of_heatmaps"])
    np.testing.assert_allclose(joints, figures["keypoints_xy"], atol=1e-3)
    np.testing.assert_array_equal(scores, figures["scores"][..., 0].clip(0, 1))


def logits_of(positions: np.ndarray, size: tuple[int, int], sigma: float = 1.5) -> torch.Tensor:
    """[N, K, h, w]: logarithms of Gaussians."""
    rows, columns = np.mgrid[: size[1], : size[0]]
    squares = (columns - positions[..., 0, None, None]) ** 2
    squares = squares + (rows - positions[..., 1, None, None]) ** 2
    return torch.from_numpy(-squares / (2 * sigma**2)).float() - 7


def test_logits_of_gaussians_are_read_exactly() -> None:
    wanted = np.random.default_rng(0).uniform((2, 2), (21, 29), (4, 17, 2))
    found, scores = decode(logits_of(wanted, (24, 32)), "logits")
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-3)
    assert scores.min() > 0.7


def test_a_flat_map_scores_low_and_a_sharp_one_high() -> None:
    flat = torch.zeros(1, 1, 32, 24)
    sharp = flat.clone()
    sharp[0, 0, 10, 10] = 30
    assert decode(flat, "logits")[1].item() < 0.05
    assert decode(sharp, "logits")[1].item() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("kind", ["gaussian", "logits"])
@pytest.mark.parametrize("corner", [(0, 0), (23, 0), (0, 31), (23, 31)])
def test_peaks_in_corners_stay_on_the_map(kind: str, corner: tuple[int, int]) -> None:
    maps = torch.zeros(1, 1, 32, 24)
    maps[0, 0, corner[1], corner[0]] = 1
    positions, scores = decode(maps, kind)
    np.testing.assert_allclose(positions[0, 0].numpy(), corner, atol=0.5)
    assert 0 <= scores.item() <= 1


def test_no_map_gives_no_joint() -> None:
    positions, scores = decode(torch.zeros(0, 17, 32, 24), "logits")
    assert positions.shape == (0, 17, 2)
    assert scores.shape == (0, 17)
