"""Reads boxes off the detector's maps."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from inference.boxes import overlaps
from inference.detect.config import DecodeConfig
from inference.detect.network import cell_centres
from inference.types import Floats


def read_boxes(heat: Tensor, reach: Tensor, config: DecodeConfig) -> list[tuple[Floats, Floats]]:
    """Peaks of the heat map with their boxes, the surest first, overlaps removed.

    Args:
        heat: logits [N, 1, h, w].
        reach: distances [N, 4, h, w], input px.
        config: thresholds.

    Returns:
        For each of the N frames: boxes float32 [M, 4] in input px, scores float32 [M].
    """
    score = heat.float().sigmoid()
    peak = score == F.max_pool2d(score, 3, 1, 1)
    score = torch.where(peak, score, torch.zeros_like(score))[:, 0]
    centres = cell_centres(score.shape[1], score.shape[2]).to(score.device)
    corners = torch.cat([centres - reach[:, :2].float(), centres + reach[:, 2:].float()], dim=1)
    best, place = score.flatten(1).topk(min(4 * config.max_people, score[0].numel()))
    boxes = corners.flatten(2).gather(2, place[:, None].expand(-1, 4, -1)).transpose(1, 2)
    return [
        _thin_out(b.cpu().numpy(), s.cpu().numpy(), config)
        for b, s in zip(boxes, best, strict=True)
    ]


def _thin_out(boxes: Floats, scores: Floats, config: DecodeConfig) -> tuple[Floats, Floats]:
    """Keep certain boxes, the surest of those that overlap."""
    kept: list[int] = []
    for index in np.flatnonzero(scores >= config.min_score):
        if len(kept) == config.max_people:
            break
        shared = overlaps(boxes[index : index + 1], boxes[kept])
        if not kept or shared.max() <= config.max_overlap:
            kept.append(int(index))
    return boxes[kept].astype(np.float32), scores[kept].astype(np.float32)
