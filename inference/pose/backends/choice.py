"""Says which backend serves on this machine."""

from __future__ import annotations

from importlib.util import find_spec

import torch

from inference.errors import ModelError

BACKENDS = ("eager", "compile", "openvino", "onnxruntime", "auto")
"""What may be asked for."""

PACKAGES = {"openvino": ("openvino",), "onnxruntime": ("onnxruntime", "onnx")}
"""What must be installed for it."""


def choose(name: str, device: torch.device) -> str:
    """The backend to use.

    Args:
        name: one of ``BACKENDS``. "auto" is "openvino" on a CPU where it is installed, the
            quickest of those measured (docs/speed.md), and "eager" elsewhere.
        device: where the network works.

    Raises:
        ModelError: no such backend, its package is missing, or it does not serve this device.
    """
    if name not in BACKENDS:
        raise ModelError("bad_config", f"backend: expected one of {BACKENDS}, got {name!r}.")
    if name == "auto":
        return "openvino" if device.type == "cpu" and not _missing("openvino") else "eager"
    if missing := _missing(name):
        raise ModelError(
            "backend_missing",
            f"The backend {name} needs what is not installed: pip install {' '.join(missing)}.",
        )
    if name in PACKAGES and device.type != "cpu":
        raise ModelError("bad_config", f"The backend {name} works on a CPU, not on {device.type}.")
    return name


def _missing(name: str) -> list[str]:
    return [package for package in PACKAGES.get(name, ()) if find_spec(package) is None]
