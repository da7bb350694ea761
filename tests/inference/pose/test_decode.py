"""Joints are read off heatmaps as published, and finer where maps are logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inference.errors import ModelError
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
    maps = logits_of(wanted, (24, 32))
    found, scores = decode(maps, "logits", "parabola")
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-3)
    assert scores.min() > 0.7
    # The mean of a window of whole pixels is a little off on clean maps, and calmer on others.
    np.testing.assert_allclose(decode(maps, "logits")[0].numpy(), wanted, atol=0.25)


def test_a_flat_map_scores_low_and_a_sharp_one_high() -> None:
    flat = torch.zeros(1, 1, 32, 24)
    sharp = flat.clone()
    sharp[0, 0, 10, 10] = 30
    assert decode(flat, "logits")[1].item() < 0.05
    assert decode(sharp, "logits")[1].item() == pytest.approx(1, abs=1e-3)


def gaussians(
    positions: np.ndarray, size: tuple[int, int] = (48, 64), sigma: float = 2.0, noise: float = 0
) -> torch.Tensor:
    """[N, K, h, w]: peaks of 1 at the positions, with noise of that deviation."""
    maps = (logits_of(positions, size, sigma) + 7).exp()
    chance = torch.Generator().manual_seed(0)
    return maps + noise * torch.randn(maps.shape, generator=chance)


def places(low: float, x_high: float, y_high: float, count: int = 40) -> np.ndarray:
    return np.random.default_rng(1).uniform((low, low), (x_high, y_high), (count, 5, 2))


def error(found: torch.Tensor, wanted: np.ndarray) -> float:
    return float(np.hypot(*(found.numpy() - wanted).transpose(2, 0, 1)).mean())


def test_dark_finds_the_middle_of_gaussians() -> None:
    wanted = places(8, 39, 55)
    assert error(decode(gaussians(wanted), way="dark")[0], wanted) < 0.01
    assert error(decode(gaussians(wanted), way="quarter")[0], wanted) > 0.15


@pytest.mark.parametrize("noise", [0.02, 0.1])
@pytest.mark.parametrize("sigma", [1.6, 2.0, 2.6])
def test_dark_beats_quarter_in_noise(noise: float, sigma: float) -> None:
    wanted = places(8, 39, 55)
    maps = gaussians(wanted, sigma=sigma, noise=noise)
    quarter, dark = (error(decode(maps, way=way)[0], wanted) for way in ("quarter", "dark"))
    assert dark < 0.5 * quarter


@pytest.mark.parametrize("noise", [0, 0.02])
def test_dark_beats_quarter_at_the_edge_too(noise: float) -> None:
    rng = np.random.default_rng(2)
    wanted = rng.uniform((0, 0), (47, 63), (40, 5, 2))
    wanted[:, 0, 0] = rng.uniform(0, 2, 40)
    wanted[:, 1, 0] = 47 - rng.uniform(0, 2, 40)
    wanted[:, 2, 1] = rng.uniform(0, 2, 40)
    wanted[:, 3, 1] = 63 - rng.uniform(0, 2, 40)
    wanted = wanted[:, :4]
    maps = gaussians(wanted, noise=noise)
    quarter, dark = (error(decode(maps, way=way)[0], wanted) for way in ("quarter", "dark"))
    assert dark < 0.6 * quarter


def test_dark_sees_slanted_peaks_that_a_parabola_does_not() -> None:
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(48.0), indexing="ij")
    x, y = columns - 20.4, rows - 30.3
    slanted = (-(x**2 + y**2 - 1.4 * x * y) / 4)[None, None]
    wanted = np.array([[[20.4, 30.3]]])
    assert error(decode(slanted, "logits", "dark", sigma=0.5)[0], wanted) < 0.1
    assert error(decode(slanted, "logits", "parabola")[0], wanted) > 0.15


def test_every_way_reads_gaussians_and_logits_alike() -> None:
    wanted = places(8, 39, 55, count=4)
    for way in ("quarter", "dark"):
        plain = decode(gaussians(wanted), way=way)[0]
        torch.testing.assert_close(
            plain, decode(logits_of(wanted, (48, 64), 2.0), "logits", way)[0], atol=2e-3, rtol=0
        )


@pytest.mark.parametrize("way", ["quarter", "dark", "parabola"])
def test_flat_and_dead_maps_move_nothing(way: str) -> None:
    for value, score in ((0.0, 0.0), (-1.0, 0.0), (0.5, 0.5)):
        positions, scores = decode(torch.full((1, 1, 32, 24), value), way=way)
        assert positions.tolist() == [[[0, 0]]]
        assert scores.tolist() == [[score]]


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 3), (24, 2)])
def test_dark_takes_the_smallest_maps(size: tuple[int, int]) -> None:
    maps = torch.zeros(1, 1, size[1], size[0])
    maps[0, 0, 0, 0] = 1
    np.testing.assert_allclose(decode(maps, way="dark")[0][0, 0].numpy(), (0, 0), atol=1)


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(ModelError, match="'guess'"):
        decode(torch.zeros(1, 1, 8, 8), way="guess")


@pytest.mark.parametrize("kind", ["gaussian", "logits"])
@pytest.mark.parametrize("way", ["auto", "dark"])
@pytest.mark.parametrize("corner", [(0, 0), (23, 0), (0, 31), (23, 31)])
def test_peaks_in_corners_stay_on_the_map(kind: str, way: str, corner: tuple[int, int]) -> None:
    maps = torch.zeros(1, 1, 32, 24)
    maps[0, 0, corner[1], corner[0]] = 1
    positions, scores = decode(maps, kind, way)
    np.testing.assert_allclose(positions[0, 0].numpy(), corner, atol=0.5)
    assert 0 <= scores.item() <= 1


def test_no_map_gives_no_joint() -> None:
    positions, scores = decode(torch.zeros(0, 17, 32, 24), "logits")
    assert positions.shape == (0, 17, 2)
    assert scores.shape == (0, 17)
