"""What the network should answer, and how wrong it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from inference.detect.config import STRIDE
from inference.detect.network import cell_centres
from inference.types import Floats

_SPREAD = 0.11
"""Spread of a person's heat as a share of the box's sides."""

_LEAST_SPREAD_PX = 4.5
_BOX_WHERE = 0.35
"""Boxes are learnt in cells with at least this much heat."""

_BOX_WEIGHT = 2.0


@dataclass(frozen=True)
class Target:
    """Answers for one frame: heat [h, w] 0..1, box corners [4, h, w] px, box weight [h, w]."""

    heat: Floats
    boxes: Floats
    weight: Floats


def make_target(boxes: Floats, size: tuple[int, int]) -> Target:
    """Draw the wanted maps.

    Args:
        boxes: float32 [N, 4], input px.
        size: (width, height) of the input, px.
    """
    width, height = size[0] // STRIDE, size[1] // STRIDE
    x = (np.arange(width) + 0.5) * STRIDE - 0.5
    y = (np.arange(height) + 0.5) * STRIDE - 0.5
    heat = np.zeros((height, width), np.float32)
    corners = np.zeros((4, height, width), np.float32)
    for box in boxes:
        across = _bell(x, (box[0] + box[2]) / 2, box[2] - box[0])
        down = _bell(y, (box[1] + box[3]) / 2, box[3] - box[1])
        bell = down[:, None] * across[None]
        bell /= bell.max()
        stronger = bell > heat
        heat = np.where(stronger, bell, heat)
        corners[:, stronger] = box[:, None]
    weight = np.where(heat >= _BOX_WHERE, heat, 0.0)
    return Target(heat, corners, weight.astype(np.float32))


def _bell(at: Floats, centre: float, side: float) -> Floats:
    spread = max(_SPREAD * side, _LEAST_SPREAD_PX)
    return np.asarray(np.exp(-0.5 * ((at - centre) / spread) ** 2), np.float32)


def loss_of(
    heat: Tensor, reach: Tensor, want_heat: Tensor, want_boxes: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor]:
    """How wrong the maps are.

    Args:
        heat: logits [N, 1, h, w].
        reach: distances [N, 4, h, w], input px.
        want_heat: [N, h, w].
        want_boxes: [N, 4, h, w], corners in input px.
        weight: [N, h, w].

    Returns:
        (heat loss, box loss): penalty-reduced focal loss over the number of people, and weighted
        generalised IoU loss.
    """
    heat_loss = _focal(heat[:, 0].float(), want_heat)
    centres = cell_centres(*weight.shape[1:]).to(reach.device)
    got = torch.cat([centres - reach[:, :2].float(), centres + reach[:, 2:].float()], dim=1)
    box_loss = ((1.0 - _generalised_iou(got, want_boxes)) * weight).sum()
    return heat_loss, _BOX_WEIGHT * box_loss / weight.sum().clamp(min=1.0)


def _focal(logits: Tensor, want: Tensor) -> Tensor:
    """Focal loss in which cells near a peak are punished less (Law and Deng, CornerNet, 2018)."""
    sure = logits.sigmoid()
    peak = want > 0.99
    there = -F.logsigmoid(logits) * (1 - sure) ** 2
    elsewhere = -F.logsigmoid(-logits) * sure**2 * (1 - want) ** 4
    return torch.where(peak, there, elsewhere).sum() / peak.sum().clamp(min=1)


def _generalised_iou(a: Tensor, b: Tensor) -> Tensor:
    """Corner maps [N, 4, h, w] → [N, h, w] in -1..1 (Rezatofighi et al., 2019)."""
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=1)
    area = (a[:, 2:] - a[:, :2]).prod(dim=1) + (b[:, 2:] - b[:, :2]).prod(dim=1) - shared
    around_low, around_high = torch.minimum(a[:, :2], b[:, :2]), torch.maximum(a[:, 2:], b[:, 2:])
    around = (around_high - around_low).prod(dim=1).clamp(min=1e-6)
    return shared / area.clamp(min=1e-6) - (around - area) / around
