"""Random arguments of a modulated deformable convolution that fit together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from thirdparty.deform_conv.geometry import pair

SHAPES = [
    # kernel, stride, padding, dilation, groups, offset_groups, (channels, out, height, width)
    ((3, 3), 1, 3, 3, 1, 17, (17, 17, 12, 9)),
    ((3, 3), 1, 15, 15, 1, 4, (4, 4, 7, 5)),
    ((3, 3), 2, 1, 1, 2, 2, (4, 6, 9, 11)),
    ((1, 1), 1, 0, 1, 1, 1, (3, 2, 5, 4)),
    ((3, 1), (2, 1), (1, 0), (2, 1), 1, 3, (6, 5, 8, 3)),
    ((5, 3), 1, (4, 2), (2, 2), 3, 1, (6, 3, 6, 1)),
    ((3, 3), 1, 1, 1, 1, 2, (2, 2, 1, 1)),
]


def make_case(
    kernel: tuple[int, int],
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
    offset_groups: int,
    sizes: tuple[int, int, int, int],
    *,
    batch: int = 2,
    reach: float = 3.0,
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
) -> dict[str, Any]:
    """Keyword arguments for the operator; offsets have a deviation of ``reach`` px."""
    generator = torch.Generator().manual_seed(seed)
    channels, outputs, height, width = sizes
    weight = torch.randn(outputs, channels // groups, *kernel, generator=generator, dtype=dtype)
    rest = torch.nn.functional.conv2d(
        torch.zeros(1, channels, height, width, dtype=dtype),
        weight,
        None,
        stride,
        padding,
        dilation,
        groups,
    )
    taps = kernel[0] * kernel[1] * offset_groups
    size = rest.shape[2:]
    return {
        "x": torch.randn(batch, channels, height, width, generator=generator, dtype=dtype),
        "offset": reach * torch.randn(batch, 2 * taps, *size, generator=generator, dtype=dtype),
        "mask": torch.randn(batch, taps, *size, generator=generator, dtype=dtype),
        "weight": weight,
        "bias": torch.randn(outputs, generator=generator, dtype=dtype),
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "offset_groups": offset_groups,
    }


TENSORS = ("x", "offset", "mask", "weight", "bias")


def operator_arguments(case: dict[str, Any]) -> list[Any]:
    """A case as the registered operator takes it."""
    pairs = [list(pair(case[name])) for name in ("stride", "padding", "dilation")]
    return [*(case[name] for name in TENSORS), *pairs, case["groups"], case["offset_groups"]]


def outcome(operator: Callable[..., Tensor], case: dict[str, Any]) -> list[Tensor]:
    """The output and the gradients of all tensors, for a fixed random gradient of the output.

    That gradient fits bfloat16, so that it is the same in every precision.
    """
    names = [name for name in TENSORS if case[name] is not None]
    learned = {name: case[name].detach().requires_grad_() for name in names}
    out = operator(**case | learned)
    generator = torch.Generator().manual_seed(7)
    above = torch.randn(out.shape, generator=generator).bfloat16().to(out.dtype)
    return [out.detach(), *torch.autograd.grad(out, list(learned.values()), above)]


def converted(case: dict[str, Any], dtype: torch.dtype) -> dict[str, Any]:
    """The case with all tensors in another dtype."""
    return {
        name: value.to(dtype) if isinstance(value, Tensor) else value
        for name, value in case.items()
    }


def worst_errors(found: list[Tensor], exact: list[Tensor]) -> list[float]:
    """The largest error of each tensor over the deviation of what is exact."""
    return [
        float((a.double() - b).abs().max() / b.square().mean().sqrt().clamp(min=1e-30))
        for a, b in zip(found, exact, strict=True)
    ]
