"""The deformable convolution as a function, on whatever is quickest here."""

from __future__ import annotations

import torch
from torch import Tensor

from thirdparty.deform_conv import registration
from thirdparty.deform_conv.backends import chosen_backend, way_for, widened
from thirdparty.deform_conv.geometry import Pair, geometry_of, pair
from thirdparty.deform_conv.reference import reference_deform_conv2d

__all__ = ["modulated_deform_conv2d", "registration"]


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

    Shapes, units and errors are those of ``reference_deform_conv2d``. Below 32 bits sums and
    positions are float32, because positions of a hundred pixels do not fit bfloat16, and the
    result is given back in the dtype of ``x``; so too under autocast.

    On a CPU our own compiled kernel serves, on a CUDA device torchvision's; where they are
    missing, for float64, and where ``use_backend`` says so, plain PyTorch does. The registered
    operator ``torch.ops.nightjar.modulated_deform_conv2d`` is what tracers see.
    """
    if _in_plain_pytorch(x):
        with torch.autocast(x.device.type, enabled=False):
            wide = widened(x, offset, mask, weight, bias)
            return reference_deform_conv2d(
                *wide, stride, padding, dilation, groups, offset_groups
            ).to(x.dtype)
    geometry_of(x, offset, mask, weight, stride, padding, dilation, groups, offset_groups)
    out: Tensor = torch.ops.nightjar.modulated_deform_conv2d(
        *(x, offset, mask, weight, bias),
        *(pair(stride), pair(padding), pair(dilation), groups, offset_groups),
    )
    return out


def _in_plain_pytorch(x: Tensor) -> bool:
    """Whether autograd and exporters shall see single PyTorch operations."""
    if chosen_backend() == "reference" or torch._C._get_tracing_state() is not None:
        return True
    return not torch.compiler.is_compiling() and way_for(x) == "reference"
