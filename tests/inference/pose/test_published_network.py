"""The network is the published DCPose: same names, same shapes, same numbers."""

from __future__ import annotations

import ast
import hashlib
import json

import numpy as np
import pytest
import torch

from inference.pose.config import W48
from inference.pose.dcpose import DCPose, parity_network
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


@pytest.fixture(scope="module")
def w48_shapes() -> dict[str, list[int]]:
    with torch.device("meta"):
        network = DCPose(W48)
    return {name: list(entry.shape) for name, entry in network.state_dict().items()}


def test_w48_has_the_published_names_and_shapes(w48_shapes: dict[str, list[int]]) -> None:
    published = json.loads((COMMITTED / "dcpose_w48_names.json").read_text())
    lines = "\n".join(f"{name} {shape}" for name, shape in sorted(w48_shapes.items()))
    assert len(w48_shapes) == published["entries"] == 2215
    assert hashlib.sha256(lines.encode()).hexdigest() == published["sha256"]


@needs_shared
def test_w48_has_every_name_of_the_list_in_its_order(w48_shapes: dict[str, list[int]]) -> None:
    published = json.loads((SHARED / "dcpose_w48_state_dict.json").read_text())
    assert list(w48_shapes.items()) == list(published.items())


def test_the_small_network_gives_the_published_numbers() -> None:
    figures = np.load(COMMITTED / "dcpose_w18_tiny.npz")
    network = parity_network(width=18, image=(96, 128), modules=(1, 1, 1))
    name_the_weights(network)
    x, margin = seeded_input((96, 128))
    with torch.inference_mode():
        current, output = network(x, margin=margin)
    joints = figures["joints"]
    assert relative_error(current[:, joints], figures["current"]) < LIMIT
    assert relative_error(output[:, joints], figures["output"]) < LIMIT


@needs_shared
@pytest.mark.parametrize(
    "name",
    [
        "dcpose_w18_tiny_96x128",
        pytest.param("dcpose_w18_96x128", marks=pytest.mark.slow),
        pytest.param("dcpose_w48_288x384", marks=pytest.mark.slow),
    ],
)
def test_the_whole_figures_are_met(name: str) -> None:
    figures = np.load(SHARED / f"{name}.npz")
    spec = ast.literal_eval(str(figures["spec"]))
    image = tuple(spec["image_wh"])
    network = parity_network(width=spec["width"], image=image, modules=tuple(spec["modules"]))
    name_the_weights(network)
    x, margin = seeded_input(image, spec["input_seed"])
    with torch.inference_mode():
        current, output = network(x, margin=margin)
    assert relative_error(current, figures["current_rough_heatmaps"]) < LIMIT
    assert relative_error(output, figures["output_heatmaps"]) < LIMIT
