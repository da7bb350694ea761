"""Keeps what a backend prepared, so that only the first start on a machine pays for it."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

logger = logging.getLogger(__name__)

_REVISION = 1
"""Raised whenever the same module would be prepared in another way."""


@contextmanager
def prepared(
    module: nn.Module,
    sample: tuple[Tensor, ...],
    key: tuple[str, ...],
    name: str,
    prepare: Callable[[Path], None],
    folder: Path | None = None,
) -> Iterator[Path]:
    """A file made from a module, from the folder or made now.

    Args:
        module: weights and structure are part of the name in the folder.
        sample: inputs; their shapes are part of it too.
        key: backend and version.
        name: of the file; others may be made beside it.
        prepare: makes the file at the path that it is given.
        folder: None for ``.cache/nightjar`` in the user's home. Where that cannot be written,
            the file is made for this process alone.
    """
    try:
        base = folder or Path.home() / ".cache" / "nightjar"
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = base / f"{key[0]}-{_hash(module, sample, key)}"
        if not (place / name).exists():
            _make(place, name, prepare)
    except (OSError, RuntimeError) as error:
        logger.info("What %s prepared is not kept: %s", key[0], error)
        with tempfile.TemporaryDirectory(prefix="nightjar-") as other:
            prepare(Path(other) / name)
            yield Path(other) / name
        return
    yield place / name


def _make(place: Path, name: str, prepare: Callable[[Path], None]) -> None:
    """Make the file in a folder of its own, moved into place when it is whole."""
    with tempfile.TemporaryDirectory(prefix="prepare-", dir=place.parent) as scratch:
        whole = Path(scratch) / "whole"
        whole.mkdir()
        prepare(whole / name)
        try:
            whole.rename(place)
        except OSError:
            # Another process was quicker; its files are the same.
            if not (place / name).exists():
                raise


def _hash(module: nn.Module, sample: tuple[Tensor, ...], key: tuple[str, ...]) -> str:
    shapes = [tuple(x.shape[1:]) for x in sample]
    text = repr((_REVISION, key, torch.__version__, shapes, getattr(module, "config", None)))
    digest = hashlib.sha256((text + repr(module)).encode())
    for tensor in module.state_dict().values():
        digest.update(tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:32]
