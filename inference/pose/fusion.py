"""The residual steps block with which DCPose's head fuses heatmaps.

Cai et al., Learning Delicate Local Representations for Multi-Person Pose Estimation,
ECCV 2020 (RSN). Names of modules and parameters are those of the published checkpoints.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

STEPS = 4
"""Branches of a block; branch i passes i convolutions."""


class FusionChain(nn.Module):
    """A row of residual steps blocks: [N, inputs, H, W] to [N, outputs, H, W]."""

    def __init__(self, inputs: int, outputs: int, blocks: int, branch_share: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(
                ResidualStepsBlock(inputs if i == 0 else outputs, outputs, branch_share, i == 0)
                for i in range(blocks)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        result: Tensor = self.layers(x)
        return result


class ResidualStepsBlock(nn.Module):
    """Four branches of growing depth, each step fed by its neighbour above.

    Args:
        inputs, outputs: channels.
        branch_share: channels of a branch, in 64ths of the inputs.
        project: true where the residual path needs a 1x1 convolution.
    """

    def __init__(self, inputs: int, outputs: int, branch_share: int, project: bool) -> None:
        super().__init__()
        self.branch = max(1, inputs * branch_share // 64)
        self.conv_bn_relu1 = ConvBn(inputs, STEPS * self.branch, 1)
        for branch in range(1, STEPS + 1):
            for step in range(1, branch + 1):
                self.add_module(_step(branch, step), ConvBn(self.branch, self.branch, 3))
        self.conv_bn_relu3 = ConvBn(STEPS * self.branch, outputs, 1, relu=False)
        self.relu = nn.ReLU()
        self.downsample = ConvBn(inputs, outputs, 1, relu=False) if project else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] to [N, outputs, H, W]."""
        above: list[Tensor] = []
        ends = []
        for branch, part in enumerate(self.conv_bn_relu1(x).split(self.branch, dim=1), 1):
            outs: list[Tensor] = []
            for step in range(1, branch + 1):
                value = outs[-1] if outs else part
                if step <= len(above):
                    value = value + above[step - 1]
                outs.append(self.get_submodule(_step(branch, step))(value))
            above = outs
            ends.append(outs[-1])
        fused = self.conv_bn_relu3(torch.cat(ends, dim=1)) + self.downsample(x)
        result: Tensor = self.relu(fused)
        return result


class ConvBn(nn.Module):
    """Convolution with bias, batch normalisation and, unless told otherwise, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, relu: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
        self.bn = nn.BatchNorm2d(outputs)
        self.act = nn.ReLU(inplace=True) if relu else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] to [N, outputs, H, W]."""
        result: Tensor = self.act(self.bn(self.conv(x)))
        return result


def _step(branch: int, step: int) -> str:
    return f"conv_bn_relu2_{branch}_{step}"
