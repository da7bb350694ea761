"""The compact configuration is small, trains, and starts from where its backbone is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from torch import nn

from inference.errors import ModelError
from inference.pose.config import COMPACT, W18, W48, DCPoseConfig
from inference.pose.dcpose import DCPose
from inference.pose.fold import fold_batch_norms
from thirdparty.deform_conv import ModulatedDeformConv2d

TINY = replace(
    COMPACT, image=(32, 64), stem=8, bottleneck_channels=4, bottlenecks=1, width=6, blocks=1
)


def multiplications(network: DCPose) -> dict[str, int]:
    """Multiply-adds of one sample of one frame in the backbone, and of its head."""
    counts = {"backbone": 0, "head": 0}

    def count(name: str):
        part = "backbone" if name.startswith("rough_pose_estimation_net") else "head"

        def hook(module: nn.Module, inputs: object, output: torch.Tensor) -> None:
            counts[part] += output[0].numel() * module.weight[0].numel()

        return hook

    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | ModulatedDeformConv2d):
            module.register_forward_hook(count(name))
    config = network.config
    with torch.inference_mode():
        network.eval()(torch.zeros(1, 3 * config.input_channels, *config.image[::-1]))
    return counts


def test_compact_stays_within_its_budget() -> None:
    network = DCPose(COMPACT)
    counts = multiplications(network)
    assert counts["backbone"] <= 0.75e9
    assert counts["head"] <= 0.15e9
    # Kernels are kept as one byte a number; all shipped weights together: 20 MB.
    assert sum(p.numel() for p in network.parameters()) <= 11e6


def test_heatmaps_are_a_quarter_of_the_image() -> None:
    network = DCPose(TINY).eval()
    current, output = network(torch.randn(2, 12, 64, 32))
    assert current.shape == output.shape == (2, 17, 16, 8)
    assert TINY.heatmap_size == (8, 16)


def test_the_backbone_alone_gives_the_rough_heatmaps() -> None:
    network = DCPose(TINY).eval()
    x = torch.randn(2, 12, 64, 32)
    torch.testing.assert_close(network(x)[0], network.heatmaps(x[:, :4]), atol=1e-5, rtol=1e-4)


def test_a_new_residual_head_adds_nothing() -> None:
    current, output = DCPose(TINY).eval()(torch.randn(2, 12, 64, 32))
    torch.testing.assert_close(output, current)


def test_a_missing_margin_means_neighbours() -> None:
    network = DCPose(replace(TINY, residual=False)).eval()
    x = torch.randn(2, 12, 64, 32)
    torch.testing.assert_close(network(x)[1], network(x, margin=torch.ones(2, 2))[1])


def test_training_reaches_every_parameter() -> None:
    torch.manual_seed(0)
    network = DCPose(TINY)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(2):  # The residual head starts at zero: what lies before learns after it.
        optimiser.zero_grad()
        current, output = network(torch.randn(4, 12, 64, 32))
        (current.square().mean() + (output - 1).square().mean()).backward()
        optimiser.step()
    silent = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []


def test_folding_batch_norms_changes_no_output() -> None:
    torch.manual_seed(0)
    network = DCPose(replace(TINY, residual=False))
    network(torch.randn(8, 12, 64, 32))
    network.eval().requires_grad_(False)
    x = torch.randn(2, 12, 64, 32)
    before = network(x)
    fold_batch_norms(network)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in network.modules())
    torch.testing.assert_close(network(x), before, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("config", [W48, W18, COMPACT])
def test_a_config_survives_json(config: DCPoseConfig) -> None:
    assert DCPoseConfig.from_dict(json.loads(json.dumps(config.as_dict()))) == config


@pytest.mark.parametrize(
    "change",
    [
        {"image": (96, 120)},
        {"preprocessing": "none"},
        {"input_channels": 5},
        {"dilations": ()},
        {"border": "mirror"},
    ],
)
def test_a_config_that_cannot_work_is_refused(change: dict) -> None:
    with pytest.raises(ModelError):
        replace(COMPACT, **change)


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(ModelError, match="depth"):
        DCPoseConfig.from_dict({"depth": 3})
