"""Stand-ins for trained stages: they find the light upright of a test clip and pose it simply."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from inference.classify.head import ActionHead
from inference.config import PipelineConfig
from inference.errors import Cancelled
from inference.features.vector import FEATURE_NAMES
from inference.pipeline import Pipeline
from inference.types import Detections, Poses


class FakeDetector:
    """Boxes around what is lighter than 120."""

    def detect(self, frames, *, progress, is_cancelled):
        if is_cancelled():
            raise Cancelled()
        progress("detect", 1.0)
        return [self._one(frame.mean(axis=2) > 120) for frame in frames]

    def _one(self, light):
        columns, rows = np.flatnonzero(light.any(0)), np.flatnonzero(light.any(1))
        if not len(rows):
            return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
        box = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        return Detections(np.array([box], np.float32), np.array([0.9], np.float32))


class FakeEstimator:
    """Joints along the middle of each box, top to bottom."""

    def estimate(self, clip, tracks, *, progress, is_cancelled):
        boxes = tracks.boxes_xyxy
        share = np.linspace(0.05, 0.95, 17, dtype=np.float32)
        x = np.repeat(((boxes[..., 0] + boxes[..., 2]) / 2)[..., None], 17, axis=2)
        y = boxes[..., 1, None] + share * (boxes[..., 3] - boxes[..., 1])[..., None]
        score = np.where(np.isnan(x), np.nan, 0.8)
        progress("pose", 1.0)
        keypoints = np.stack([x, y, score], axis=-1).astype(np.float32)
        fps, times = clip.table.fps, clip.table.times_s
        return Poses(tracks, keypoints, "coco17", fps, clip.size, times)


def fake_head(labels=("Jump", "Walk", "Wave"), seed=0) -> ActionHead:
    rng = np.random.default_rng(seed)
    count = len(FEATURE_NAMES)
    return ActionHead(
        labels=labels,
        mean=np.zeros(count, np.float32),
        scale=np.ones(count, np.float32),
        weights=(rng.normal(0, 0.05, (1, count, len(labels))).astype(np.float32),),
        biases=(np.zeros((1, len(labels)), np.float32),),
    )


def fake_config(folder: Path, **settings) -> PipelineConfig:
    """A configuration whose weights are a card each, and a real small action head."""
    for name in ("detector", "pose"):
        (folder / f"{name}.json").write_text(json.dumps({"sha256": name * 8}))
    if not (folder / "action.safetensors").exists():
        fake_head().save(folder / "action.safetensors")
    paths = {n: folder / f"{n}.safetensors" for n in ("detector", "pose", "action")}
    return PipelineConfig(**{**paths, **settings})


def fake_pipeline(folder: Path, **settings) -> Pipeline:
    return Pipeline(FakeDetector(), FakeEstimator(), fake_config(folder, **settings))
