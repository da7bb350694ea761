"""Opens a MoveNet file with whatever reads it; those packages are no part of this project."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from inference.adaptation.labels import JOINTS
from inference.errors import BadInput
from inference.types import Floats, Pixels

LITE_PACKAGES = ("ai_edge_litert.interpreter", "tflite_runtime.interpreter")
"""Where an interpreter of TFLite files may be found, the better first."""

USUAL_SIZE = 256
"""px: for files that leave the size of their input open."""


class Model(Protocol):
    """A single-pose MoveNet.

    Attributes:
        size: px of each side of the crops it takes.
    """

    size: int

    def run(self, crop: Pixels) -> Floats:
        """Joints of one person.

        Args:
            crop: uint8 [size, size, 3] RGB.

        Returns:
            float32 [17, 3]: y and x as shares of ``size``, score.
        """
        ...


def open_model(path: Path) -> Model:
    """A MoveNet ready to work.

    Raises:
        BadInput: ``no_file``; ``missing_package``, which says what to install; ``bad_model``
            where the file cannot be read or is no single-pose MoveNet.
    """
    if not path.is_file():
        raise BadInput("no_file", f"Expected a MoveNet at {path}, there is none.")
    return OnnxModel(path) if path.suffix.lower() == ".onnx" else LiteModel(path)


class OnnxModel:
    """A ``.onnx`` file in ONNX Runtime."""

    def __init__(self, path: Path) -> None:
        runtime = _imported(("onnxruntime",), "onnxruntime")
        try:
            self._session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        except Exception as error:  # The package's own errors have no common base.
            raise _bad(path, error) from error
        (given, *more) = self._session.get_inputs()
        if more:
            raise _bad(path, f"it takes {1 + len(more)} inputs")
        self._name = given.name
        self._path = path
        self._dtype = _ONNX_TYPES.get(given.type)
        if self._dtype is None:
            raise _bad(path, f"it takes {given.type}")
        self.size = _side(path, given.shape)

    def run(self, crop: Pixels) -> Floats:
        """See ``Model``."""
        outputs = self._session.run(None, {self._name: crop[None].astype(self._dtype)})
        return _joints(self._path, outputs[0])


class LiteModel:
    """A ``.tflite`` file in LiteRT or the older TFLite runtime."""

    def __init__(self, path: Path) -> None:
        runtime = _imported(LITE_PACKAGES, "ai-edge-litert")
        try:
            self._interpreter = runtime.Interpreter(model_path=str(path))
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise _bad(path, error) from error
        (given, *more) = self._interpreter.get_input_details()
        if more:
            raise _bad(path, f"it takes {1 + len(more)} inputs")
        self._input, self._dtype, self._path = given["index"], given["dtype"], path
        self._output = self._interpreter.get_output_details()[0]["index"]
        self.size = _side(path, given["shape"])

    def run(self, crop: Pixels) -> Floats:
        """See ``Model``."""
        self._interpreter.set_tensor(self._input, crop[None].astype(self._dtype))
        self._interpreter.invoke()
        return _joints(self._path, self._interpreter.get_tensor(self._output))


_ONNX_TYPES = {
    "tensor(float)": np.float32,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
}


def _imported(modules: tuple[str, ...], package: str) -> Any:
    for module in modules:
        try:
            return importlib.import_module(module)
        except ImportError:
            continue
    raise BadInput(
        "missing_package", f"Reading this file needs the package {package}: pip install {package}."
    )


def _side(path: Path, shape: Any) -> int:
    """The side of a 1 x S x S x 3 input."""
    sizes = [n if isinstance(n, int | np.integer) and n > 0 else None for n in shape]
    if len(sizes) != 4 or sizes[3] not in (3, None) or sizes[1] != sizes[2]:
        raise _bad(path, f"it takes {list(shape)}")
    return int(sizes[1] or USUAL_SIZE)


def _joints(path: Path, output: Any) -> Floats:
    found = np.asarray(output, np.float32)
    if found.size != JOINTS * 3 or found.shape[-2:] != (JOINTS, 3):
        raise _bad(path, f"it gives {list(found.shape)}")
    return found.reshape(JOINTS, 3)


def _bad(path: Path, why: object) -> BadInput:
    return BadInput(
        "bad_model",
        f"{path.name}: expected a single-pose MoveNet that takes 1 x S x S x 3 and gives "
        f"1 x 1 x 17 x 3; {why}.",
    )
