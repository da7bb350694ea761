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
from inference.pose.config import DCPoseConfig
from inference.pose.estimator import EstimatorConfig
from inference.types import Detections


class FakeDetector:
    """Boxes around what is lighter than 120."""

    def detect(self, frames, *, at=None, is_cancelled):
        if is_cancelled():
            raise Cancelled()
        wanted = range(len(frames)) if at is None else at
        return [self._one(frames[index].mean(axis=2) > 120) for index in wanted]

    def _one(self, light):
        columns, rows = np.flatnonzero(light.any(0)), np.flatnonzero(light.any(1))
        if not len(rows):
            return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
        box = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        return Detections(np.array([box], np.float32), np.array([0.9], np.float32))


class FakeEstimator:
    """Joints along the middle of each box, top to bottom."""

    config = EstimatorConfig()
    network_config = DCPoseConfig(skeleton="coco17", preprocessing="standardise")

    def skeletons(self, frames, frame, boxes_xyxy):
        share = np.linspace(0.05, 0.95, 17, dtype=np.float32)
        x = np.repeat(((boxes_xyxy[:, 0] + boxes_xyxy[:, 2]) / 2)[:, None], 17, axis=1)
        y = boxes_xyxy[:, 1, None] + share * (boxes_xyxy[:, 3] - boxes_xyxy[:, 1])[:, None]
        return np.stack([x, y, np.full_like(x, 0.8)], axis=-1).astype(np.float32)


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
