"""Sizes of a modulated deformable convolution, checked in one place for all backends."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

Pair = tuple[int, int]


def pair(value: int | Pair) -> Pair:
    """(vertical, horizontal) from one number or a pair."""
    return (value, value) if isinstance(value, int) else value


@dataclass(frozen=True)
class Geometry:
    """How the kernel walks over the input; pairs are (vertical, horizontal)."""

    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    groups: int
    offset_groups: int

    @property
    def taps(self) -> int:
        """Positions of the kernel."""
        return self.kernel[0] * self.kernel[1]

    def output_size(self, height: int, width: int) -> Pair:
        """(height, width) of the output, as of an ordinary convolution."""
        rows, columns = (
            (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
            for size, pad, dilation, kernel, stride in zip(
                (height, width), self.padding, self.dilation, self.kernel, self.stride, strict=True
            )
        )
        return rows, columns


def geometry_of(
    x: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    stride: int | Pair,
    padding: int | Pair,
    dilation: int | Pair,
    groups: int,
    offset_groups: int,
) -> Geometry:
    """Check that the arguments fit together.

    Raises:
        ValueError: they do not; says what was expected and what came.
    """
    geometry = Geometry(
        kernel=(int(weight.shape[2]), int(weight.shape[3])),
        stride=pair(stride),
        padding=pair(padding),
        dilation=pair(dilation),
        groups=groups,
        offset_groups=offset_groups,
    )
    batch, channels, height, width = x.shape
    if channels != weight.shape[1] * groups or weight.shape[0] % groups:
        raise ValueError(
            f"weight {list(weight.shape)} with groups={groups} does not fit {channels} channels."
        )
    if channels % offset_groups:
        raise ValueError(f"{channels} channels cannot be split into {offset_groups} offset groups.")
    size = geometry.output_size(height, width)
    if min(size) < 1:
        raise ValueError(f"The kernel does not fit into an input of {height}x{width}.")
    expect_shape("offset", offset, (batch, 2 * offset_groups * geometry.taps, *size))
    if mask is not None:
        expect_shape("mask", mask, (batch, offset_groups * geometry.taps, *size))
    return geometry


def expect_shape(name: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    """Raise ValueError where the tensor's shape is another."""
    if tuple(tensor.shape) != shape:
        raise ValueError(f"{name}: expected shape {list(shape)}, got {list(tensor.shape)}.")
