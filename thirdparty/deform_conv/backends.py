"""Chooses who computes the deformable convolution, on which device and in which precision."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from thirdparty.deform_conv.geometry import Geometry
from thirdparty.deform_conv.native import native_backward, native_forward, native_library
from thirdparty.deform_conv.reference import reference_backward, reference_deform_conv2d
from thirdparty.deform_conv.torchvision_ops import (
    torchvision_backward,
    torchvision_forward,
    torchvision_operator,
)

Choice = Literal["auto", "native", "reference"]
Way = Literal["native", "torchvision", "reference"]
Gradients = tuple[Tensor, Tensor, Tensor | None, Tensor]
FAST = (torch.float32, torch.bfloat16, torch.float16)

_choice: Choice = "auto"


def use_backend(choice: Choice) -> Choice:
    """Say who computes from now on, in all threads of this process.

    Args:
        choice: ``auto`` for the quickest that is there; ``native`` for our compiled kernel
            or an error; ``reference`` for plain PyTorch, which any exporter understands.

    Returns:
        What was chosen before.

    Raises:
        ValueError: another word.
        RuntimeError: ``native``, and the kernel cannot be built here; the log says why.
    """
    global _choice
    if choice not in get_args(Choice):
        raise ValueError(f"Expected one of {', '.join(get_args(Choice))}, got {choice!r}.")
    if choice == "native" and native_library() is None:
        raise RuntimeError("The compiled deformable convolution cannot be built here; see the log.")
    before, _choice = _choice, choice
    return before


def chosen_backend() -> Choice:
    """What ``use_backend`` was told last."""
    return _choice


def way_for(x: Tensor) -> Way:
    """Who computes for this input."""
    if _choice == "reference" or x.numel() == 0:
        return "reference"
    if x.device.type == "cpu" and x.dtype in FAST and native_library() is not None:
        return "native"
    if x.device.type == "cuda" and torchvision_operator() is not None:
        return "torchvision"
    return "reference"


def compute(
    x: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    bias: Tensor | None,
    geometry: Geometry,
) -> Tensor:
    """The output in the dtype of x, computed in float32 or wider; outside of autocast."""
    way = way_for(x)
    if way == "native":
        return native_forward(x, offset, mask, weight, bias, geometry).to(x.dtype)
    wide = widened(x, offset, mask, weight, bias)
    if way == "torchvision":
        return torchvision_forward(*wide, geometry).to(x.dtype)
    return reference_deform_conv2d(
        *wide,
        geometry.stride,
        geometry.padding,
        geometry.dilation,
        geometry.groups,
        geometry.offset_groups,
    ).to(x.dtype)


def compute_gradients(
    grad: Tensor,
    x: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    geometry: Geometry,
) -> Gradients:
    """Gradients of x, offset, mask and weight, each in the dtype of its tensor."""
    way = way_for(x)
    if way == "native":
        found = native_backward(grad, x, offset, mask, weight, geometry)
    else:
        wide_x, wide_offset, wide_mask, wide_weight, _ = widened(x, offset, mask, weight, None)
        gradients = torchvision_backward if way == "torchvision" else reference_backward
        found = gradients(
            grad.to(wide_x.dtype), wide_x, wide_offset, wide_mask, wide_weight, geometry
        )
    to_x, to_offset, to_mask, to_weight = found
    return (
        to_x.to(x.dtype),
        to_offset.to(offset.dtype),
        None if mask is None or to_mask is None else to_mask.to(mask.dtype),
        to_weight.to(weight.dtype),
    )


def widened(
    x: Tensor, offset: Tensor, mask: Tensor | None, weight: Tensor, bias: Tensor | None
) -> tuple[Tensor, Tensor, Tensor | None, Tensor, Tensor | None]:
    """All in one dtype, float32 or that of x where it is wider.

    Positions of a hundred pixels do not fit bfloat16.
    """
    dtype = torch.float32 if x.dtype in (torch.bfloat16, torch.float16) else x.dtype
    mask = None if mask is None else mask.to(dtype)
    bias = None if bias is None else bias.to(dtype)
    return x.to(dtype), offset.to(dtype), mask, weight.to(dtype), bias
