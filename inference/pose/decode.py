"""Reads joints off heatmaps."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SCORE_RADIUS = 2
"""Heatmap px around the peak whose probability is a joint's score, for "logits" maps."""


def decode(heatmaps: Tensor, kind: str = "gaussian") -> tuple[Tensor, Tensor]:
    """Joint positions in heatmap pixels, finer than a pixel.

    Args:
        heatmaps: float [N, K, h, w].
        kind: "gaussian": peak moved a quarter towards the higher neighbour on each axis as in
            the published programs; the origin where nothing is above 0. "logits": peak of the
            parabola through it and its neighbours.

    Returns:
        (positions float32 [N, K, 2] as x, y; scores float32 [N, K] in 0..1). Scores are the
        peaks themselves, or for "logits" the softmax's probability near the peak.
    """
    heatmaps = heatmaps.float()
    peaks, x, y = _peaks(heatmaps)
    positions = torch.stack((x, y), dim=-1).float()
    if kind == "gaussian":
        positions = positions + 0.25 * _slopes(heatmaps, x, y).sign()
        found = peaks > 0
        return positions * found[..., None], peaks.clamp(0, 1)
    return positions + _parabola(heatmaps, x, y), _mass(heatmaps, x, y)


def _peaks(heatmaps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(value, column, row) of each map's first maximum, all [N, K]."""
    width = heatmaps.shape[-1]
    peaks, places = heatmaps.flatten(2).max(dim=2)
    return peaks, places % width, places // width


def _at(heatmaps: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Values [N, K] at whole positions, which are held inside the map."""
    height, width = heatmaps.shape[-2:]
    places = y.clamp(0, height - 1) * width + x.clamp(0, width - 1)
    return heatmaps.flatten(2).gather(2, places[..., None])[..., 0]


def _slopes(heatmaps: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """[N, K, 2]: right minus left and lower minus upper neighbour; 0 near the map's edge."""
    height, width = heatmaps.shape[-2:]
    inside = (x > 1) & (x < width - 1) & (y > 1) & (y < height - 1)
    across = _at(heatmaps, x + 1, y) - _at(heatmaps, x - 1, y)
    down = _at(heatmaps, x, y + 1) - _at(heatmaps, x, y - 1)
    return torch.stack((across, down), dim=-1) * inside[..., None]


def _parabola(heatmaps: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """[N, K, 2] within half a pixel: where the parabola through three values peaks."""
    middle = _at(heatmaps, x, y)
    shifts = []
    for dx, dy in ((1, 0), (0, 1)):
        after, before = _at(heatmaps, x + dx, y + dy), _at(heatmaps, x - dx, y - dy)
        bend = (2 * middle - after - before).clamp(min=1e-6)
        shifts.append(((after - before) / (2 * bend)).clamp(-0.5, 0.5))
    return torch.stack(shifts, dim=-1)


def _mass(heatmaps: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """[N, K]: the softmax's sum within ``SCORE_RADIUS`` of the peak."""
    probabilities = heatmaps.flatten(2).softmax(dim=2).reshape(heatmaps.shape)
    size = 2 * SCORE_RADIUS + 1
    around = F.avg_pool2d(probabilities, size, 1, SCORE_RADIUS) * size**2
    return _at(around, x, y).clamp(0, 1)
