"""The deformable convolution as a layer that owns its weight and bias."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from thirdparty.deform_conv.operator import modulated_deform_conv2d


class ModulatedDeformConv2d(nn.Module):
    """A square, size-keeping modulated deformable convolution with offsets from outside.

    Args:
        channels: channels in and out; every offset group reads its share of them.
        kernel_size: odd.
        dilation: px between the taps.
        offset_groups: independent displacement fields.
    """

    def __init__(
        self, channels: int, kernel_size: int = 3, dilation: int = 1, offset_groups: int = 1
    ) -> None:
        super().__init__()
        self.padding = kernel_size // 2 * dilation
        self.dilation = dilation
        self.offset_groups = offset_groups
        self.weight = nn.Parameter(torch.zeros(channels, channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.reset_to_identity()

    def reset_to_identity(self) -> None:
        """Every output channel reads the middle of its own input channel and nothing else."""
        middle = self.weight.shape[-1] // 2
        with torch.no_grad():
            self.weight.zero_()
            self.weight[:, :, middle, middle] = torch.eye(len(self.weight))
            self.bias.zero_()

    def forward(self, x: Tensor, offset: Tensor, mask: Tensor) -> Tensor:
        """[N, C, H, W] from [N, C, H, W]; see ``reference_deform_conv2d`` for the others."""
        return modulated_deform_conv2d(
            x,
            offset,
            mask,
            self.weight,
            self.bias,
            padding=self.padding,
            dilation=self.dilation,
            offset_groups=self.offset_groups,
        )
