"""Reads joints off heatmaps."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from inference.errors import ModelError

WAYS = ("auto", "quarter", "dark", "parabola", "mean")
"""How a peak is found more finely than a pixel, see ``decode``."""

SCORE_RADIUS = 2
"""Heatmap px around the peak whose probability is a joint's score, for "logits" maps, and whose
mean is its place when decoded by "mean"."""

SIGMA_SHARE = 1 / 24
"""Deviation of the Gaussians that networks are taught, as a share of the heatmap's width: 3 px
of 72 as published for 288x384, 2 px of 48 for 192x256."""

LEAST_BEND = 1e-6
"""Flatter peaks are left where they are."""


def decode(
    heatmaps: Tensor, kind: str = "gaussian", way: str = "auto", sigma: float | None = None
) -> tuple[Tensor, Tensor]:
    """Joint positions in heatmap pixels, finer than a pixel.

    Ways: "quarter" moves the peak a quarter towards the higher neighbour on each axis, as the
    published programs do. "dark" smooths the map and takes one Newton step on its logarithm
    (Zhang et al., Distribution-Aware Coordinate Representation for Human Pose Estimation, CVPR
    2020); within two deviations of the map's edge, where smoothing would pull the peak inwards,
    the map is taken as it is. "parabola" puts one through the peak and its neighbours on each
    axis. "mean" is the mean place of what the map holds near the peak, which is calmer where the
    peak is broad. "auto" is "quarter" for "gaussian" and "mean" for "logits" maps.

    Args:
        heatmaps: float [N, K, h, w].
        kind: "gaussian": maps peak at 1, and at the origin of those that are nowhere above 0
            lies a joint that was not found. "logits": a softmax over the map is meant.
        way: see above.
        sigma: px, deviation of the smoothing of "dark"; as taught (``SIGMA_SHARE``) if not given.

    Returns:
        (positions float32 [N, K, 2] as x, y; scores float32 [N, K] in 0..1). Scores are the
        peaks themselves, or for "logits" the softmax's probability near the peak.

    Raises:
        ModelError: no such way.
    """
    if way not in WAYS:
        raise ModelError("bad_config", f"decode: expected one of {WAYS}, got {way!r}.")
    if way == "auto":
        way = "quarter" if kind == "gaussian" else "mean"
    heatmaps = heatmaps.float()
    peaks, x, y = _peaks(heatmaps)
    positions = torch.stack((x, y), dim=-1).float()
    likely = _likelihood(heatmaps, kind) if kind == "logits" or way == "mean" else heatmaps
    if way == "quarter":
        positions = positions + 0.25 * _slopes(heatmaps, x, y).sign()
    elif way == "parabola":
        positions = positions + _parabola(heatmaps, x, y)
    elif way == "mean":
        positions = positions + _mean(likely, x, y)
    else:
        positions = _newton(heatmaps, x, y, kind, sigma or SIGMA_SHARE * heatmaps.shape[-1])
    if kind == "logits":
        return positions, _near(likely, x, y).sum(dim=(2, 3)).clamp(0, 1)
    return positions * (peaks > 0)[..., None], peaks.clamp(0, 1)


def rivals(heatmaps: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The next highest peaks of "logits" maps: where a joint might be instead.

    Args:
        heatmaps: float [N, K, h, w].
        count: R, how many of each map.

    Returns:
        (positions float32 [N, K, R, 2] as x, y, refined as by "mean"; scores float32 [N, K, R]
        as ``decode``'s, 0 where a map has no further peak).
    """
    heatmaps = heatmaps.float()
    likely = _likelihood(heatmaps, "logits")
    around = F.max_pool2d(heatmaps, 3, 1, 1)
    peaks = heatmaps.masked_fill(heatmaps < around, -torch.inf).flatten(2)
    values, places = peaks.topk(count + 1, dim=2)
    width = heatmaps.shape[-1]
    positions, scores = [], []
    for rank in range(1, count + 1):
        x, y = places[..., rank] % width, places[..., rank] // width
        positions.append(torch.stack((x, y), dim=-1) + _mean(likely, x, y))
        scores.append(_near(likely, x, y).sum(dim=(2, 3)) * values[..., rank].isfinite())
    return torch.stack(positions, dim=2), torch.stack(scores, dim=2)


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


