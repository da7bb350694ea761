"""Chooses who computes the deformable convolution: torchvision's kernel or plain PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import cast

import torch
from torch import Tensor

from thirdparty.deform_conv.geometry import Pair, geometry_of
from thirdparty.deform_conv.reference import reference_deform_conv2d

Operator = Callable[..., Tensor]


@cache
def torchvision_operator() -> Operator | None:
    """torchvision's ``deform_conv2d``, or None where torchvision is absent or does not fit."""
    try:
        from torchvision.ops import deform_conv2d
    except (ImportError, OSError, RuntimeError, AttributeError):
        return None
    return cast(Operator, deform_conv2d)


def modulated_deform_conv2d(
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
    """Modulated deformable convolution on whatever is quickest here.

    Shapes, units and errors are those of ``reference_deform_conv2d``. Below 32 bits the work
    is done in float32, because positions of a hundred pixels do not fit bfloat16, and the
    result is given back in the dtype of ``x``.

    On a CUDA device torchvision's kernel is used where there is one. On a CPU it gains
    little forward and loses ten times backward, so plain PyTorch serves.
    """
    dtype = torch.float32 if x.dtype in (torch.bfloat16, torch.float16) else x.dtype
    mask = None if mask is None else mask.to(dtype)
    bias = None if bias is None else bias.to(dtype)
    options = (stride, padding, dilation, groups, offset_groups)
    with torch.autocast(x.device.type, enabled=False):
        out = _compute(x.to(dtype), offset.to(dtype), mask, weight.to(dtype), bias, *options)
    return out.to(x.dtype)


def _compute(
    x: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    bias: Tensor | None,
    stride: int | Pair,
    padding: int | Pair,
    dilation: int | Pair,
    groups: int,
    offset_groups: int,
) -> Tensor:
    kernel = torchvision_operator() if x.device.type == "cuda" and len(x) else None
    if kernel is None:
        return reference_deform_conv2d(
            x, offset, mask, weight, bias, stride, padding, dilation, groups, offset_groups
        )
    geometry_of(x, offset, mask, weight, stride, padding, dilation, groups, offset_groups)
    return kernel(x, offset, weight, bias, stride, padding, dilation, mask)
