"""DCPose: three frames' heatmaps, fused and resampled into one better than each.

Feng et al., Deep Dual Consecutive Network for Human Pose Estimation, CVPR 2021.
Names of modules and parameters are those of the published checkpoints.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from inference.pose.config import DCPoseConfig
from inference.pose.fusion import FusionChain
from inference.pose.hrnet import HRNet
from thirdparty.deform_conv import ModulatedDeformConv2d

TAPS = 9
"""Positions of the deformable convolutions' 3x3 kernel."""


class DCPose(nn.Module):
    """The whole network; ``heatmaps`` alone is the single-frame backbone.

    Args:
        config: all sizes.
    """

    def __init__(self, config: DCPoseConfig) -> None:
        super().__init__()
        self.config = config
        joints, share = config.joints, config.branch_share
        self.rough_pose_estimation_net = HRNet(config)
        self.diff_temporal_fuse = FusionChain(
            4 * joints, config.difference_channels, config.difference_blocks, share
        )
        self.support_temporal_fuse = FusionChain(3 * joints, joints, config.support_blocks, share)
        self.offset_mask_combine_conv = FusionChain(
            config.difference_channels + joints,
            config.fusion_channels,
            config.fusion_blocks,
            share,
        )
        self.offsets_list = nn.ModuleList(
            _offset_convolution(config, 2, dilation) for dilation in config.dilations
        )
        self.masks_list = nn.ModuleList(
            _offset_convolution(config, 1, dilation) for dilation in config.dilations
        )
        self.modulated_deform_conv_list = nn.ModuleList(
            _Warp(joints, dilation) for dilation in config.dilations
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start values: He for convolutions, small offsets, deformable kernels the identity.

        A residual head starts as zero, so that the network starts as its backbone.
        """
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        small = [*self.offsets_list, *self.masks_list, self.rough_pose_estimation_net.final_layer]
        for module in small:
            for parameter in module.parameters():
                if parameter.ndim == 4:
                    nn.init.normal_(parameter, std=0.001)
        if self.config.residual:
            for warp in self.modulated_deform_conv_list:
                nn.init.zeros_(warp.get_parameter("deform_conv.weight"))

    def heatmaps(self, frames: Tensor) -> Tensor:
        """Heatmaps of single frames.

        Args:
            frames: float [N, input_channels, H, W], preprocessed.

        Returns:
            float [N, joints, H / 4, W / 4].
        """
        result: Tensor = self.rough_pose_estimation_net(frames)
        return result

    def forward(self, x: Tensor, margin: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Heatmaps of the current frame, from it alone and from all three.

        Args:
            x: float [N, 3 * input_channels, H, W]: current, previous, next frame.
            margin: [N, 2] frames from previous to current and from current to next;
                None for neighbours.

        Returns:
            (rough heatmaps, output heatmaps), both float [N, joints, H / 4, W / 4].
        """
        frames = torch.cat(x.chunk(3, dim=1))
        current, previous, following = self.heatmaps(frames).chunk(3)
        return current, self.refine(current, previous, following, margin)

    def refine(
        self, current: Tensor, previous: Tensor, following: Tensor, margin: Tensor | None = None
    ) -> Tensor:
        """The head alone: output heatmaps from three frames' heatmaps.

        Args:
            current, previous, following: float [N, joints, h, w].
            margin: see ``forward``.

        Returns:
            float [N, joints, h, w].
        """
        support, features = self.fuse(current, previous, following, margin)
        warped = [
            self.warp(i, support, *self.field(i, features)) for i in range(len(self.offsets_list))
        ]
        return self.joined(current, warped)

    def fuse(
        self, current: Tensor, previous: Tensor, following: Tensor, margin: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """What three frames say together; the arguments are those of ``refine``.

        Returns:
            (support [N, joints, h, w], features [N, fusion_channels, h, w]).
        """
        before, after = _nearness(current, margin)
        differences = self.diff_temporal_fuse(
            _differences(current, previous, following, before, after)
        )
        support = self.support_temporal_fuse(
            _interleave(current, previous * before, following * after)
        )
        return support, self.offset_mask_combine_conv(torch.cat((differences, support), dim=1))

    def field(self, index: int, features: Tensor) -> tuple[Tensor, Tensor]:
        """Offsets [N, 2 * joints * 9, h, w] px and masks [N, joints * 9, h, w] of one dilation."""
        masks = self.masks_list[index](features)
        if self.config.squash_masks:
            masks = 2 * torch.sigmoid(masks)
        return self.offsets_list[index](features), masks

    def warp(self, index: int, support: Tensor, offsets: Tensor, masks: Tensor) -> Tensor:
        """The deformable convolution of one dilation: [N, joints, h, w]."""
        result: Tensor = self.modulated_deform_conv_list[index](support, offsets, masks)
        return result

    def joined(self, current: Tensor, warped: list[Tensor]) -> Tensor:
        """Output heatmaps from what each dilation gave."""
        output = torch.stack(warped).mean(dim=0)
        return current + output if self.config.residual else output


class _Warp(nn.Module):
    """One deformable convolution under the name that the checkpoints give it."""

    def __init__(self, joints: int, dilation: int) -> None:
        super().__init__()
        self.deform_conv = ModulatedDeformConv2d(joints, 3, dilation, offset_groups=joints)

    def forward(self, x: Tensor, offsets: Tensor, masks: Tensor) -> Tensor:
        result: Tensor = self.deform_conv(x, offsets, masks)
        return result


def _offset_convolution(config: DCPoseConfig, per_tap: int, dilation: int) -> nn.Sequential:
    kernel = config.offset_kernel
    return nn.Sequential(
        nn.Conv2d(
            config.fusion_channels,
            config.joints * per_tap * TAPS,
            kernel,
            padding=kernel // 2 * dilation,
            dilation=dilation,
            bias=False,
        )
    )


def _nearness(like: Tensor, margin: Tensor | None) -> tuple[Tensor, Tensor]:
    """Weights [N, 1, 1, 1] of the previous and next frame: the nearer one weighs more."""
    if margin is None:
        margin = like.new_ones((len(like), 2))
    share = (margin / margin.sum(dim=1, keepdim=True)).to(like.dtype)[:, :, None, None, None]
    return share[:, 1], share[:, 0]


def _differences(
    current: Tensor, previous: Tensor, following: Tensor, before: Tensor, after: Tensor
) -> Tensor:
    """[N, 4 * joints, h, w]: change from both neighbours, plain and weighted, per joint."""
    since, until = current - previous, current - following
    return _interleave(since, since * before, until, until * after)


def _interleave(*maps: Tensor) -> Tensor:
    """[N, K, h, w] each to [N, K * len(maps), h, w], the maps of one joint side by side."""
    return torch.stack(maps, dim=2).flatten(1, 2)


def parity_network(*, width: int, image: tuple[int, int], modules: tuple[int, int, int]) -> DCPose:
    """The network that the parity figures were made with, in evaluation mode."""
    return DCPose(DCPoseConfig(width=width, image=image, modules=modules)).eval()
