"""Kernels made in advance for machines without a compiler, such as those that run our image.

``python -m thirdparty.deform_conv`` compiles one for each level of x86-64 processors into the
folder ``prebuilt`` beside this file; a machine takes the highest level that it can run.
"""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

from thirdparty.deform_conv.build import (
    FLAGS,
    FOLDER,
    SOURCES,
    BuildError,
    compile_to,
    find_compiler,
)

KEPT_IN = FOLDER / "prebuilt"

LEVELS = {
    "x86-64-v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
    "x86-64-v3": {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"},
    "x86-64-v2": {"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"},
}
"""The psABI's levels, the highest first: what each asks for beyond those below it, by the names
that Linux has for processor flags."""


def prebuilt_library(folder: Path = KEPT_IN) -> Path | None:
    """The kernel of the highest level that this machine can run; None where there is none.

    Kernels of another source or other flags have other names and are not found.
    """
    flags = processor_flags()
    for level in LEVELS:
        path = folder / file_name(level)
        if runs_on(level, flags) and path.exists():
            return path
    return None


def runs_on(level: str, flags: frozenset[str]) -> bool:
    """Whether a processor with these flags has all that a level asks for."""
    below = list(LEVELS)[list(LEVELS).index(level) :]
    return all(LEVELS[name] <= flags for name in below)


def processor_flags() -> frozenset[str]:
    """Of the first processor, as Linux names them; empty where that cannot be read."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return frozenset()
    found = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(found.partition(":")[2].split())


def file_name(level: str) -> str:
    """Names source and flags too, so that a kernel of an older source is never taken."""
    parts = [(FOLDER / name).read_text() for name in SOURCES]
    key = hashlib.sha256("\0".join([*parts, *FLAGS, level]).encode()).hexdigest()[:20]
    return f"deform_conv-{level}-{key}.so"


def build_all(folder: Path = KEPT_IN) -> list[Path]:
    """Compile a kernel for each level; on other processors than x86-64 none.

    Raises:
        BuildError: there is no compiler, or it fails.
    """
    if platform.machine() not in ("x86_64", "AMD64"):
        return []
    compiler = find_compiler()
    if compiler is None:
        raise BuildError("Expected a C++ compiler (c++, g++ or clang++) on the path, found none.")
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for level in LEVELS:
        made.append(folder / file_name(level))
        said = compile_to(made[-1], compiler, (*FLAGS, f"-march={level}"))
        if said is not None:
            raise BuildError(f"{compiler} failed for {level}: {said[-500:]}")
    return made
