"""The operator takes what networks give it and refuses what does not fit."""

from __future__ import annotations

import pytest
import torch

from tests.thirdparty.deform_conv.cases import SHAPES, make_case
from thirdparty.deform_conv import (
    ModulatedDeformConv2d,
    modulated_deform_conv2d,
    torchvision_operator,
)


@pytest.mark.parametrize("shape", SHAPES[:3])
def test_an_empty_batch_gives_an_empty_batch(shape: tuple) -> None:
    out = modulated_deform_conv2d(**make_case(*shape, batch=0))
    assert out.shape == (0, *modulated_deform_conv2d(**make_case(*shape)).shape[1:])


def test_half_precision_is_computed_in_full_precision() -> None:
    case = make_case(*SHAPES[0])
    halved = {
        name: value.bfloat16() if isinstance(value, torch.Tensor) else value
        for name, value in case.items()
    }
    raised = {
        name: value.float() if isinstance(value, torch.Tensor) else value
        for name, value in halved.items()
    }
    out = modulated_deform_conv2d(**halved)
    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out, modulated_deform_conv2d(**raised).bfloat16())


def test_autocast_does_not_coarsen_positions() -> None:
    case = make_case(*SHAPES[0], reach=50)
    with torch.autocast("cpu", torch.bfloat16):
        out = modulated_deform_conv2d(**case)
    torch.testing.assert_close(out, modulated_deform_conv2d(**case))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"offset": torch.zeros(2, 10, 12, 9)}, r"offset: expected shape \[2, 306, 12, 9\]"),
        ({"mask": torch.zeros(2, 153, 12, 8)}, r"mask: expected shape \[2, 153, 12, 9\]"),
        ({"groups": 2}, "groups=2"),
        ({"offset_groups": 5}, "5 offset groups"),
        ({"padding": 0, "dilation": 9}, "does not fit into an input of 12x9"),
    ],
)
def test_what_does_not_fit_is_named(change: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        modulated_deform_conv2d(**make_case(*SHAPES[0]) | change)


def test_a_new_layer_is_the_identity() -> None:
    layer = ModulatedDeformConv2d(4, 3, dilation=2, offset_groups=2)
    x = torch.randn(2, 4, 7, 5)
    out = layer(x, torch.zeros(2, 36, 7, 5), torch.ones(2, 18, 7, 5))
    torch.testing.assert_close(out, x)


def test_works_where_torchvision_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torchvision.ops", None)
    torchvision_operator.cache_clear()
    try:
        assert torchvision_operator() is None
        assert modulated_deform_conv2d(**make_case(*SHAPES[0])).shape == (2, 17, 12, 9)
    finally:
        torchvision_operator.cache_clear()