def _newton(heatmaps: Tensor, x: Tensor, y: Tensor, kind: str, sigma: float) -> Tensor:
    """[N, K, 2] within a pixel of the peak: where the smoothed map's logarithm peaks.

    The logarithm of a Gaussian is a quadratic form, so one Newton step from anywhere near leads
    to its middle. At the map's edge the step starts a pixel further in.
    """
    height, width = heatmaps.shape[-2:]
    if height < 3 or width < 3:
        return torch.stack((x, y), dim=-1).float()
    if kind == "logits":
        heatmaps = (heatmaps - heatmaps.amax(dim=(2, 3), keepdim=True)).exp()
    smooth = _smoothed(heatmaps, sigma)
    apart = min(2 * sigma, min(height, width) / 4)
    edge = (torch.minimum(x, width - 1 - x) < apart) | (torch.minimum(y, height - 1 - y) < apart)
    column, row = x.clamp(1, width - 2), y.clamp(1, height - 2)

    def near(dx: int, dy: int) -> Tensor:
        raw, blurred = (_at(maps, column + dx, row + dy) for maps in (heatmaps, smooth))
        return torch.where(edge, raw, blurred).clamp(min=1e-10).log()

    middle = near(0, 0)
    slope_x, slope_y = (near(1, 0) - near(-1, 0)) / 2, (near(0, 1) - near(0, -1)) / 2
    bend_x = near(1, 0) + near(-1, 0) - 2 * middle
    bend_y = near(0, 1) + near(0, -1) - 2 * middle
    twist = (near(1, 1) + near(-1, -1) - near(1, -1) - near(-1, 1)) / 4
    volume = bend_x * bend_y - twist**2
    is_peak = (volume > LEAST_BEND**2) & (bend_x < -LEAST_BEND) & (bend_y < -LEAST_BEND)
    volume = torch.where(is_peak, volume, 1)
    found_x = column - (bend_y * slope_x - twist * slope_y) / volume
    found_y = row - (bend_x * slope_y - twist * slope_x) / volume
    found = (found_x.clamp(x - 1, x + 1), found_y.clamp(y - 1, y + 1))
    places = (torch.where(is_peak, new, old) for new, old in zip(found, (x, y), strict=True))
    return torch.stack(tuple(places), dim=-1)


def _smoothed(heatmaps: Tensor, sigma: float) -> Tensor:
    """[N, K, h, w] convolved with a Gaussian; what lies outside counts as 0."""
    radius = math.ceil(3 * sigma)
    steps = torch.arange(-radius, radius + 1, device=heatmaps.device, dtype=heatmaps.dtype)
    kernel = (-(steps**2) / (2 * sigma**2)).exp()
    kernel = kernel / kernel.sum()
    maps = heatmaps.flatten(0, 1)[:, None]
    across = F.conv2d(maps, kernel[None, None, None, :], padding=(0, radius))
    down = F.conv2d(across, kernel[None, None, :, None], padding=(radius, 0))
    return down.reshape(heatmaps.shape)


def _likelihood(heatmaps: Tensor, kind: str) -> Tensor:
    """[N, K, h, w] that is nowhere negative: the softmax of "logits", else the map itself."""
    if kind == "logits":
        return heatmaps.flatten(2).softmax(dim=2).reshape(heatmaps.shape)
    return heatmaps.clamp(min=0)


def _near(maps: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """[N, K, 5, 5]: the values within ``SCORE_RADIUS`` of whole positions, 0 outside the map."""
    radius = SCORE_RADIUS
    steps = torch.arange(2 * radius + 1, device=maps.device)
    padded = F.pad(maps, (radius, radius, radius, radius))
    width = padded.shape[-1]
    corner = y * width + x
    places = corner[..., None, None] + steps[:, None] * width + steps
    near = padded.flatten(2).gather(2, places.flatten(2))
    return near.reshape(places.shape)


def _mean(maps: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """[N, K, 2]: from whole positions to the mean place of what lies near them.

    At the map's edge only what has its counterpart on the other side counts: no pull inwards.
    """
    height, width = maps.shape[-2:]
    steps = torch.arange(-SCORE_RADIUS, SCORE_RADIUS + 1, device=maps.device)
    within_x, within_y = torch.minimum(x, width - 1 - x), torch.minimum(y, height - 1 - y)
    counts = (steps[:, None].abs() <= within_y[..., None, None]) & (
        steps.abs() <= within_x[..., None, None]
    )
    near = _near(maps, x, y) * counts
    total = near.sum(dim=(2, 3)).clamp(min=1e-12)
    across = (near * steps).sum(dim=(2, 3)) / total
    down = (near * steps[:, None]).sum(dim=(2, 3)) / total
    return torch.stack((across, down), dim=-1)
