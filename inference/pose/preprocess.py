"""Turns cut pixels into what the network takes; the same code in training and at work."""

from __future__ import annotations

import torch
from torch import Tensor

from inference.errors import ModelError
from inference.pose.config import DCPoseConfig

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
LUMA = (0.299, 0.587, 0.114)

LEAST_DEVIATION = 0.5
"""Of 255: flatter crops are not amplified further, so that black stays near zero."""

LEAST_LOG_DEVIATION = 0.05
"""The same for the logarithm of luma."""


def prepare(crops: Tensor, config: DCPoseConfig) -> Tensor:
    """Network input from crops.

    Args:
        crops: uint8 or float [N, H, W, 3] RGB in 0..255.
        config: says which preprocessing and how many channels.

    Returns:
        float32 [N, input_channels, H, W] on the same device. "standardise" makes each crop's
        RGB of zero mean by channel and of unit deviation over all, and its log-luma of zero
        mean and unit deviation, which takes exposure and colour cast away.

    Raises:
        ModelError: the crops' shape is another.
    """
    if crops.ndim != 4 or crops.shape[-1] != 3:
        raise ModelError("bad_array", f"crops: expected [N, H, W, 3], got {list(crops.shape)}.")
    rgb = crops.permute(0, 3, 1, 2).float()
    if config.preprocessing == "imagenet":
        mean = rgb.new_tensor(IMAGENET_MEAN).mul(255)[:, None, None]
        deviation = rgb.new_tensor(IMAGENET_STD).mul(255)[:, None, None]
        colour = (rgb - mean) / deviation
    else:
        centred = rgb - rgb.mean(dim=(2, 3), keepdim=True)
        deviation = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
        colour = centred / deviation.clamp(min=LEAST_DEVIATION)
    if config.input_channels == 3:
        return colour.contiguous()
    return torch.cat((colour, _log_luma(rgb)), dim=1)


def _log_luma(rgb: Tensor) -> Tensor:
    """[N, 1, H, W] of zero mean and unit deviation from RGB in 0..255."""
    luma = (rgb * rgb.new_tensor(LUMA)[:, None, None]).sum(dim=1, keepdim=True)
    log = torch.log1p(luma)
    centred = log - log.mean(dim=(2, 3), keepdim=True)
    deviation = centred.square().mean(dim=(2, 3), keepdim=True).sqrt()
    return centred / deviation.clamp(min=LEAST_LOG_DEVIATION)
