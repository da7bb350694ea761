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
    share, taps = channels // offset_groups, geometry.taps
    parts, grid = _parts(x, geometry), _sampling_grid(offset, geometry, (height, width))
    read = F.grid_sample(parts, grid, "bilinear", "zeros", align_corners=False)
    read = read.reshape(batch * offset_groups, share, taps, *size)
    if mask is not None:
        read = read * mask.reshape(batch * offset_groups, 1, taps, *size)
    columns = read.reshape(batch, groups, channels // groups * taps, size[0] * size[1])
    rows = weight.reshape(groups, weight.shape[0] // groups, channels // groups * taps)
    out = torch.matmul(rows, columns).reshape(batch, weight.shape[0], *size)
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)


def reference_backward(
    grad: Tensor,
    x: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    geometry: Geometry,
) -> tuple[Tensor, Tensor, Tensor | None, Tensor]:
    """Gradients of x, offset, mask and weight from that of the output, without autograd.

    Where a registered operator computes its gradients, autograd is off; hence by hand.
    """
    batch, channels, height, width = x.shape
    groups, offset_groups, taps = geometry.groups, geometry.offset_groups, geometry.taps
    share, size = channels // offset_groups, tuple(grad.shape[2:])
    parts, grid = _parts(x, geometry), _sampling_grid(offset, geometry, (height, width))
    read = F.grid_sample(parts, grid, "bilinear", "zeros", align_corners=False)
    read = read.reshape(batch, offset_groups, share, taps, *size)
    strength = 1 if mask is None else mask.reshape(batch, offset_groups, 1, taps, *size)
    inner, pixels = channels // groups * taps, size[0] * size[1]
    columns = (read * strength).reshape(batch, groups, inner, pixels)
    rows = weight.reshape(groups, -1, inner)
    above = grad.reshape(batch, groups, len(weight) // groups, pixels)
    to_weight = torch.matmul(above, columns.mT).sum(dim=0).reshape(weight.shape)
    wanted = torch.matmul(rows.mT, above).reshape(read.shape)
    to_mask = None if mask is None else (wanted * read).sum(dim=2).reshape(mask.shape)
    pull = (wanted * strength).reshape(batch * offset_groups, share, taps * size[0], size[1])
    to_parts, to_grid = torch.ops.aten.grid_sampler_2d_backward(
        pull, parts, grid, *(0, 0), False, (True, True)
    )
    moved = to_grid.reshape(batch * offset_groups, taps, *size, 2).flip(-1).movedim(-1, 2)
    scale = torch.tensor((2 / height, 2 / width), dtype=x.dtype, device=x.device)
    to_offset = (moved * scale[:, None, None]).reshape(offset.shape)
    return to_parts.reshape(x.shape), to_offset, to_mask, to_weight


def _parts(x: Tensor, geometry: Geometry) -> Tensor:
    """[N * G, C / G, H, W]: the channels of each offset group."""
    batch, channels, height, width = x.shape
    groups = geometry.offset_groups
    return x.reshape(batch * groups, channels // groups, height, width)


def _sampling_grid(offset: Tensor, geometry: Geometry, input_size: Pair) -> Tensor:
    """Where each tap reads: [N * G, taps * Ho, Wo, 2] as (x, y) in grid_sample's -1..1."""
    rows, columns = offset.shape[-2:]
    taps = geometry.taps
    moved = offset.reshape(len(offset) * geometry.offset_groups, taps, 2, rows, columns)
    rest = [_rest_positions(geometry, axis, (rows, columns), offset) for axis in (0, 1)]
    # grid_sample's coordinate of pixel p on a side of n pixels is (2 p + 1) / n - 1.
    y, x = (
        torch.add((2 * rest[axis] + 1) / side - 1, moved[:, :, axis], alpha=2 / side)
        for axis, side in enumerate(input_size)
    )
    return torch.stack((x, y), dim=-1).reshape(len(moved), taps * rows, columns, 2)


def _rest_positions(geometry: Geometry, axis: int, size: Pair, like: Tensor) -> Tensor:
    """[taps, Ho, 1] or [taps, 1, Wo]: what each tap reads without displacement, input px."""
    options = {"dtype": like.dtype, "device": like.device}
    kernel = [torch.arange(k, **options) for k in geometry.kernel]  # type: ignore[call-overload]
    along = torch.meshgrid(*kernel, indexing="ij")[axis].reshape(-1) * geometry.dilation[axis]
    steps = torch.arange(size[axis], **options) * geometry.stride[axis]  # type: ignore[call-overload]
    positions: Tensor = along[:, None] + steps[None, :] - geometry.padding[axis]
    return positions.unsqueeze(2 - axis)
