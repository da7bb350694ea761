"""A pose network as teacher: slower than at work, and better for it.

It sees enhanced frames, each also mirrored and with more of what lies around; where the views
disagree, nothing is taught.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inference.adaptation.keypoint_files import as_coco
from inference.adaptation.labels import JOINTS, Labels
from inference.adaptation.people import (
    Part,
    agreed,
    boxes_of,
    mirrored_boxes,
    parts_of,
    unmirrored,
)
from inference.enhance.gamma import adaptive_gamma
from inference.pipeline import Pipeline
from inference.pose.estimator import EstimatorConfig, PoseEstimator
from inference.types import Clip, Floats, IsCancelled, Pixels

CONTEXTS = (1.25, 1.4)
"""Factors by which boxes grow: as in training, and larger."""


class NetworkTeacher:
    """Labels clips with pose weights in our form.

    Args:
        weights: of the network.
        device: as torch names it.
        tolerance: see ``people.agreed``.

    Raises:
        ModelError: weights are missing or broken.
    """

    def __init__(self, weights: Path, device: str, tolerance: float) -> None:
        self._tolerance = tolerance
        self._pipeline = Pipeline.load(device=device)
        self._estimators = [
            PoseEstimator.load(weights, device, EstimatorConfig(context=context))
            for context in CONTEXTS
        ]

    def label(self, path: Path, clip: Clip, is_cancelled: IsCancelled) -> Labels:
        """The people that our detector finds; see ``Labeller``."""
        boxes = boxes_of(self._pipeline, clip, is_cancelled)
        keypoints = np.full((*boxes.shape[:2], JOINTS, 3), np.nan, np.float32)
        around = max(int(getattr(estimator, "reach", 1)) for estimator in self._estimators)
        for part in parts_of(clip.frames, boxes, around, is_cancelled):
            keypoints[part.person, part.frame] = self._seen(part)
        return Labels(boxes, keypoints)

    def _seen(self, part: Part) -> Floats:
        bright = adaptive_gamma(part.frames)
        mirror: Pixels = np.ascontiguousarray(bright[:, :, ::-1])
        width = bright.shape[2]
        views = []
        for estimator in self._estimators:
            views.append(self._looked(estimator, bright, part.index, part.boxes_xyxy))
            boxes = mirrored_boxes(part.boxes_xyxy, width)
            views.append(unmirrored(self._looked(estimator, mirror, part.index, boxes), width))
        return agreed(np.stack(views), self._tolerance)

    def _looked(
        self, estimator: PoseEstimator, frames: Pixels, index: np.ndarray, boxes: Floats
    ) -> Floats:
        size = estimator.config.batch
        parts = [
            estimator.skeletons(frames, index[i : i + size], boxes[i : i + size])
            for i in range(0, len(index), size)
        ]
        return as_coco(np.concatenate(parts), estimator.network_config.skeleton)
