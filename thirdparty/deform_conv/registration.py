"""Makes the deformable convolution an operator that PyTorch's own tools understand.

``torch.ops.nightjar.modulated_deform_conv2d`` and its gradient have shapes for tracing
(torch.compile, torch.export), rules for autograd and for autocast.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.library import Library

from thirdparty.deform_conv.backends import compute, compute_gradients
from thirdparty.deform_conv.geometry import Geometry, geometry_of

NAME = "modulated_deform_conv2d"
GRADIENT = "modulated_deform_conv2d_backward"
_SIZES = "int[2] stride, int[2] padding, int[2] dilation, int groups, int offset_groups"

_library: Any = Library("nightjar", "FRAGMENT")  # type: ignore[no-untyped-call]
_library.define(
    f"{NAME}(Tensor x, Tensor offset, Tensor? mask, Tensor weight, Tensor? bias, {_SIZES})"
    " -> Tensor",
    tags=(torch.Tag.pt2_compliant_tag,),
)
_library.define(
    f"{GRADIENT}(Tensor grad, Tensor x, Tensor offset, Tensor? mask, Tensor weight, {_SIZES})"
    " -> (Tensor, Tensor, Tensor, Tensor)",
    tags=(torch.Tag.pt2_compliant_tag,),
)

Arguments = tuple[list[int], list[int], list[int], int, int]


def _geometry(
    x: Tensor, offset: Tensor, mask: Tensor | None, weight: Tensor, sizes: Any
) -> Geometry:
    *pairs, groups, offset_groups = sizes
    stride, padding, dilation = ((pair[0], pair[1]) for pair in pairs)
    return geometry_of(x, offset, mask, weight, stride, padding, dilation, groups, offset_groups)


def _forward(
    x: Tensor, offset: Tensor, mask: Tensor | None, weight: Tensor, bias: Tensor | None, *sizes: Any
) -> Tensor:
    geometry = _geometry(x, offset, mask, weight, sizes)
    with torch.autocast(x.device.type, enabled=False):
        return compute(x, offset, mask, weight, bias, geometry)


def _backward(
    grad: Tensor, x: Tensor, offset: Tensor, mask: Tensor | None, weight: Tensor, *sizes: Any
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    geometry = _geometry(x, offset, mask, weight, sizes)
    with torch.autocast(x.device.type, enabled=False):
        to_x, to_offset, to_mask, to_weight = compute_gradients(
            grad, x, offset, mask, weight, geometry
        )
    return to_x, to_offset, offset.new_empty(0) if to_mask is None else to_mask, to_weight


def _forward_shape(
    x: Tensor, offset: Tensor, mask: Tensor | None, weight: Tensor, bias: Tensor | None, *sizes: Any
) -> Tensor:
    _geometry(x, offset, mask, weight, sizes)
    return x.new_empty(x.shape[0], weight.shape[0], offset.shape[2], offset.shape[3])


def _backward_shape(
    grad: Tensor, x: Tensor, offset: Tensor, mask: Tensor | None, weight: Tensor, *sizes: Any
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    to_mask = offset.new_empty(0) if mask is None else mask.new_empty(mask.shape)
    to_x, to_offset, to_weight = (t.new_empty(t.shape) for t in (x, offset, weight))
    return to_x, to_offset, to_mask, to_weight


def _remember(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, offset, mask, weight, bias, *ctx.sizes = inputs
    ctx.save_for_backward(x, offset, mask, weight)
    ctx.bias_dtype = None if bias is None else bias.dtype


def _differentiate(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    x, offset, mask, weight = ctx.saved_tensors
    to_bias = None
    if ctx.bias_dtype is not None and ctx.needs_input_grad[4]:
        to_bias = grad.sum(dim=(0, 2, 3), dtype=ctx.bias_dtype)
    if not any(ctx.needs_input_grad[:4]):
        return (*[None] * 4, to_bias, *[None] * 5)
    to_x, to_offset, to_mask, to_weight = torch.ops.nightjar.modulated_deform_conv2d_backward(
        grad, x, offset, mask, weight, *ctx.sizes
    )
    to_mask = None if mask is None else to_mask
    return (to_x, to_offset, to_mask, to_weight, to_bias, *[None] * 5)


def _outside_autocast(device: str) -> Any:
    """Positions must not be coarsened: the operator takes what it is given, as it is."""

    def run(*arguments: Any) -> Any:
        with torch.autocast(device, enabled=False):
            return torch.ops.nightjar.modulated_deform_conv2d(*arguments)

    return run


for _device in ("CPU", "CUDA"):
    _library.impl(NAME, _forward, _device)
    _library.impl(GRADIENT, _backward, _device)
    _library.impl(NAME, _outside_autocast(_device.lower()), f"Autocast{_device}")
torch.library.register_fake(f"nightjar::{NAME}", _forward_shape, lib=_library)
torch.library.register_fake(f"nightjar::{GRADIENT}", _backward_shape, lib=_library)
torch.library.register_autograd(
    f"nightjar::{NAME}", _differentiate, setup_context=_remember, lib=_library
)
