"""What training drives down: surprise about where a joint lies."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

STRIDE = 4
"""px of a crop for one px of its heatmaps."""


def target_maps(keypoints: Tensor, size: tuple[int, int], sigma: float) -> Tensor:
    """Where joints are likely, each map adding up to 1.

    Args:
        keypoints: float [B, K, 2 or more]: x px, y px of the crop.
        size: (width, height) of the heatmaps.
        sigma: deviation of the bump, px of the heatmap.

    Returns:
        float [B, K, height, width].
    """
    places = keypoints[..., :2] / STRIDE
    across = _bump(places[..., 0], size[0], sigma)
    down = _bump(places[..., 1], size[1], sigma)
    maps = down[..., :, None] * across[..., None, :]
    return maps / maps.sum(dim=(2, 3), keepdim=True).clamp(min=1e-12)


def joint_loss(heatmaps: Tensor, keypoints: Tensor, sigma: float) -> Tensor:
    """Cross-entropy between the softmax over each heatmap and its target, weighted by joint.

    Args:
        heatmaps: float [B, K, h, w], unnormalised ("logits").
        keypoints: float [B, K, 3]: x px, y px of the crop, weight.
        sigma: see ``target_maps``.

    Returns:
        A scalar; 0 where every weight is 0.
    """
    height, width = heatmaps.shape[-2:]
    target = target_maps(keypoints, (width, height), sigma)
    surprise = -(target * F.log_softmax(heatmaps.float().flatten(2), 2).view_as(heatmaps)).sum(
        (2, 3)
    )
    weight = keypoints[..., 2]
    return (surprise * weight).sum() / weight.sum().clamp(min=1.0)


def _bump(places: Tensor, length: int, sigma: float) -> Tensor:
    """[B, K, length]: unnormalised normal curve around each place."""
    grid = torch.arange(length, dtype=places.dtype, device=places.device)
    return torch.exp(-0.5 * ((grid - places[..., None]) / sigma) ** 2)
