"""The compiled kernel computes what the reference does, whatever it is given."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.thirdparty.deform_conv.cases import (
    SHAPES,
    TENSORS,
    converted,
    make_case,
    outcome,
    worst_errors,
)
from thirdparty.deform_conv import modulated_deform_conv2d, native, reference_deform_conv2d
from thirdparty.deform_conv.backends import way_for

pytestmark = pytest.mark.usefixtures("kernel")
DCPOSE = ((3, 3), 1, 15, 15, 1, 17, (17, 17, 96, 72))


def exactly(case: dict[str, Any]) -> list[torch.Tensor]:
    return outcome(reference_deform_conv2d, converted(case, torch.float64))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reach", [0.4, 3.0, 40.0])
def test_output_and_gradients_are_the_references(shape: tuple, reach: float) -> None:
    case = make_case(*shape, reach=reach)
    assert way_for(case["x"]) == "native"
    found = outcome(modulated_deform_conv2d, case)
    for value, expected in zip(found, exactly(case), strict=True):
        torch.testing.assert_close(value.double(), expected, rtol=1e-4, atol=1e-5)


def test_at_dcposes_shape_the_error_is_below_a_hundred_thousandth() -> None:
    case = make_case(*DCPOSE, batch=1)
    assert max(worst_errors(outcome(modulated_deform_conv2d, case), exactly(case))) < 1e-5


@pytest.mark.parametrize("dilation", range(1, 16))
def test_every_dilation(dilation: int) -> None:
    case = make_case((3, 3), 1, dilation, dilation, 1, 3, (3, 3, 13, 9), batch=1)
    assert max(worst_errors(outcome(modulated_deform_conv2d, case), exactly(case))) < 1e-5


@pytest.mark.parametrize("shape", SHAPES)
def test_without_masks_they_are_ones(shape: tuple) -> None:
    case = make_case(*shape)
    ones = case | {"mask": torch.ones_like(case["mask"])}
    bare, full = (outcome(modulated_deform_conv2d, c) for c in (case | {"mask": None}, ones))
    for value, expected in zip(bare, [*full[:3], *full[4:]], strict=True):
        torch.testing.assert_close(value, expected)


def test_without_bias_it_is_zero() -> None:
    case = make_case(*SHAPES[0])
    bare = modulated_deform_conv2d(**case | {"bias": None})
    expected = modulated_deform_conv2d(**case) - case["bias"].reshape(1, -1, 1, 1)
    torch.testing.assert_close(bare, expected)


@pytest.mark.parametrize("shape", [SHAPES[0], SHAPES[2], SHAPES[4]])
def test_layout_in_memory_does_not_matter(shape: tuple) -> None:
    case = make_case(*shape)
    expected = outcome(modulated_deform_conv2d, case)
    images = ("x", "offset", "mask")
    last = {name: case[name].contiguous(memory_format=torch.channels_last) for name in images}
    apart = {name: case[name].repeat_interleave(2, dim=3)[..., ::2] for name in images}
    for layout in (last, apart):
        assert not layout["offset"].is_contiguous()
        for value, wanted in zip(
            outcome(modulated_deform_conv2d, case | layout), expected, strict=True
        ):
            torch.testing.assert_close(value, wanted, rtol=0, atol=0)


def test_the_number_of_threads_does_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "PER_THREAD", 1)
    case = make_case(*SHAPES[0], batch=3)
    found = []
    for threads in (1, 4):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        found.append(outcome(modulated_deform_conv2d, case))
    assert all(torch.equal(one, four) for one, four in zip(*found, strict=True))


def test_one_image_is_shared_out_among_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "PER_THREAD", 1)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 5)
    case = make_case(*SHAPES[0], batch=1)
    assert max(worst_errors(outcome(modulated_deform_conv2d, case), exactly(case))) < 1e-5


def test_bfloat16_rounds_only_what_comes_in_and_goes_out() -> None:
    case = converted(make_case(*SHAPES[0], reach=20.0), torch.bfloat16)
    # Quarters of a pixel fit bfloat16; on whole pixels the derivative would jump.
    case["offset"] = case["offset"].floor().clamp(-60, 60) + 0.25
    found = outcome(modulated_deform_conv2d, case)
    assert {value.dtype for value in found} == {torch.bfloat16}
    for value, expected in zip(found, exactly(case), strict=True):
        torch.testing.assert_close(value.double(), expected, rtol=2**-8, atol=1e-3)


@pytest.mark.parametrize("other", [torch.bfloat16, torch.float16])
def test_dtypes_may_be_mixed(other: torch.dtype) -> None:
    case = make_case(*SHAPES[2], reach=0.5)
    for name in ("offset", "weight"):
        case[name] = case[name].to(other)
    found = outcome(modulated_deform_conv2d, case)
    kept = [case["x"].dtype, *(case[name].dtype for name in TENSORS)]
    assert [value.dtype for value in found] == kept
    torch.testing.assert_close(found[0].double(), exactly(case)[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("far", [-1e30, -3e9, -2147483648.0, 2147483520.0, 3e9, 1e30])
def test_far_outside_of_the_input_is_zero(far: float) -> None:
    case = make_case(*SHAPES[0], batch=1) | {"bias": None}
    case["offset"] = torch.full_like(case["offset"], far)
    out, to_x, to_offset, to_mask, to_weight = outcome(modulated_deform_conv2d, case)
    assert all(not value.any() for value in (out, to_x, to_offset, to_mask, to_weight))


@pytest.mark.parametrize("poison", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_stays_with_its_pixel(poison: float) -> None:
    case = make_case(*SHAPES[0], batch=1)
    clean = modulated_deform_conv2d(**case)
    case["offset"][0, 5, 4, 3] = poison
    out = outcome(modulated_deform_conv2d, case)[0]
    assert out[0, :, 4, 3].isnan().all()
    out[0, :, 4, 3] = clean[0, :, 4, 3]
    torch.testing.assert_close(out, clean, rtol=0, atol=0)
