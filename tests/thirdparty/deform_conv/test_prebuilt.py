"""Without a compiler a kernel made in advance serves, if the processor can run it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from tests.thirdparty.deform_conv.cases import SHAPES, make_case, outcome
from thirdparty.deform_conv import build, modulated_deform_conv2d, native, reference_deform_conv2d
from thirdparty.deform_conv.backends import way_for
from thirdparty.deform_conv.prebuilt import (
    LEVELS,
    build_all,
    file_name,
    prebuilt_library,
    runs_on,
)

EVERYTHING = frozenset().union(*LEVELS.values())


@pytest.mark.usefixtures("kernel", "forgetful")
def test_a_machine_without_a_compiler_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = native.native_library()
    assert own is not None
    made = tmp_path / "made.so"
    shutil.copy(own._name, made)
    native.forget_library()
    monkeypatch.setattr(build, "find_compiler", lambda: None)
    monkeypatch.setattr(native, "prebuilt_library", lambda: made)
    case = make_case(*SHAPES[0])
    found = outcome(modulated_deform_conv2d, case)
    assert way_for(case["x"]) == "native"
    taken = native.native_library()
    assert taken is not None
    assert taken._name == str(made)
    for value, expected in zip(found, outcome(reference_deform_conv2d, case), strict=True):
        torch.testing.assert_close(value, expected, rtol=1e-4, atol=1e-4)


def test_the_highest_level_that_the_processor_can_run_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for level in LEVELS:
        (tmp_path / file_name(level)).write_bytes(b"")
    found = {}
    for name, flags in {
        "all": EVERYTHING,
        "no AVX-512": EVERYTHING - LEVELS["x86-64-v4"],
        "one flag of v3 less": EVERYTHING - {"fma"},
        "unknown": frozenset(),
    }.items():
        monkeypatch.setattr(
            "thirdparty.deform_conv.prebuilt.processor_flags", lambda flags=flags: flags
        )
        path = prebuilt_library(tmp_path)
        found[name] = path and path.name
    assert found == {
        "all": file_name("x86-64-v4"),
        "no AVX-512": file_name("x86-64-v3"),
        "one flag of v3 less": file_name("x86-64-v2"),
        "unknown": None,
    }
    assert not runs_on("x86-64-v4", EVERYTHING - {"fma"})


def test_one_of_another_source_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thirdparty.deform_conv.prebuilt.processor_flags", lambda: EVERYTHING)
    for level in LEVELS:
        (tmp_path / file_name(level)).write_bytes(b"")
    monkeypatch.setattr("thirdparty.deform_conv.prebuilt.FLAGS", ("-O0",))
    assert prebuilt_library(tmp_path) is None


def test_each_level_is_compiled_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def compile_to(target: Path, compiler: str, flags: tuple[str, ...]) -> str | None:
        asked.append((target, flags[-1]))
        return None

    monkeypatch.setattr("thirdparty.deform_conv.prebuilt.find_compiler", lambda: "c++")
    monkeypatch.setattr("thirdparty.deform_conv.prebuilt.compile_to", compile_to)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    made = build_all(tmp_path / "made")
    assert asked == [(path, f"-march={level}") for path, level in zip(made, LEVELS, strict=True)]
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert build_all(tmp_path) == []


def test_a_compiler_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("thirdparty.deform_conv.prebuilt.find_compiler", lambda: "c++")
    monkeypatch.setattr("thirdparty.deform_conv.prebuilt.compile_to", lambda *_: "bad option")
    with pytest.raises(build.BuildError, match="bad option"):
        build_all(tmp_path)
    monkeypatch.setattr("thirdparty.deform_conv.prebuilt.find_compiler", lambda: None)
    with pytest.raises(build.BuildError, match="compiler"):
        build_all(tmp_path)
