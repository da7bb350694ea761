"""A MoveNet given as a file labels people where they are, whichever runtime reads it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from inference.adaptation.movenet import skeleton
from inference.adaptation.people import agreed, mirrored_boxes, parts_of, unmirrored
from inference.adaptation.runtimes import LiteModel, OnnxModel, open_model
from inference.errors import BadInput, Cancelled
from inference.types import never_cancelled

SIZE = 32
SPOT = np.array([47.0, 31.0])
BOX = np.array([30, 10, 62, 50], np.float32)


def scene() -> np.ndarray:
    """A black frame with a bright spot."""
    frame = np.zeros((60, 80, 3), np.uint8)
    x, y = SPOT.astype(int)
    frame[y - 1 : y + 2, x - 1 : x + 2] = 255
    return frame


def share_of_light(crop: np.ndarray) -> np.ndarray:
    """[17, 3]: every joint in the middle of the light, as the file below finds it."""
    light = crop.astype(np.float64).sum(axis=2)
    places = (np.arange(SIZE) + 0.5) / SIZE
    y = (light.sum(axis=1) * places).sum() / light.sum()
    x = (light.sum(axis=0) * places).sum() / light.sum()
    return np.tile([y, x, 0.8], (17, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def onnx_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of MoveNet's form whose joints all lie in the middle of the light."""
    onnx = pytest.importorskip("onnx", reason="the tiny ONNX file is made with onnx")
    pytest.importorskip("onnxruntime", reason="reading ONNX needs onnxruntime")
    helper, kind = onnx.helper, onnx.TensorProto
    places = (np.arange(SIZE, dtype=np.float32) + 0.5) / SIZE
    constants = {
        "down": places.reshape(1, SIZE, 1, 1),
        "across": places.reshape(1, 1, SIZE, 1),
        "score": np.full((1, 1, 1, 1), 0.8, np.float32),
        "seventeen": np.array([1, 1, 17, 1], np.int64),
        "axes": np.array([1, 2, 3], np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["light"], to=kind.FLOAT),
        helper.make_node("ReduceSum", ["light", "axes"], ["all"]),
        helper.make_node("Mul", ["light", "down"], ["by_row"]),
        helper.make_node("ReduceSum", ["by_row", "axes"], ["rows"]),
        helper.make_node("Div", ["rows", "all"], ["y"]),
        helper.make_node("Mul", ["light", "across"], ["by_column"]),
        helper.make_node("ReduceSum", ["by_column", "axes"], ["columns"]),
        helper.make_node("Div", ["columns", "all"], ["x"]),
        helper.make_node("Concat", ["y", "x", "score"], ["joint"], axis=3),
        helper.make_node("Tile", ["joint", "seventeen"], ["joints"]),
    ]
    graph = helper.make_graph(
        nodes,
        "light",
        [helper.make_tensor_value_info("image", kind.INT32, [1, SIZE, SIZE, 3])],
        [helper.make_tensor_value_info("joints", kind.FLOAT, [1, 1, 17, 3])],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    path = tmp_path_factory.mktemp("onnx") / "tiny.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_an_onnx_file_finds_joints_in_the_frame(onnx_file: Path) -> None:
    model = open_model(onnx_file)
    assert isinstance(model, OnnxModel)
    assert model.size == SIZE
    found = skeleton(model, scene(), BOX, tolerance=0.25)
    np.testing.assert_allclose(found[:, :2], np.tile(SPOT, (17, 1)), atol=0.6)


def test_a_file_that_is_no_network_is_refused(onnx_file: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"nothing")
    with pytest.raises(BadInput, match="single-pose MoveNet"):
        open_model(tmp_path / "broken.onnx")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is none"):
        open_model(tmp_path / "none.onnx")


@pytest.mark.parametrize(
    ("name", "modules", "package"),
    [
        ("a.onnx", ["onnxruntime"], "onnxruntime"),
        ("a.tflite", ["ai_edge_litert", "tflite_runtime"], "ai-edge-litert"),
    ],
)
def test_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, modules: list[str], package: str
) -> None:
    for module in [*modules, *(f"{module}.interpreter" for module in modules)]:
        monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(BadInput, match=f"pip install {package}") as caught:
        open_model(tmp_path / name)
    assert caught.value.code == "missing_package"


