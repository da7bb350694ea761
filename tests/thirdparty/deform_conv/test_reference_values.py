"""The plain reference computes what the definition says."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from tests.thirdparty.deform_conv.cases import SHAPES, make_case
from thirdparty.deform_conv import reference_deform_conv2d, torchvision_operator


def by_hand(case: dict) -> torch.Tensor:
    """The definition, one output value at a time, for a square case without groups."""
    x, offset, mask, weight = case["x"], case["offset"], case["mask"], case["weight"]
    batch, channels, height, width = x.shape
    share = channels // case["offset_groups"]
    taps = weight.shape[2] * weight.shape[3]
    out = case["bias"].view(1, -1, 1, 1).repeat(batch, 1, *offset.shape[2:])

    def pixel(n: int, c: int, row: int, column: int) -> float:
        inside = 0 <= row < height and 0 <= column < width
        return float(x[n, c, row, column]) if inside else 0.0

    def read(n: int, c: int, row: float, column: float) -> float:
        top, left = math.floor(row), math.floor(column)
        down, right = row - top, column - left
        return (
            (1 - down) * (1 - right) * pixel(n, c, top, left)
            + (1 - down) * right * pixel(n, c, top, left + 1)
            + down * (1 - right) * pixel(n, c, top + 1, left)
            + down * right * pixel(n, c, top + 1, left + 1)
        )

    for n, c, tap in torch.cartesian_prod(*map(torch.arange, (batch, channels, taps))).tolist():
        index = (c // share) * taps + tap
        ky, kx = divmod(tap, weight.shape[3])
        for row in range(offset.shape[2]):
            for column in range(offset.shape[3]):
                y = row * case["stride"] - case["padding"] + ky * case["dilation"]
                z = column * case["stride"] - case["padding"] + kx * case["dilation"]
                y += float(offset[n, 2 * index, row, column])
                z += float(offset[n, 2 * index + 1, row, column])
                value = read(n, c, y, z) * mask[n, index, row, column]
                out[n, :, row, column] += weight[:, c, ky, kx] * value
    return out


def test_equals_the_definition_written_out() -> None:
    case = make_case((3, 3), 2, 2, 2, 1, 2, (4, 3, 6, 5), dtype=torch.float64)
    torch.testing.assert_close(reference_deform_conv2d(**case), by_hand(case))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reach", [0.7, 30.0])
def test_equals_torchvision(shape: tuple, reach: float) -> None:
    operator = torchvision_operator()
    if operator is None:
        pytest.skip("torchvision is not there or does not fit this torch")
    case = make_case(*shape, reach=reach, dtype=torch.float64)
    expected = operator(
        case["x"],
        case["offset"],
        case["weight"],
        case["bias"],
        case["stride"],
        case["padding"],
        case["dilation"],
        case["mask"],
    )
    torch.testing.assert_close(reference_deform_conv2d(**case), expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_without_offsets_and_masks_is_a_convolution(shape: tuple) -> None:
    case = make_case(*shape, reach=0.0, dtype=torch.float64) | {"mask": None}
    expected = F.conv2d(
        *(case[name] for name in ("x", "weight", "bias", "stride", "padding", "dilation")),
        groups=case["groups"],
    )
    torch.testing.assert_close(reference_deform_conv2d(**case), expected)


def test_outside_of_the_input_is_zero() -> None:
    case = make_case((3, 3), 1, 1, 1, 1, 1, (2, 2, 5, 6)) | {"bias": None}
    case["offset"] = torch.full_like(case["offset"], 100.0)
    assert reference_deform_conv2d(**case).abs().max() == 0
