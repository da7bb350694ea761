"""HRNet, the backbone that keeps a fine map beside coarser ones and lets them talk.

Sun et al., Deep High-Resolution Representation Learning for Human Pose Estimation, CVPR 2019.
Names of modules and parameters are those of the published checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from inference.pose.config import DCPoseConfig


class HRNet(nn.Module):
    """Heatmaps of one frame: [N, C, H, W] to [N, joints, H / 4, W / 4]."""

    def __init__(self, config: DCPoseConfig) -> None:
        super().__init__()
        stem, inner = config.stem, config.bottleneck_channels
        self.conv1 = nn.Conv2d(config.input_channels, stem, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        self.conv2 = nn.Conv2d(stem, stem, 3, 2, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(stem)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(
            *(Bottleneck(stem if i == 0 else 4 * inner, inner) for i in range(config.bottlenecks))
        )
        channels = [[4 * inner]] + [
            [config.width * 2**branch for branch in range(branches)] for branches in (2, 3, 4)
        ]
        self.transition1 = _transition(channels[0], channels[1])
        self.stage2 = _stage(channels[1], config.modules[0], config.blocks)
        self.transition2 = _transition(channels[1], channels[2])
        self.stage3 = _stage(channels[2], config.modules[1], config.blocks)
        self.transition3 = _transition(channels[2], channels[3])
        self.stage4 = _stage(channels[3], config.modules[2], config.blocks, fine_only=True)
        self.final_layer = nn.Conv2d(config.width, config.joints, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Heatmaps [N, joints, H / 4, W / 4] of frames [N, C, H, W]."""
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        maps = [self.layer1(x)]
        for transition, stage in (
            (self.transition1, self.stage2),
            (self.transition2, self.stage3),
            (self.transition3, self.stage4),
        ):
            maps = [
                step(maps[min(branch, len(maps) - 1)]) for branch, step in enumerate(transition)
            ]
            maps = stage(maps)
        # The last layer may be kept in a finer dtype than the rest: peaks are read off it.
        heatmaps: Tensor = self.final_layer(maps[0].to(self.final_layer.weight.dtype))
        return heatmaps


class Bottleneck(nn.Module):
    """Residual block 1x1, 3x3, 1x1; four times the inner channels go out."""

    def __init__(self, inputs: int, inner: int) -> None:
        super().__init__()
        outputs = 4 * inner
        self.conv1 = nn.Conv2d(inputs, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = nn.Sequential() if inputs == outputs else _conv_bn(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] to [N, 4 * inner, H, W]."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out)) + self.downsample(x)
        result: Tensor = self.relu(out)
        return result


class BasicBlock(nn.Module):
    """Residual block of two 3x3 convolutions, channels kept."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, H, W] to [N, C, H, W]."""
        out = self.relu(self.bn1(self.conv1(x)))
        result: Tensor = self.relu(self.bn2(self.conv2(out)) + x)
        return result


class ExchangeModule(nn.Module):
    """Parallel branches, then each target branch sums all of them at its own resolution.

    Args:
        channels: of each branch, finest first.
        blocks: residual blocks of a branch.
        targets: how many branches go on, counted from the finest.
    """

    def __init__(self, channels: Sequence[int], blocks: int, targets: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(*(BasicBlock(width) for _ in range(blocks))) for width in channels
        )
        self.fuse_layers = nn.ModuleList(
            nn.ModuleList(_exchange(channels, source, target) for source in range(len(channels)))
            for target in range(targets)
        )
        self.relu = nn.ReLU()

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """Maps of all branches in, maps of the target branches out."""
        maps = [branch(x) for branch, x in zip(self.branches, maps, strict=True)]
        fused = []
        for layers in self.fuse_layers:
            parts = [layer(x) for layer, x in zip(layers, maps, strict=True)]  # type: ignore[call-overload]
            total = parts[0]
            for part in parts[1:]:
                total = total + part
            fused.append(self.relu(total))
        return fused


def _exchange(channels: Sequence[int], source: int, target: int) -> nn.Module:
    """What brings one branch's map to another's resolution and channels."""
    if source == target:
        return nn.Identity()
    if source > target:
        scale = 2 ** (source - target)
        return nn.Sequential(
            *_conv_bn(channels[source], channels[target], 1),
            nn.Upsample(scale_factor=scale, mode="nearest"),
        )
    halvings = [
        _conv_bn(channels[source], channels[source], 3, stride=2, relu=True)
        for _ in range(target - source - 1)
    ]
    return nn.Sequential(*halvings, _conv_bn(channels[source], channels[target], 3, stride=2))


def _transition(before: Sequence[int], after: Sequence[int]) -> nn.ModuleList:
    """Steps into a stage with one branch more; the new one halves the coarsest so far."""
    steps: list[nn.Module] = []
    for branch, channels in enumerate(after):
        if branch >= len(before):
            steps.append(nn.Sequential(_conv_bn(before[-1], channels, 3, stride=2, relu=True)))
        elif before[branch] == channels:
            steps.append(nn.Identity())
        else:
            steps.append(_conv_bn(before[branch], channels, 3, relu=True))
    return nn.ModuleList(steps)


def _stage(
    channels: Sequence[int], modules: int, blocks: int, fine_only: bool = False
) -> nn.Sequential:
    """Exchange modules in a row; with ``fine_only`` the last gives the finest map alone."""
    targets = [len(channels)] * modules
    if fine_only:
        targets[-1] = 1
    return nn.Sequential(*(ExchangeModule(channels, blocks, count) for count in targets))


def _conv_bn(
    inputs: int, outputs: int, kernel: int, stride: int = 1, relu: bool = False
) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if relu else nn.Sequential(*layers)
