"""The kernel is built once, kept whole, and done without where it cannot be built."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.thirdparty.deform_conv.cases import SHAPES, make_case, outcome
from thirdparty.deform_conv import (
    build,
    modulated_deform_conv2d,
    native,
    reference_deform_conv2d,
    use_backend,
)
from thirdparty.deform_conv.backends import way_for

COPYING = """#!/bin/sh
echo run >> "{log}"
while [ "$1" != "-o" ]; do shift; done
head -c 5000 "{whole}" > "$2"
sleep {delay}
tail -c +5001 "{whole}" >> "$2"
"""
LOADING = """
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("build", sys.argv[1])
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)
build.find_compiler = lambda: sys.argv[2]
print(build.load_library(pathlib.Path(sys.argv[3])).forward_float32)
"""


@pytest.fixture
def whole(kernel: None) -> Path:
    """A library that loads, as the real compiler made it."""
    library = native.native_library()
    assert library is not None
    return Path(library._name)


def compiler(folder: Path, whole: Path, delay: float = 0.0) -> Path:
    """A quick compiler that knows the result, writes it in two pieces and counts its runs."""
    path = folder / "compiler"
    path.write_text(COPYING.format(log=folder / "log", whole=whole, delay=delay))
    path.chmod(0o755)
    return path


def runs(folder: Path) -> int:
    return len((folder / "log").read_text().splitlines())


@pytest.mark.usefixtures("forgetful")
def test_without_a_compiler_plain_pytorch_serves_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(build, "find_compiler", lambda: None)
    case = make_case(*SHAPES[0])
    with caplog.at_level(logging.WARNING):
        found = outcome(modulated_deform_conv2d, case)
        modulated_deform_conv2d(**case)
    assert way_for(case["x"]) == "reference"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "Expected a C++ compiler" in caplog.text
    for value, expected in zip(found, outcome(reference_deform_conv2d, case), strict=True):
        torch.testing.assert_close(value, expected)


@pytest.mark.usefixtures("forgetful")
def test_demanding_the_kernel_without_a_compiler_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(build, "find_compiler", lambda: None)
    with pytest.raises(RuntimeError, match="cannot be built here"):
        use_backend("native")


def test_a_failing_compiler_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = tmp_path / "compiler"
    failing.write_text("#!/bin/sh\necho 'no such standard' >&2\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setattr(build, "find_compiler", lambda: str(failing))
    with pytest.raises(build.BuildError, match="no such standard"):
        build.load_library(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_second_load_does_not_compile(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(compiler(tmp_path, whole))
    monkeypatch.setattr(build, "find_compiler", lambda: path)
    first, second = (build.load_library(tmp_path / "cache") for _ in range(2))
    assert first._name == second._name
    assert runs(tmp_path) == 1


def test_another_source_or_processor_has_another_name(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(compiler(tmp_path, whole))
    monkeypatch.setattr(build, "find_compiler", lambda: path)
    names = {build.load_library(tmp_path / "cache")._name}
    monkeypatch.setattr(build, "_processor", lambda: "another")
    names.add(build.load_library(tmp_path / "cache")._name)
    monkeypatch.setattr(build, "FLAGS", ("-O0",))
    names.add(build.load_library(tmp_path / "cache")._name)
    assert len(names) == 3


def test_a_spoilt_library_is_built_anew(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = compiler(tmp_path, whole)
    monkeypatch.setattr(build, "find_compiler", lambda: str(path))
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / f"deform_conv-{build._fingerprint(str(path))}.so").write_bytes(b"half a lib")
    assert build.load_library(cache).forward_float32
    assert runs(tmp_path) == 1


def test_where_nothing_can_be_kept_it_is_built_for_this_process(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "find_compiler", lambda: str(compiler(tmp_path, whole)))
    (tmp_path / "a file").touch()
    assert build.load_library(tmp_path / "a file" / "cache").forward_float32
    assert not (tmp_path / "a file").is_dir()


def test_two_processes_may_build_at_once(whole: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOADING, build.__file__]
    command += [str(compiler(tmp_path, whole, delay=1.0)), str(tmp_path / "cache")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert all("forward_float32" in text or "_FuncPtr" in text for text in said)
    assert [process.returncode for process in both] == [0, 0]
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".so"]
    assert runs(tmp_path) == 2
