"""The caller says who computes; by itself the quickest does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.thirdparty.deform_conv.cases import (
    SHAPES,
    make_case,
    operator_arguments,
    outcome,
    worst_errors,
)
from thirdparty.deform_conv import modulated_deform_conv2d, torchvision_operator, use_backend
from thirdparty.deform_conv import reference_deform_conv2d as reference
from thirdparty.deform_conv.backends import way_for
from thirdparty.deform_conv.geometry import geometry_of
from thirdparty.deform_conv.torchvision_ops import torchvision_backward, torchvision_forward


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = use_backend("auto")
    yield
    use_backend(before)


def test_a_choice_gives_back_the_one_before() -> None:
    assert use_backend("reference") == "auto"
    assert use_backend("auto") == "reference"


def test_an_unknown_choice_is_named() -> None:
    with pytest.raises(ValueError, match="one of auto, native, reference, got 'cuda'"):
        use_backend("cuda")  # type: ignore[arg-type]


@pytest.mark.usefixtures("kernel")
def test_by_itself_the_kernel_serves_what_it_can() -> None:
    x = torch.zeros(1, 2, 3, 4)
    assert [way_for(x.to(t)) for t in (torch.float32, torch.bfloat16, torch.float16)] == [
        "native"
    ] * 3
    assert way_for(x.double()) == "reference"
    assert way_for(x[:0]) == "reference"


@pytest.mark.usefixtures("kernel")
def test_the_reference_is_used_where_it_is_chosen() -> None:
    case = make_case(*SHAPES[0])
    case["x"].requires_grad_()
    assert "ModulatedDeformConv2D" in _maker(case).title().replace("_", "")
    use_backend("reference")
    assert "ModulatedDeformConv2D" not in _maker(case).title().replace("_", "")
    torch.testing.assert_close(modulated_deform_conv2d(**case), reference(**case), rtol=0, atol=0)


def _maker(case: dict) -> str:
    return type(modulated_deform_conv2d(**case).grad_fn).__name__


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("masked", [True, False])
def test_torchvisions_way_gives_the_same(shape: tuple, masked: bool) -> None:
    """The GPU's way, on a CPU: the calls are the same."""
    if torchvision_operator() is None:
        pytest.skip("torchvision is not there or does not fit this torch")
    case = make_case(*shape, dtype=torch.float64) | ({} if masked else {"mask": None})
    x, offset, mask, weight, bias, *sizes = operator_arguments(case)
    geometry = geometry_of(x, offset, mask, weight, *map(_plain, sizes))
    expected = outcome(reference, case)
    found = torchvision_forward(x, offset, mask, weight, bias, geometry)
    above = torch.randn(found.shape, generator=torch.Generator().manual_seed(7))
    above = above.bfloat16().double()
    gradients = torchvision_backward(above, x, offset, mask, weight, geometry)
    given = [value for value in gradients if value is not None]
    assert len(given) == (4 if masked else 3)
    assert max(worst_errors([found, *given], expected[:-1])) < 1e-12


def _plain(size: list[int] | int) -> tuple[int, int] | int:
    return size if isinstance(size, int) else (size[0], size[1])
