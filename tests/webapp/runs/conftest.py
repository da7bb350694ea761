"""A pipeline that finds what the test wants, at the border to the inference library."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inference.errors import Cancelled
from inference.types import Poses
from tests.webapp import factories_runs
from webapp.runs import gpu


class ScriptedPipeline:
    """Stands where detector, tracker and pose network are; counts how often it is asked."""

    fingerprint = "scripted"

    def __init__(self) -> None:
        self.answer: Poses | Exception = factories_runs.poses()
        self.calls: list[Path] = []
        self.weights: list[gpu.PoseUse] = []
        self.during: Callable[[], None] = lambda: None

    def with_weights(self, pose: gpu.PoseUse = gpu.SHIPPED) -> "ScriptedPipeline":
        """What ``gpu.pipeline`` gives; ``weights`` keeps what the last call asked for."""
        self.weights.append(pose)
        return self

    def poses(self, path: Path, *, progress: Any, is_cancelled: Any, timings_s: Any) -> Poses:
        self.calls.append(Path(path))
        progress("decode", 1.0)
        timings_s["decode"] = 0.5
        self.during()
        progress("pose", 1.0)
        if is_cancelled():
            raise Cancelled
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def pipeline(monkeypatch) -> ScriptedPipeline:
    scripted = ScriptedPipeline()
    monkeypatch.setattr(gpu, "pipeline", scripted.with_weights)
    return scripted
