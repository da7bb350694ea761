"""Lets the network look at the mirror image too: the mean of both views errs less.

Networks are taught that crop pixel x is heatmap pixel x / 4, so that a crop turned about its
middle gives heatmaps that lie three quarters of a heatmap pixel beside the turned ones.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from inference.errors import ModelError
from inference.pose.config import DCPoseConfig
from inference.skeleton import skeleton_named

STRIDE = 4
"""Crop px between heatmap px."""

ALIGNMENTS = ("crop", "shift", "none")
"""How the two views' heatmaps are brought to lie on one another, see ``mirrored``."""


def mirrored(crops: Tensor, config: DCPoseConfig, align: str) -> Tensor:
    """Crops turned left to right.

    Args:
        crops: uint8 [N, H, W, 3].
        config: the network's; its border fills what is missing.
        align: "crop" moves the turned crop by three px, so that its heatmaps fall exactly on
            the others; "shift" leaves that to ``unmirrored``; "none" leaves it undone.

    Raises:
        ModelError: no such alignment.
    """
    if align not in ALIGNMENTS:
        raise ModelError("bad_config", f"flip_align: expected one of {ALIGNMENTS}, got {align!r}.")
    turned = crops.flip(2)
    if align != "crop":
        return turned
    moved = turned[:, :, STRIDE - 1 :]
    if config.border == "zero":
        return F.pad(moved, (0, 0, 0, STRIDE - 1))
    return torch.cat((moved, moved[:, :, -1:].expand(-1, -1, STRIDE - 1, -1)), dim=2)


def unmirrored(heatmaps: Tensor, config: DCPoseConfig, align: str) -> Tensor:
    """Heatmaps of mirrored crops as they lie in the crops themselves, left and right swapped.

    Args:
        heatmaps: float [N, joints, h, w].
        config: the network's, for the order of joints.
        align: as for ``mirrored``; "shift" moves the maps one px to the right, as the published
            HRNet's test does, which leaves a quarter of a px.
    """
    back = heatmaps.flip(3)[:, list(skeleton_named(config.skeleton).flip_order)]
    if align == "shift":
        back = torch.cat((back[..., :1], back[..., :-1]), dim=3)
    return back
