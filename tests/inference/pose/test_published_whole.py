"""A published checkpoint imports, loads and gives the published heatmaps, also at full size."""

from __future__ import annotations

import ast
import resource
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.__main__ import main
from inference.pose.config import W48
from inference.pose.dcpose import DCPose, parity_network
from inference.pose.estimator import EstimatorConfig, PoseEstimator
from inference.pose.load import load_network
from tests.inference.pose.parity import (
    COMMITTED,
    SHARED,
    name_the_weights,
    needs_shared,
    relative_error,
    seeded_input,
)

LIMIT = 1e-3
"""Largest error allowed, in deviations of the output."""


def imported(network: DCPose, folder: Path) -> Path:
    """Our weights, made by the command from a file like the official ones."""
    name_the_weights(network)
    state = {f"module.{name}": tensor for name, tensor in network.state_dict().items()}
    torch.save({"begin_epoch": 19, "state_dict": state}, folder / "made_up.pth")
    size = "x".join(map(str, network.config.image))
    words = ["import-checkpoint", str(folder / "made_up.pth"), "--out", str(folder)]
    assert main([*words, "--image", size]) == 0
    (folder / "made_up.pth").unlink()
    return folder / "made_up.safetensors"


@needs_shared
@pytest.mark.parametrize("name", ["dcpose_w18_tiny_96x128", "dcpose_w18_96x128"])
def test_small_figures_are_met_through_command_file_and_estimator(
    name: str, tmp_path: Path
) -> None:
    figures = np.load(SHARED / f"{name}.npz")
    spec = ast.literal_eval(str(figures["spec"]))
    image = tuple(spec["image_wh"])
    network = parity_network(width=spec["width"], image=image, modules=tuple(spec["modules"]))
    weights = imported(network, tmp_path)
    x, margin = seeded_input(image, spec["input_seed"])
    with torch.inference_mode():
        current, output = load_network(weights)[0](x, margin=margin)
    assert relative_error(current, figures["current_rough_heatmaps"]) < LIMIT
    assert relative_error(output, figures["output_heatmaps"]) < LIMIT
    exact = PoseEstimator.load(weights, "cpu", EstimatorConfig(precision="float32"))
    assert relative_error(exact.heatmaps(x, margin), figures["output_heatmaps"]) < LIMIT


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_full_size_checkpoint_gives_the_published_heatmaps(tmp_path: Path) -> None:
    """The whole W48 at 288x384 from the command line to the estimator; a slice is compared."""
    with torch.device("meta"):
        network = DCPose(W48)
    weights = imported(network.to_empty(device="cpu"), tmp_path)
    del network
    estimator = PoseEstimator.load(weights, "cpu", EstimatorConfig(precision="float32"))
    assert estimator.network_config == W48
    figures = np.load(COMMITTED / "dcpose_w48_slice.npz")
    step = int(figures["step"])
    x, margin = seeded_input(W48.image, int(figures["seed"]))
    # One sample after the other: two at once would need twice the memory.
    for sample in range(len(x)):
        output = estimator.heatmaps(x[sample : sample + 1], margin[sample : sample + 1])
        error = np.abs(output.numpy()[0, :, ::step, ::step] - figures["output"][sample])
        assert error.max() < LIMIT * figures["deviations"][1]
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    assert peak_gib < 4
