"""The deformable convolution in plain PyTorch: what every faster version is held against."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from thirdparty.deform_conv.geometry import Geometry, Pair, geometry_of


def reference_deform_conv2d(
    x: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
    offset_groups: int = 1,
) -> Tensor:
    """Modulated deformable convolution (Zhu et al., Deformable ConvNets v2, 2019).

    Every kernel tap reads the input bilinearly at its own displaced place; what lies outside
    the input is zero; the value read is multiplied by the tap's mask.

    Args:
        x: float [N, C, H, W].
        offset: float [N, 2 * G * taps, Ho, Wo] px, for each of G offset groups and each tap
            (row-major) first the vertical, then the horizontal displacement.
        mask: float [N, G * taps, Ho, Wo], used as it is; None for ones.
        weight: float [O, C / groups, kh, kw].
        bias: float [O] or None.
        stride, padding, dilation: one number or (vertical, horizontal).
        groups: groups of the convolution.
        offset_groups: G; channels are split among them in order.

    Returns:
        float [N, O, Ho, Wo].

    Raises:
        ValueError: shapes that do not fit together.
    """
    geometry = geometry_of(
        x, offset, mask, weight, stride, padding, dilation, groups, offset_groups
    )
    batch, channels, height, width = x.shape
    size = geometry.output_size(height, width)
    grid = _sampling_grid(offset, geometry, (height, width))
    share, taps = channels // offset_groups, geometry.taps
    parts = x.reshape(batch * offset_groups, share, height, width)
    read = F.grid_sample(parts, grid, "bilinear", "zeros", align_corners=False)
    read = read.reshape(batch * offset_groups, share, taps, *size)
    if mask is not None:
        read = read * mask.reshape(batch * offset_groups, 1, taps, *size)
    columns = read.reshape(batch, groups, channels // groups * taps, size[0] * size[1])
    rows = weight.reshape(groups, weight.shape[0] // groups, channels // groups * taps)
    out = torch.matmul(rows, columns).reshape(batch, weight.shape[0], *size)
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)


def _sampling_grid(offset: Tensor, geometry: Geometry, input_size: Pair) -> Tensor:
    """Where each tap reads: [N * G, taps * Ho, Wo, 2] as (x, y) in grid_sample's -1..1."""
    rows, columns = offset.shape[-2:]
    fields = len(offset) * geometry.offset_groups
    moved = offset.reshape(fields, geometry.taps, 2, rows, columns)
    y = moved[:, :, 0] + _rest_positions(geometry, 0, rows, offset)[None, :, :, None]
    x = moved[:, :, 1] + _rest_positions(geometry, 1, columns, offset)[None, :, None, :]
    height, width = input_size
    grid = torch.stack(((2 * x + 1) / width - 1, (2 * y + 1) / height - 1), dim=-1)
    return grid.reshape(fields, geometry.taps * rows, columns, 2)


def _rest_positions(geometry: Geometry, axis: int, steps: int, like: Tensor) -> Tensor:
    """[taps, steps]: the coordinate that each tap reads without displacement, in input px."""
    options = {"dtype": like.dtype, "device": like.device}
    taps = [torch.arange(k, **options) for k in geometry.kernel]  # type: ignore[call-overload]
    along = torch.meshgrid(*taps, indexing="ij")[axis].reshape(-1) * geometry.dilation[axis]
    start = torch.arange(steps, **options) * geometry.stride[axis]  # type: ignore[call-overload]
    positions: Tensor = along[:, None] + start[None, :] - geometry.padding[axis]
    return positions
