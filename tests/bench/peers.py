"""Pose networks of others that install from PyPI, with random weights: for their speed only."""

from __future__ import annotations

from pathlib import Path

from inference.video.frames import read_clip


class YoloPose:
    """Ultralytics' yolo11n-pose, built from the description in its package.

    Args:
        side: longer side of its input, px.
    """

    extra: tuple[str, ...] = ("random weights: its boxes and skeletons mean nothing",)

    def __init__(self, side: int) -> None:
        from ultralytics import YOLO

        self._side = side
        self._model = YOLO("yolo11n-pose.yaml")

    def work(self, path: Path) -> int:
        """See ``Worker``."""
        clip = read_clip(path)
        for frame in clip.frames:
            self._model.predict(frame[..., ::-1], imgsz=self._side, device="cpu", verbose=False)
        return len(clip.table)
