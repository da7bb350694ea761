"""Published checkpoints become weights of our own form, whole or with a word on what is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.__main__ import main
from inference.errors import BadInput
from inference.pose.config import DCPoseConfig
from inference.pose.dcpose import DCPose, parity_network
from inference.pose.estimator import EstimatorConfig, PoseEstimator
from inference.pose.imported import import_checkpoint
from inference.pose.load import load_network
from inference.weights_file import card_path, load_card
from tests.inference.pose.parity import (
    COMMITTED,
    name_the_weights,
    relative_error,
    seeded_input,
)

BACKBONE = "rough_pose_estimation_net."
SMALL = DCPoseConfig(width=8, image=(64, 96), modules=(1, 2, 1), blocks=2)

State = dict[str, torch.Tensor]


def published(path: Path, state: Mapping[str, torch.Tensor]) -> Path:
    """A file as training programs write it, optimiser and all."""
    named = {f"module.{name}": tensor.clone() for name, tensor in state.items()}
    optimiser = {"state": {0: {"step": 7}}, "param_groups": [{"lr": 1e-4}]}
    torch.save({"begin_epoch": 19, "state_dict": named, "optimizer": optimiser}, path)
    return path


@pytest.fixture(scope="module")
def whole() -> State:
    network = DCPose(SMALL)
    name_the_weights(network)
    return network.state_dict()


@pytest.fixture
def hrnet(whole: State) -> State:
    return {
        name.removeprefix(BACKBONE): tensor
        for name, tensor in whole.items()
        if name.startswith(BACKBONE)
    }


@pytest.fixture
def imagenet(hrnet: State) -> State:
    """As HRNets for ImageNet are: all outputs of the last exchange, a classifier, no heatmaps."""
    body = {name: t for name, t in hrnet.items() if not name.startswith("final_layer")}
    return body | {
        "stage4.0.fuse_layers.1.0.0.0.weight": torch.zeros(16, 8, 3, 3),
        "stage4.0.fuse_layers.3.3.0.weight": torch.zeros(1),
        "incre_modules.0.0.conv1.weight": torch.zeros(4, 8, 1, 1),
        "downsamp_modules.0.0.weight": torch.zeros(4, 4, 3, 3),
        "final_layer.0.weight": torch.zeros(9, 4, 1, 1),
        "classifier.weight": torch.zeros(5, 9),
    }


def heatmaps(network: DCPose) -> tuple[torch.Tensor, torch.Tensor]:
    x, margin = seeded_input(network.config.image)
    with torch.inference_mode():
        rough, output = network(x, margin=margin)
    return rough, output


def test_the_published_numbers_come_out_of_an_imported_checkpoint(tmp_path: Path) -> None:
    network = parity_network(width=18, image=(96, 128), modules=(1, 1, 1))
    name_the_weights(network)
    given = published(tmp_path / "epoch_19_state.pth", network.state_dict())
    written = import_checkpoint(given, tmp_path / "ours", image=(96, 128))
    assert written == tmp_path / "ours" / "epoch_19_state.safetensors"
    loaded, card = load_network(written)
    assert loaded.config == network.config
    assert card["holds"] == {"backbone": True, "heatmaps": True, "head": True}
    rough, output = heatmaps(loaded)
    figures = np.load(COMMITTED / "dcpose_w18_tiny.npz")
    assert relative_error(rough[:, figures["joints"]], figures["current"]) < 1e-3
    assert relative_error(output[:, figures["joints"]], figures["output"]) < 1e-3


def test_sizes_are_read_off_the_shapes(tmp_path: Path, whole: State) -> None:
    given = published(tmp_path / "net.pth", whole)
    config = load_network(import_checkpoint(given, tmp_path, image=(64, 96)))[0].config
    assert config == SMALL
    assert config.skeleton == "posetrack17"


def test_the_card_tells_where_the_weights_come_from(tmp_path: Path, whole: State) -> None:
    given = published(tmp_path / "net.pth", whole)
    card = load_card(import_checkpoint(given, tmp_path / "out.safetensors"))
    assert card["source"]["sha256"] == hashlib.sha256(given.read_bytes()).hexdigest()
    assert card["source"]["file"] == "net.pth"
    assert card["source"]["licence"].startswith("unknown")
    assert card["config"]["image"] == [288, 384]
    assert str(tmp_path) not in card_path(tmp_path / "out.safetensors").read_text()


def test_a_coco_hrnet_gives_its_own_heatmaps_through_the_whole_network(
    tmp_path: Path, whole: State, hrnet: State
) -> None:
    torch.save(hrnet, tmp_path / "pose_hrnet_w8_96x64.pth")
    loaded, card = load_network(import_checkpoint(tmp_path / "pose_hrnet_w8_96x64.pth", tmp_path))
    assert loaded.config.image == (64, 96)
    assert loaded.config.skeleton == "coco17"
    assert "changes nothing" in card["note"]
    source = DCPose(SMALL)
    source.load_state_dict(whole)
    rough, output = heatmaps(loaded)
    torch.testing.assert_close(rough, heatmaps(source.eval())[0])
    torch.testing.assert_close(output, rough)


def test_an_imagenet_hrnet_fills_the_body_and_says_that_heatmaps_are_to_be_trained(
    tmp_path: Path, hrnet: State, imagenet: State
) -> None:
    torch.save(imagenet, tmp_path / "hrnet.pth")
    loaded, card = load_network(import_checkpoint(tmp_path / "hrnet.pth", tmp_path))
    assert card["holds"] == {"backbone": True, "heatmaps": False, "head": False}
    assert "of no use before" in card["note"]
    assert card["left_out"] == 6
    state = loaded.rough_pose_estimation_net.state_dict()
    for name in set(hrnet) - {"final_layer.weight", "final_layer.bias"}:
        torch.testing.assert_close(state[name], hrnet[name])
    assert state["final_layer.weight"].abs().max() < 0.01


def test_an_untrained_head_is_not_given_three_frames(tmp_path: Path, hrnet: State) -> None:
    torch.save(hrnet, tmp_path / "pose_hrnet_w8_96x64.pth")
    written = import_checkpoint(tmp_path / "pose_hrnet_w8_96x64.pth", tmp_path)
    estimator = PoseEstimator.load(written, "cpu", EstimatorConfig(precision="float32"))
    assert estimator.reach == 0
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 255, (3, 60, 80, 3), dtype=np.uint8)
    alone, among = (
        estimator.skeletons(given, np.array([at]), np.array([[9, 9, 50, 50]], np.float32))
        for given, at in ((frames[1:2], 0), (frames, 1))
    )
    np.testing.assert_array_equal(alone, among)


def test_the_same_file_gives_the_same_weights(tmp_path: Path, imagenet: State) -> None:
    torch.save(imagenet, tmp_path / "hrnet.pth")
    first, second = (
        load_card(import_checkpoint(tmp_path / "hrnet.pth", tmp_path / name))["sha256"]
        for name in ("a", "b")
    )
    assert first == second


def test_what_lies_beside_a_backbone_is_taken_for_a_mistake_unless_told(
    tmp_path: Path, hrnet: State
) -> None:
    warper = {BACKBONE + name: tensor for name, tensor in hrnet.items()}
    warper["offset_layer1.weight"] = torch.zeros(3)
    given = published(tmp_path / "warper.pth", warper)
    with pytest.raises(BadInput, match=r"offset_layer1.*'hrnet' takes"):
        import_checkpoint(given, tmp_path)
    card = load_card(import_checkpoint(given, tmp_path, kind="hrnet"))
    assert card["config"]["skeleton"] == "posetrack17"
    assert card["left_out"] == 1


def test_every_misfit_is_counted_and_named(tmp_path: Path, whole: State) -> None:
    state = dict(whole)
    gone = [name for name in state if name.startswith("masks_list.")]
    for name in gone:
        del state[name]
    state["surprise.weight"] = torch.zeros(2)
    state["support_temporal_fuse.layers.0.downsample.conv.bias"] = torch.zeros(4)
    with pytest.raises(BadInput, match=r"5 missing: masks_list\.0.*, …; 1 unknown: sur") as caught:
        import_checkpoint(published(tmp_path / "net.pth", state), tmp_path / "out")
    assert caught.value.extra["misfits"]["missing"] == gone
    assert len(caught.value.extra["misfits"]["of another shape"]) == 1
    assert not (tmp_path / "out").exists()


def test_counters_of_batches_may_be_missing(tmp_path: Path, whole: State) -> None:
    state = {name: t for name, t in whole.items() if not name.endswith("num_batches_tracked")}
    written = import_checkpoint(published(tmp_path / "old.pth", state), tmp_path, image=(64, 96))
    torch.testing.assert_close(load_network(written)[0].state_dict(), whole)


def nothing(state: State) -> object:
    return {"weights": 3}


def other_network(state: State) -> object:
    return {"fc.weight": torch.zeros(2, 2)}


def sixteen_joints(state: State) -> object:
    final = {"final_layer.weight": torch.zeros(16, 8, 1, 1), "final_layer.bias": torch.zeros(16)}
    inner = {n.removeprefix(BACKBONE): t for n, t in state.items() if n.startswith(BACKBONE)}
    return inner | final


def not_finite(state: State) -> object:
    return state | {"masks_list.0.0.weight": torch.full((153, 64, 3, 3), float("nan"))}


def four_dilations(state: State) -> object:
    return {name: tensor for name, tensor in state.items() if "_list.4." not in name}


def huge_claim(state: State) -> object:
    return state | {BACKBONE + "stage2.0.branches.0.0.conv1.weight": torch.zeros(10**6, 1, 1, 1)}


def flat_weight(state: State) -> object:
    return state | {BACKBONE + "conv1.weight": torch.zeros(64)}


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (nothing, "expected tensors by name"),
        (other_network, "a DCPose or an HRNet, found weights named fc.weight"),
        (sixteen_joints, "17 joints, got 16"),
        (not_finite, "1 weights hold numbers that are not finite: masks_list"),
        (four_dilations, "5 deformable convolutions"),
        (huge_claim, "of another shape"),
        (flat_weight, "expected 4 dimensions"),
    ],
)
def test_what_cannot_serve_is_refused_as_the_persons_fault(
    tmp_path: Path, whole: State, broken, said: str
) -> None:
    torch.save(broken(dict(whole)), tmp_path / "net.pth")
    with pytest.raises(BadInput, match=said):
        import_checkpoint(tmp_path / "net.pth", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_bad_words_are_refused(tmp_path: Path, whole: State) -> None:
    given = published(tmp_path / "net.pth", whole)
    with pytest.raises(BadInput, match="expected one of auto"):
        import_checkpoint(given, tmp_path, kind="yolo")
    with pytest.raises(BadInput, match="multiples of 32"):
        import_checkpoint(given, tmp_path, image=(100, 100))
    with pytest.raises(BadInput, match="No such file"):
        import_checkpoint(tmp_path / "absent.pth", tmp_path)
    with pytest.raises(BadInput, match="cannot be written"):
        import_checkpoint(given, given / "folder")


@pytest.mark.parametrize("keep", [0, 1, 100, 5000])
def test_a_file_that_breaks_off_is_refused(tmp_path: Path, whole: State, keep: int) -> None:
    content = published(tmp_path / "net.pth", whole).read_bytes()
    (tmp_path / "cut.pth").write_bytes(content[:keep])
    with pytest.raises(BadInput, match=r"cut\.pth: not a checkpoint"):
        import_checkpoint(tmp_path / "cut.pth", tmp_path)


def test_the_command_writes_and_says_what_it_is(tmp_path: Path, whole: State, capsys) -> None:
    given = published(tmp_path / "net.pth", whole)
    assert main(["import-checkpoint", str(given), "--out", str(tmp_path), "--image", "64x96"]) == 0
    out = capsys.readouterr().out
    assert str(tmp_path / "net.safetensors") in out
    assert "crops 64x96, joints posetrack17, modules 1-2-1" in out
    assert "licence: unknown" in out


def test_the_command_lists_every_name_that_does_not_fit_when_asked(
    tmp_path: Path, whole: State, capsys
) -> None:
    del whole["masks_list.0.0.weight"]
    given = published(tmp_path / "net.pth", whole | {"extra": torch.zeros(1)})
    words = ["import-checkpoint", str(given), "--out", str(tmp_path), "--all-names"]
    assert main(words) == 2
    listed, said = capsys.readouterr().err.rsplit("bad_checkpoint: ", 1)
    assert json.loads(listed) == {"missing": ["masks_list.0.0.weight"], "unknown": ["extra"]}
    assert "1 missing" in said
