"""Reads a network's sizes off its weights' shapes, because published files do not tell them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from thirdparty.checkpoints.loader import CheckpointError

Shapes = Mapping[str, Tensor]


@dataclass(frozen=True)
class HRNetSizes:
    """Sizes of an HRNet; ``joints`` is None where its last layer is missing."""

    input_channels: int
    stem: int
    bottlenecks: int
    bottleneck_channels: int
    width: int
    modules: tuple[int, int, int]
    blocks: int
    joints: int | None


@dataclass(frozen=True)
class HeadSizes:
    """Sizes of DCPose's head.

    Attributes:
        dilations: number of deformable convolutions; how far their taps lie apart leaves no
            trace in the shapes.
        branch: channels of a branch in the first block that fuses differences.
    """

    joints: int
    difference_channels: int
    difference_blocks: int
    support_blocks: int
    fusion_channels: int
    fusion_blocks: int
    offset_kernel: int
    dilations: int
    branch: int


def hrnet_sizes(state: Shapes) -> HRNetSizes:
    """Sizes from weights by HRNet's own names.

    Raises:
        CheckpointError: a weight that tells a size is missing or of another form.
    """
    first, inner = _shape(state, "conv1.weight", 4), _shape(state, "layer1.0.conv1.weight", 4)
    final = _shape(state, "final_layer.weight", 4) if "final_layer.weight" in state else None
    two, three, four = (_count(state, f"stage{stage}") for stage in (2, 3, 4))
    return HRNetSizes(
        input_channels=first[1],
        stem=first[0],
        bottlenecks=_count(state, "layer1"),
        bottleneck_channels=inner[0],
        width=_shape(state, "stage2.0.branches.0.0.conv1.weight", 4)[0],
        modules=(two, three, four),
        blocks=_count(state, "stage2.0.branches.0"),
        joints=final[0] if final else None,
    )


def head_sizes(state: Shapes) -> HeadSizes:
    """Sizes of DCPose's head from a whole DCPose's weights.

    Raises:
        CheckpointError: a weight that tells a size is missing or of another form.
    """
    differences, fusion = "diff_temporal_fuse.layers", "offset_mask_combine_conv.layers"
    warp = _shape(state, "modulated_deform_conv_list.0.deform_conv.weight", 4)
    return HeadSizes(
        joints=warp[0],
        difference_channels=_shape(state, f"{differences}.0.conv_bn_relu3.conv.weight", 4)[0],
        difference_blocks=_count(state, differences),
        support_blocks=_count(state, "support_temporal_fuse.layers"),
        fusion_channels=_shape(state, f"{fusion}.0.conv_bn_relu3.conv.weight", 4)[0],
        fusion_blocks=_count(state, fusion),
        offset_kernel=_shape(state, "offsets_list.0.0.weight", 4)[2],
        dilations=_count(state, "offsets_list"),
        branch=_shape(state, f"{differences}.0.conv_bn_relu2_1_1.conv.weight", 4)[0],
    )


def _shape(state: Shapes, name: str, dimensions: int) -> tuple[int, ...]:
    if name not in state:
        raise CheckpointError(f"Expected a weight named {name}, there is none.")
    shape = tuple(state[name].shape)
    if len(shape) != dimensions or min(shape) < 1:
        raise CheckpointError(
            f"{name}: expected {dimensions} dimensions of at least 1, got {list(shape)}."
        )
    return shape


def _count(state: Shapes, stem: str) -> int:
    """How many numbered parts ``stem`` has."""
    numbers = {int(m[1]) for m in map(re.compile(re.escape(stem) + r"\.(\d+)\.").match, state) if m}
    if numbers != set(range(len(numbers))) or not numbers:
        raise CheckpointError(f"{stem}: expected parts numbered from 0, got {sorted(numbers)}.")
    return len(numbers)
