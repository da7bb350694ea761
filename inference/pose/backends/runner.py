"""Turns a module into a function that a backend computes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn

from inference.pose.backends import kept

Runner = Callable[..., tuple[Tensor, ...]]
"""Tensors in, any batch size; tensors out, which are the caller's."""


def runner_for(
    name: str,
    module: nn.Module,
    sample: tuple[Tensor, ...],
    dtype: torch.dtype,
    folder: Path | None = None,
) -> Runner:
    """A function that computes what the module does.

    Args:
        name: "compile", "openvino" or "onnxruntime".
        module: in evaluation mode.
        sample: inputs of a batch of two.
        dtype: of the arithmetic inside where the backend leaves a choice.
        folder: where preparations are kept, see ``kept.prepared``.
    """
    makers = {"compile": _compiled, "openvino": _openvino, "onnxruntime": _onnxruntime}
    return makers[name](module, sample, dtype, folder)


def _compiled(
    module: nn.Module, sample: tuple[Tensor, ...], dtype: torch.dtype, folder: Path | None
) -> Runner:
    """torch.compile with the weights frozen in; its own cache lies where PyTorch keeps it."""
    compiled = torch.compile(module, dynamic=True, options={"freezing": True})

    def run(*inputs: Tensor) -> tuple[Tensor, ...]:
        with torch.no_grad():
            found = compiled(*inputs)
        return found if isinstance(found, tuple) else (found,)

    return run


def _openvino(
    module: nn.Module, sample: tuple[Tensor, ...], dtype: torch.dtype, folder: Path | None
) -> Runner:
    import openvino

    def convert(target: Path) -> None:
        shapes = [[-1, *x.shape[1:]] for x in sample]
        given = sample if len(sample) > 1 else sample[0]
        with _quiet():
            model = openvino.convert_model(module, example_input=given, input=shapes)
        openvino.save_model(model, target, compress_to_fp16=False)

    settings = {
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
        "INFERENCE_PRECISION_HINT": "bf16" if dtype == torch.bfloat16 else "f32",
    }
    key = ("openvino", openvino.__version__)
    with kept.prepared(module, sample, key, "model.xml", convert, folder) as path:
        compiled = openvino.Core().compile_model(path, "CPU", settings)
    request, lock = compiled.create_infer_request(), Lock()

    def run(*inputs: Tensor) -> tuple[Tensor, ...]:
        arrays = [x.contiguous().numpy() for x in inputs]
        with lock:
            found: Any = request.infer(arrays, share_inputs=True, share_outputs=False)
        return tuple(torch.from_numpy(found[i]) for i in range(len(found)))

    return run


def _onnxruntime(
    module: nn.Module, sample: tuple[Tensor, ...], dtype: torch.dtype, folder: Path | None
) -> Runner:
    import onnxruntime

    def export(target: Path) -> None:
        names = [f"x{i}" for i in range(len(sample))]
        with _quiet():
            torch.onnx.export(
                module,
                sample,
                str(target),
                input_names=names,
                dynamic_axes={name: {0: "n"} for name in names},
                opset_version=17,
                dynamo=False,
            )

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    key = ("onnxruntime", onnxruntime.__version__)
    with kept.prepared(module, sample, key, "model.onnx", export, folder) as path:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    names = [entry.name for entry in session.get_inputs()]

    def run(*inputs: Tensor) -> tuple[Tensor, ...]:
        arrays = {name: x.contiguous().numpy() for name, x in zip(names, inputs, strict=True)}
        return tuple(torch.from_numpy(found) for found in session.run(None, arrays))

    return run


@contextmanager
def _quiet() -> Iterator[None]:
    """Tracing warns of constants, which they are meant to be."""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        yield