class Interpreter:
    """LiteRT's interpreter as far as it is used, with the network of the ONNX file."""

    shape: ClassVar[list[int]] = [1, SIZE, SIZE, 3]

    def __init__(self, model_path: str) -> None:
        self.tensors: dict[int, np.ndarray] = {}

    def allocate_tensors(self) -> None:
        pass

    def get_input_details(self):
        return [{"index": 3, "dtype": np.uint8, "shape": np.array(self.shape, np.int32)}]

    def get_output_details(self):
        return [{"index": 8}]

    def set_tensor(self, index: int, value: np.ndarray) -> None:
        assert value.dtype == np.uint8 and list(value.shape) == self.shape
        self.tensors[index] = value

    def invoke(self) -> None:
        self.tensors[8] = share_of_light(self.tensors[3][0])[None, None]

    def get_tensor(self, index: int) -> np.ndarray:
        return self.tensors[index]


@pytest.fixture
def lite_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that the stand-in reads."""
    runtime = ModuleType("tflite_runtime.interpreter")
    runtime.Interpreter = Interpreter
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime", SimpleNamespace(interpreter=runtime))
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", runtime)
    (tmp_path / "a.tflite").write_bytes(b"anything")
    return tmp_path / "a.tflite"


def test_a_tflite_file_finds_joints_in_the_frame(lite_file: Path) -> None:
    model = open_model(lite_file)
    assert isinstance(model, LiteModel)
    found = skeleton(model, scene(), BOX, tolerance=0.25)
    np.testing.assert_allclose(found[:, :2], np.tile(SPOT, (17, 1)), atol=0.6)


def test_a_network_of_another_form_is_refused(
    lite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Interpreter, "shape", [1, 3, SIZE, SIZE])
    with pytest.raises(BadInput, match="1 x S x S x 3"):
        open_model(lite_file)


def test_views_that_disagree_teach_nothing() -> None:
    person = np.zeros((1, 17, 3), np.float32)
    person[0, :, 1] = np.arange(17) * 10  # The torso is 60 px long.
    person[..., 2] = 0.8
    other = person.copy()
    other[0, 4, 0], other[0, 9, 0], other[0, 0, 2] = 12, 18, 0.4
    found = agreed(np.stack((person, other)), tolerance=0.25)
    assert np.flatnonzero(found[0, :, 2] == 0).tolist() == [9]
    assert found[0, 4, 0] == 6
    assert found[0, 0, 2] == pytest.approx(0.6)


def test_mirroring_twice_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    boxes = rng.uniform(0, 50, (3, 4)).astype(np.float32)
    np.testing.assert_allclose(mirrored_boxes(mirrored_boxes(boxes, 80), 80), boxes, atol=1e-4)
    people = rng.uniform(0, 50, (3, 17, 3)).astype(np.float32)
    np.testing.assert_allclose(unmirrored(unmirrored(people, 80), 80), people, atol=1e-4)


def test_parts_cover_everybody_once_and_carry_their_neighbours() -> None:
    frames = np.arange(75, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    boxes = np.zeros((2, 75, 4), np.float32)
    boxes[1, 10:60] = np.nan
    seen = []
    for part in parts_of(frames, boxes, 2, never_cancelled):
        assert part.frames[part.index, 0, 0, 0].tolist() == part.frame.tolist()
        for index, frame in zip(part.index, part.frame, strict=True):
            assert index >= min(2, frame)
            assert len(part.frames) - index > min(2, 74 - frame)
        seen += list(zip(part.person.tolist(), part.frame.tolist(), strict=True))
    assert sorted(seen) == [tuple(at) for at in np.argwhere(~np.isnan(boxes[..., 0])).tolist()]


def test_parts_stop_when_asked() -> None:
    frames, boxes = np.zeros((5, 2, 2, 3), np.uint8), np.zeros((1, 5, 4), np.float32)
    with pytest.raises(Cancelled):
        list(parts_of(frames, boxes, 1, lambda: True))
