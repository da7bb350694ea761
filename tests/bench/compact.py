"""The pipeline as it is shipped, on every frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from inference.config import PipelineConfig
from inference.pipeline import Pipeline


class Compact:
    """``Pipeline.predict`` with one backend.

    Args:
        backend: see ``inference.pose.backends``.
    """

    def __init__(self, backend: str) -> None:
        config = PipelineConfig()
        config = replace(config, estimator=replace(config.estimator, backend=backend))
        self._pipeline = Pipeline.load(config, device="cpu")
        self._frames = self._skeletons = 0

    def work(self, path: Path) -> int:
        """See ``Worker``."""
        found = self._pipeline.predict(path)
        self._frames += found.frames
        self._skeletons += sum(t.end_frame - t.start_frame for t in found.tracks)
        return found.frames

    @property
    def extra(self) -> tuple[str, ...]:
        """How many people there were."""
        return (f"{self._skeletons / max(1, self._frames):.2f} skeletons a frame",)
