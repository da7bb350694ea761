"""Calls the compiled CPU kernel with tensors, so that nobody else handles raw pointers."""

from __future__ import annotations

import ctypes
import logging
import threading
from functools import cache

import torch
from torch import Tensor

from thirdparty.deform_conv.build import BuildError, load_library, opened
from thirdparty.deform_conv.geometry import Geometry
from thirdparty.deform_conv.prebuilt import prebuilt_library

logger = logging.getLogger(__name__)

Sizes = ctypes.c_int64 * 17
FIELDS = (torch.float32, torch.bfloat16)
"""What the kernel reads offsets and masks in; all else it takes in float32."""
PER_THREAD = 100_000
"""Bilinear reads below which another thread is not worth starting."""

_lock = threading.Lock()


def native_library() -> ctypes.CDLL | None:
    """The compiled kernel, built on the first call; one made in advance where it cannot be.

    None (logged once) where there is neither.
    """
    with _lock:
        return _library()


def forget_library() -> None:
    """Let the next call look for the kernel anew."""
    with _lock:
        _library.cache_clear()


@cache
def _library() -> ctypes.CDLL | None:
    try:
        library = _built_or_prebuilt()
    except BuildError as error:
        logger.warning("Deformable convolutions run in plain PyTorch, which is slower: %s", error)
        return None
    for way, pointers in (("forward", 6), ("backward", 9)):
        for kind in FIELDS:
            function = getattr(library, _name(way, kind))
            function.argtypes = [
                ctypes.POINTER(ctypes.c_int64),
                *[ctypes.c_void_p] * pointers,
                ctypes.c_int64,
            ]
            function.restype = ctypes.c_int
    return library


def _built_or_prebuilt() -> ctypes.CDLL:
    """What is built here is made for this very processor; what was made elsewhere comes second."""
    try:
        return load_library()
    except BuildError:
        path = prebuilt_library()
        if path is None:
            raise
        logger.info("Taking %s, made in advance.", path.name)
        return opened(path)


def native_forward(
    x: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    bias: Tensor | None,
    geometry: Geometry,
) -> Tensor:
    """See ``reference_deform_conv2d``; any floating dtypes, the result is float32."""
    x, weight = _dense(x), _dense(weight)
    bias = None if bias is None else _dense(bias)
    offset, mask = _fields(offset, mask)
    out = x.new_empty(len(x), len(weight), *offset.shape[-2:])
    _call("forward", geometry, (x, offset, mask, weight, bias), (out,))
    return out


def native_backward(
    grad: Tensor,
    x: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    geometry: Geometry,
) -> tuple[Tensor, Tensor, Tensor | None, Tensor]:
    """Gradients, float32, of x, offset, mask and weight, from that of the output."""
    grad, x, weight = _dense(grad), _dense(x), _dense(weight)
    offset, mask = _fields(offset, mask)
    to_x, to_offset = torch.empty_like(x), torch.empty_like(offset, dtype=torch.float32)
    to_mask = None if mask is None else torch.empty_like(mask, dtype=torch.float32)
    to_weight = weight.new_empty(len(x), *weight.shape)
    _call(
        "backward",
        geometry,
        (x, offset, mask, weight, grad),
        (to_x, to_offset, to_mask, to_weight),
    )
    return to_x, to_offset, to_mask, to_weight.sum(dim=0)


def _dense(tensor: Tensor) -> Tensor:
    return tensor.to(torch.float32).contiguous()


def _fields(offset: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Both dense and in one dtype that the kernel reads."""
    same = mask is None or mask.dtype == offset.dtype
    kind = offset.dtype if same and offset.dtype in FIELDS else torch.float32
    offset = offset.to(kind).contiguous()
    return offset, None if mask is None else mask.to(kind).contiguous()


def _call(
    way: str,
    geometry: Geometry,
    inputs: tuple[Tensor, Tensor, Tensor | None, Tensor, Tensor | None],
    outputs: tuple[Tensor | None, ...],
) -> None:
    """Run the kernel on dense inputs x, offset, mask, weight and one more."""
    library = native_library()
    if library is None:
        raise RuntimeError("The compiled deformable convolution is not available here.")
    x, offset, _, weight, _ = inputs
    height, width = offset.shape[-2:]
    sizes = Sizes(
        *x.shape,
        *(len(weight), height, width),
        *geometry.kernel,
        *geometry.stride,
        *geometry.padding,
        *geometry.dilation,
        *(geometry.groups, geometry.offset_groups),
    )
    reads = len(x) * x.shape[1] * geometry.taps * height * width
    threads = min(torch.get_num_threads(), 1 + reads // PER_THREAD)
    pointers = [None if t is None else t.data_ptr() for t in (*inputs, *outputs)]
    if not getattr(library, _name(way, offset.dtype))(sizes, *pointers, threads):
        raise MemoryError("The deformable convolution did not get the memory that it needs.")


def _name(way: str, kind: torch.dtype) -> str:
    return f"{way}_{str(kind).removeprefix('torch.')}"
