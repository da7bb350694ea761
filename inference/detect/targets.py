"""What the network should answer, and how wrong it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from inference.detect.config import STRIDE
from inference.detect.dataset import People
from inference.detect.network import cell_centres
from inference.types import Bools, Floats

_SPREAD = 0.11
"""Spread of a person's heat as a share of the box's sides."""

_LEAST_SPREAD_PX = 4.5
_BOX_WHERE = 0.35
"""Boxes are learnt in cells with at least this much heat."""

_BOX_WEIGHT = 3.0


PARTS = ((0, 1, 2, 3, 4), (5, 6), (7, 8, 9, 10), (11, 12), (13, 14), (15, 16))
"""Joints that share a map: head, shoulders, arms, hips, knees, ankles."""

_PARTS_WEIGHT = 0.5
_LEAST_JOINT_SCORE = 0.3


@dataclass(frozen=True)
class Target:
    """Answers for one frame.

    Attributes:
        heat: [h, w] 0..1.
        boxes: corners [4, h, w] px.
        weight: of the boxes [h, w].
        counts: of the heat [h, w], 0 where an unsure person stands.
        parts: [6, h, w] 0..1, where the ``PARTS`` are; learnt along, as they teach what a person
            is made of, and not part of the shipped network.
    """

    heat: Floats
    boxes: Floats
    weight: Floats
    counts: Floats
    parts: Floats


def make_target(people: People, size: tuple[int, int]) -> Target:
    """Draw the wanted maps.

    Args:
        people: boxes and joints in input px.
        size: (width, height) of the input, px.
    """
    boxes = people.boxes[people.sure]
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
    weight = np.where(heat >= _BOX_WHERE, heat, 0.0).astype(np.float32)
    counts = _outside(people.boxes[~people.sure], x, y) | (heat > 0.3)
    return Target(heat, corners, weight, counts.astype(np.float32), _part_maps(people, x, y))


def _outside(boxes: Floats, x: Floats, y: Floats) -> Bools:
    """bool [h, w]: cells outside of all boxes."""
    out = np.ones((len(y), len(x)), np.bool_)
    for left, top, right, bottom in boxes:
        out &= ~(((y >= top) & (y <= bottom))[:, None] & ((x >= left) & (x <= right))[None])
    return out


def _part_maps(people: People, x: Floats, y: Floats) -> Floats:
    """float32 [6, h, w]: a bell at every seen joint."""
    maps = np.zeros((len(PARTS), len(y), len(x)), np.float32)
    for box, joints in zip(people.boxes, people.joints, strict=True):
        spread = max(0.05 * float(box[3] - box[1]), 5.0)
        seen = np.nan_to_num(joints[:, 2]) > _LEAST_JOINT_SCORE
        across = np.exp(-0.5 * ((x - joints[:, :1]) / spread) ** 2)
        down = np.exp(-0.5 * ((y - joints[:, 1:2]) / spread) ** 2)
        for number, part in enumerate(PARTS):
            for joint in part:
                if seen[joint]:
                    bell = down[joint][:, None] * across[joint][None]
                    np.maximum(maps[number], bell, out=maps[number], casting="same_kind")
    return maps


def _bell(at: Floats, centre: float, side: float) -> Floats:
    spread = max(_SPREAD * side, _LEAST_SPREAD_PX)
    return np.asarray(np.exp(-0.5 * ((at - centre) / spread) ** 2), np.float32)


def loss_of(
    heat: Tensor,
    reach: Tensor,
    want_heat: Tensor,
    want_boxes: Tensor,
    weight: Tensor,
    counts: Tensor,
) -> tuple[Tensor, Tensor]:
    """How wrong the maps are.

    Args:
        heat: logits [N, 1, h, w].
        reach: distances [N, 4, h, w], input px.
        want_heat: [N, h, w].
        want_boxes: [N, 4, h, w], corners in input px.
        weight: of the boxes [N, h, w].
        counts: of the heat [N, h, w].

    Returns:
        (heat loss, box loss): penalty-reduced focal loss over the number of people, and weighted
        generalised IoU loss.
    """
    heat_loss = _focal(heat[:, 0].float(), want_heat, counts)
    centres = cell_centres(*weight.shape[1:]).to(reach.device)
    got = torch.cat([centres - reach[:, :2].float(), centres + reach[:, 2:].float()], dim=1)
    box_loss = ((1.0 - _generalised_iou(got, want_boxes)) * weight).sum()
    return heat_loss, _BOX_WEIGHT * box_loss / weight.sum().clamp(min=1.0)


def parts_loss_of(logits: Tensor, want: Tensor) -> Tensor:
    """How wrong the map of joints [N, 6, h, w] is: cross-entropy, rare joints count more."""
    each = F.binary_cross_entropy_with_logits(logits.float(), want, reduction="none")
    return _PARTS_WEIGHT * (each * (1.0 + 8.0 * want)).mean() * 10.0


def _focal(logits: Tensor, want: Tensor, counts: Tensor) -> Tensor:
    """Focal loss in which cells near a peak are punished less (Law and Deng, CornerNet, 2018)."""
    sure = logits.sigmoid()
    peak = want > 0.99
    there = -F.logsigmoid(logits) * (1 - sure) ** 2
    elsewhere = -F.logsigmoid(-logits) * sure**2 * (1 - want) ** 4
    return torch.where(peak, there, elsewhere * counts).sum() / peak.sum().clamp(min=1)


def _generalised_iou(a: Tensor, b: Tensor) -> Tensor:
    """Corner maps [N, 4, h, w] → [N, h, w] in -1..1 (Rezatofighi et al., 2019)."""
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=1)
    area = (a[:, 2:] - a[:, :2]).prod(dim=1) + (b[:, 2:] - b[:, :2]).prod(dim=1) - shared
    around_low, around_high = torch.minimum(a[:, :2], b[:, :2]), torch.maximum(a[:, 2:], b[:, 2:])
    around = (around_high - around_low).prod(dim=1).clamp(min=1e-6)
    return shared / area.clamp(min=1e-6) - (around - area) / around
