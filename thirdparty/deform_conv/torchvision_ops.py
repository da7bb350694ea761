"""torchvision's own operator, which serves on a GPU where torchvision is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import cast

import torch
from torch import Tensor

from thirdparty.deform_conv.geometry import Geometry

Operator = Callable[..., Tensor]
Gradients = tuple[Tensor, Tensor, Tensor | None, Tensor]


@cache
def torchvision_operator() -> Operator | None:
    """torchvision's ``deform_conv2d``, or None where torchvision is absent or does not fit."""
    try:
        from torchvision.ops import deform_conv2d
    except (ImportError, OSError, RuntimeError, AttributeError):
        return None
    return cast(Operator, deform_conv2d)


def torchvision_forward(
    x: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    bias: Tensor | None,
    geometry: Geometry,
) -> Tensor:
    """See ``reference_deform_conv2d``; all tensors of one dtype."""
    out: Tensor = torch.ops.torchvision.deform_conv2d(
        x, weight, offset, *_rest(offset, mask, weight, bias, geometry)
    )
    return out


def torchvision_backward(
    grad: Tensor,
    x: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    geometry: Geometry,
) -> Gradients:
    """Gradients of x, offset, mask and weight, from that of the output."""
    to_x, to_weight, to_offset, to_mask, _ = torch.ops.torchvision._deform_conv2d_backward(
        grad.contiguous(), x, weight, offset, *_rest(offset, mask, weight, None, geometry)
    )
    return to_x, to_offset, None if mask is None else to_mask, to_weight


def _rest(
    offset: Tensor, mask: Tensor | None, weight: Tensor, bias: Tensor | None, geometry: Geometry
) -> tuple[Tensor | int | bool, ...]:
    """The operator's arguments behind the offset; it wants something for no mask and bias."""
    pairs = (*geometry.stride, *geometry.padding, *geometry.dilation)
    return (
        offset.new_zeros(len(offset), 1) if mask is None else mask,
        weight.new_zeros(len(weight)) if bias is None else bias,
        *(*pairs, geometry.groups, geometry.offset_groups, mask is not None),
    )
