"""PyTorch's own tools understand the operator: autograd, autocast, tracing and export."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.thirdparty.deform_conv.cases import (
    SHAPES,
    TENSORS,
    make_case,
    operator_arguments,
    outcome,
    worst_errors,
)
from thirdparty.deform_conv import ModulatedDeformConv2d, modulated_deform_conv2d
from thirdparty.deform_conv import reference_deform_conv2d as reference

forward = torch.ops.nightjar.modulated_deform_conv2d.default
backward = torch.ops.nightjar.modulated_deform_conv2d_backward.default


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("masked", [True, False])
def test_pytorchs_check_of_operators_passes(dtype: torch.dtype, masked: bool) -> None:
    case = make_case(*SHAPES[2], dtype=dtype) | ({} if masked else {"mask": None})
    plain = operator_arguments(case)
    above = torch.randn_like(forward(*plain))
    torch.library.opcheck(backward, [above, *plain[:4], *plain[5:]])
    for name in TENSORS:
        if case[name] is not None:
            case[name].requires_grad_()
    torch.library.opcheck(forward, operator_arguments(case))


@pytest.mark.parametrize("shape", [SHAPES[2], SHAPES[4], SHAPES[6]])
def test_gradients_are_those_of_the_function(shape: tuple) -> None:
    case = make_case(*shape, batch=1, reach=0.6, dtype=torch.float64, seed=3)
    values = operator_arguments(case)
    tensors = [tensor.requires_grad_() for tensor in values[:5]]
    assert torch.autograd.gradcheck(
        lambda *given: forward(*given, *values[5:]), tensors, eps=1e-6, atol=1e-5, fast_mode=True
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_by_hand_are_autograds(shape: tuple) -> None:
    case = make_case(*shape, dtype=torch.float64)
    arguments = operator_arguments(case)
    found = outcome(lambda **given: forward(*operator_arguments(given)), case)
    assert found[0].shape == forward(*arguments).shape
    assert max(worst_errors(found, outcome(reference, case))) < 1e-12


def test_only_what_is_learned_gets_a_gradient() -> None:
    case = make_case(*SHAPES[0])
    case["bias"].requires_grad_()
    modulated_deform_conv2d(**case).sum().backward()
    assert case["weight"].grad is None
    torch.testing.assert_close(case["bias"].grad, torch.full((17,), 2.0 * 12 * 9))


def test_an_empty_batch_has_gradients() -> None:
    case = make_case(*SHAPES[2], batch=0)
    found = outcome(lambda **given: forward(*operator_arguments(given)), case)
    assert found[0].shape == (0, 6, 5, 6)
    assert not found[4].any()


def test_autocast_leaves_positions_and_the_result_as_they_are() -> None:
    case = make_case(*SHAPES[0], reach=50)
    with torch.autocast("cpu", torch.bfloat16):
        found = forward(*operator_arguments(case))
    torch.testing.assert_close(found, forward(*operator_arguments(case)), rtol=0, atol=0)


class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.warp = ModulatedDeformConv2d(4, 3, dilation=2, offset_groups=2)

    def forward(self, x: torch.Tensor, offset: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.warp(x, offset, mask) + 1


def head_inputs(batch: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    return tuple(torch.randn(batch, n, 7, 5, generator=generator) for n in (4, 36, 18))


@pytest.mark.usefixtures("kernel")
def test_compiled_networks_have_no_break_and_train() -> None:
    head, inputs = Head(), head_inputs(2)
    compiled = torch.compile(head, backend="aot_eager", fullgraph=True)
    compiled(*inputs).square().sum().backward()
    found, head.warp.weight.grad = head.warp.weight.grad, None
    head(*inputs).square().sum().backward()
    torch.testing.assert_close(found, head.warp.weight.grad)


def test_exported_networks_keep_the_operator_and_any_batch() -> None:
    dynamic = ({0: torch.export.Dim("batch", min=2, max=64)},) * 3
    head = Head()
    exported = torch.export.export(head, head_inputs(2), dynamic_shapes=dynamic)
    assert forward in [node.target for node in exported.graph.nodes]
    inputs = head_inputs(5)
    torch.testing.assert_close(exported.module()(*inputs), head(*inputs))


@pytest.mark.usefixtures("plain")
def test_in_plain_pytorch_an_export_holds_nothing_of_ours() -> None:
    exported = torch.export.export(Head(), head_inputs(2))
    assert not [node for node in exported.graph.nodes if "nightjar" in str(node.target)]
    torch.testing.assert_close(exported.module()(*head_inputs(2)), Head()(*head_inputs(2)))


@pytest.mark.filterwarnings("ignore:.torch.jit.trace:FutureWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_a_trace_holds_nothing_of_ours() -> None:
    traced = torch.jit.trace(Head(), head_inputs(2), check_trace=False)
    assert "nightjar" not in str(traced.inlined_graph)
