"""Every backend gives the skeletons that plain PyTorch gives; what is missing is said clearly."""

import copy
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from inference.errors import ModelError
from inference.pose.backends import choice, choose, kept, make_parts
from inference.pose.dcpose import DCPose
from inference.pose.decode import decode
from inference.pose.fold import fold_batch_norms
from tests.inference.pose.test_estimator import TINY

CPU = torch.device("cpu")


def needs(name):
    missing = [p for p in choice.PACKAGES.get(name, ()) if find_spec(p) is None]
    return pytest.param(name, marks=pytest.mark.skipif(bool(missing), reason=f"no {missing}"))


INSTALLED = [needs("openvino"), needs("onnxruntime")]


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = DCPose(TINY)
    with torch.no_grad():
        network(torch.randn(8, 12, 64, 32))
        network.rough_pose_estimation_net.final_layer.weight.mul_(1e4)
        for warp in network.modulated_deform_conv_list:
            warp.deform_conv.weight.normal_(std=0.1)
        for field in (*network.offsets_list, *network.masks_list):
            field[0].weight.normal_(std=0.3)
    network.eval().requires_grad_(False)
    fold_batch_norms(network)
    return network


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path / ".cache" / "nightjar"


@torch.inference_mode()
def keypoints(network, backend, crops, dtype=torch.float32):
    parts = make_parts(copy.deepcopy(network), backend, dtype)
    rough = parts.rough(crops)
    margin = torch.tensor([[1.0, 1.0], [3.0, 1.0]]).repeat(len(crops), 1)[: len(crops)]
    maps = parts.refine(rough, rough.roll(1, 0), rough.roll(-1, 0), margin)
    assert rough.dtype == maps.dtype == torch.float32
    return decode(maps, TINY.heatmap_kind)


@pytest.mark.parametrize("backend", INSTALLED)
@pytest.mark.parametrize("count", [1, 5])
def test_skeletons_are_those_of_plain_pytorch(network, cache, backend, count):
    crops = torch.randn(count, 4, 64, 32, generator=torch.Generator().manual_seed(1))
    exact, scores = keypoints(network, "eager", crops)
    found, found_scores = keypoints(network, backend, crops)
    # Four px of a crop for one of a heatmap.
    assert (4 * (found - exact)).abs().max() <= 0.1
    assert (found_scores - scores).abs().max() <= 1e-3


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="no compiler")
def test_compiled_skeletons_are_those_of_plain_pytorch(network):
    crops = torch.randn(3, 4, 64, 32, generator=torch.Generator().manual_seed(1))
    exact, _ = keypoints(network, "eager", crops)
    found, _ = keypoints(network, "compile", crops)
    assert (4 * (found - exact)).abs().max() <= 0.1


@pytest.mark.parametrize("backend", INSTALLED)
def test_the_head_may_do_without_margins(network, cache, backend):
    maps = torch.randn(2, 17, 16, 8, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        wanted = network.refine(maps, maps, maps.flip(0), None)
        parts = make_parts(copy.deepcopy(network), backend, torch.float32)
        torch.testing.assert_close(
            parts.refine(maps, maps, maps.flip(0), None), wanted, rtol=1e-3, atol=1e-3
        )


@pytest.mark.parametrize("backend", INSTALLED)
def test_answers_are_the_callers_to_keep(network, cache, backend):
    parts = make_parts(copy.deepcopy(network), backend, torch.float32)
    first = parts.rough(torch.zeros(1, 4, 64, 32))
    before = first.clone()
    parts.rough(torch.ones(1, 4, 64, 32) * 3)
    assert torch.equal(first, before)


@pytest.mark.parametrize(("backend", "name"), [("openvino", "convert_model")])
def test_what_was_prepared_is_found_again(network, cache, monkeypatch, backend, name):
    package = pytest.importorskip(backend)
    crops = torch.randn(1, 4, 64, 32, generator=torch.Generator().manual_seed(1))
    exact, _ = keypoints(network, backend, crops)
    folders = sorted(path.name for path in cache.iterdir())
    assert len(folders) == 2
    monkeypatch.delattr(package, name)
    again, _ = keypoints(network, backend, crops)
    assert torch.equal(exact, again)
    assert sorted(path.name for path in cache.iterdir()) == folders
    other = copy.deepcopy(network)
    other.rough_pose_estimation_net.final_layer.bias.add_(1)
    with pytest.raises(AttributeError):
        keypoints(other, backend, crops)


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    module, sample = torch.nn.Linear(2, 2), (torch.zeros(2, 2),)
    with kept.prepared(module, sample, ("x",), "f", lambda p: p.write_text("made"), blocked) as p:
        assert p.read_text() == "made"
    assert not p.exists()


def test_a_preparation_that_fails_leaves_nothing(tmp_path):
    def fail(path):
        path.write_text("half")
        raise ValueError("no")

    module, sample = torch.nn.Linear(2, 2), (torch.zeros(2, 2),)
    with (
        pytest.raises(ValueError, match="no"),
        kept.prepared(module, sample, ("x",), "f", fail, tmp_path),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_unknown_and_missing_backends_are_named(monkeypatch):
    with pytest.raises(ModelError, match="expected one of"):
        choose("tensorrt", CPU)
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    for name in ("openvino", "onnxruntime"):
        with pytest.raises(ModelError, match=f"pip install .*{name}"):
            choose(name, CPU)
    assert choose("auto", CPU) == "eager"
    assert choose("eager", CPU) == "eager"


def test_auto_is_a_cpu_compiler_only_where_it_serves(monkeypatch):
    monkeypatch.setattr(choice, "find_spec", lambda name: object())
    assert choose("auto", CPU) == "openvino"
    assert choose("auto", torch.device("cuda")) == "eager"
    for name in ("openvino", "onnxruntime"):
        with pytest.raises(ModelError, match="works on a CPU"):
            choose(name, torch.device("cuda"))
