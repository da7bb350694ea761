"""Everything that the network learns through the deformable convolution gets its gradient."""

from __future__ import annotations

import pytest
import torch

from tests.thirdparty.deform_conv.cases import SHAPES, make_case
from thirdparty.deform_conv import modulated_deform_conv2d, reference_deform_conv2d

LEARNED = ("x", "offset", "mask", "weight", "bias")


@pytest.mark.parametrize("shape", [SHAPES[2], SHAPES[4], SHAPES[6]])
def test_gradients_are_those_of_the_function(shape: tuple) -> None:
    case = make_case(*shape, batch=1, reach=0.6, dtype=torch.float64, seed=3)
    tensors = [case.pop(name).requires_grad_() for name in LEARNED]

    def run(*values: torch.Tensor) -> torch.Tensor:
        return reference_deform_conv2d(*values, **case)

    assert torch.autograd.gradcheck(run, tensors, eps=1e-6, atol=1e-5, fast_mode=True)


def test_the_chosen_operator_trains() -> None:
    case = make_case(*SHAPES[0])
    tensors = [case[name].requires_grad_() for name in LEARNED]
    modulated_deform_conv2d(**case).square().mean().backward()
    assert all(t.grad is not None and t.grad.abs().sum() > 0 for t in tensors)
