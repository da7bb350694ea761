"""Freed memory goes back to the system where the C library can give it."""

import ctypes
from pathlib import Path

import pytest

from inference import memory


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks Linux for its memory")
def test_holes_are_given_back() -> None:
    resident = _resident_bytes()
    kept, freed = [], []
    for _ in range(20_000):
        freed.append(bytearray(3000))
        kept.append(bytearray(100))
    full = _resident_bytes()
    freed.clear()
    if not memory.give_back():
        pytest.skip("this C library cannot give memory back")
    assert _resident_bytes() - resident < 0.5 * (full - resident)


def test_without_such_a_library_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    memory._trim.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert memory.give_back() is False
    memory._trim.cache_clear()


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
