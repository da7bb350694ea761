"""Compiles the CPU kernel on first use, so that nobody has to ship or trust a binary."""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import platform
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
SOURCES = ("kernel.cpp", "simd.h")
FLAGS = (
    *("-O3", "-std=c++17", "-shared", "-fPIC", "-pthread", "-fwrapv", "-ffp-contract=fast"),
    *("-fno-math-errno", "-fno-trapping-math"),
)
NATIVE = "-march=native"
TIMEOUT_S = 600


class BuildError(Exception):
    """The kernel cannot be compiled or loaded on this machine; says why."""


def load_library(cache: Path | None = None) -> ctypes.CDLL:
    """The compiled kernel, from the cache or built now (some seconds).

    The name in the cache is a hash of the source, the flags, the compiler and the processor.
    A build has a folder of its own and is moved into place when it is whole, so any number of
    processes may build at once.

    Args:
        cache: folder to keep it in; None for ``.cache/nightjar`` in the user's home. Where
            that cannot be written, the library is built for this process alone.

    Raises:
        BuildError: there is no compiler, or it fails.
    """
    compiler = find_compiler()
    if compiler is None:
        raise BuildError("Expected a C++ compiler (c++, g++ or clang++) on the path, found none.")
    try:
        folder = Path.home() / ".cache" / "nightjar" if cache is None else cache
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _kept(folder / f"deform_conv-{_fingerprint(compiler)}.so", compiler)
    except (OSError, RuntimeError) as error:
        logger.info("The compiled kernel is not kept: %s", error)
    with tempfile.TemporaryDirectory(prefix="nightjar-") as folder_name:
        return opened(_compiled(Path(folder_name), compiler))


def find_compiler() -> str | None:
    """Path of a C++ compiler that takes GCC's flags, or None."""
    return next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))), None)


def _kept(path: Path, compiler: str) -> ctypes.CDLL:
    if path.exists():
        try:
            return opened(path)
        except BuildError as error:
            logger.warning("A kept kernel is built anew: %s", error)
    with tempfile.TemporaryDirectory(prefix="build-", dir=path.parent) as folder:
        os.replace(_compiled(Path(folder), compiler), path)  # noqa: PTH105
    return opened(path)


def opened(path: Path) -> ctypes.CDLL:
    """A compiled kernel.

    Raises:
        BuildError: it cannot be loaded.
    """
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise BuildError(f"The compiled kernel cannot be loaded: {error}") from error


def _compiled(folder: Path, compiler: str) -> Path:
    """The library, built in the folder; for this very processor where the compiler can."""
    target, start = folder / "kernel.so", time.monotonic()
    said = compile_to(target, compiler, (*FLAGS, NATIVE))
    if said is not None:
        said = compile_to(target, compiler, FLAGS)
    if said is not None:
        raise BuildError(f"{compiler} failed: {said[-500:]}")
    logger.info("Compiled the deformable convolution in %.1f s.", time.monotonic() - start)
    return target


def compile_to(target: Path, compiler: str, flags: tuple[str, ...]) -> str | None:
    """Compile the kernel; None where it worked, else what the compiler said."""
    command = [compiler, *flags, str(FOLDER / SOURCES[0]), "-o", str(target)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stderr or f"exit status {done.returncode}" if done.returncode else None


def _fingerprint(compiler: str) -> str:
    real = Path(compiler).resolve()
    parts = [(FOLDER / name).read_text() for name in SOURCES]
    parts += [*FLAGS, NATIVE, str(real), str(real.stat().st_mtime_ns), _processor()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


def _processor() -> str:
    """What ``-march=native`` depends on."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    wanted = ("vendor_id", "cpu family", "model", "flags", "CPU part", "Features")
    found = dict.fromkeys(line for line in lines if line.startswith(wanted))
    return "\n".join([platform.machine(), platform.processor(), *found])
