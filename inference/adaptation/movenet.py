"""A MoveNet given as a file as teacher: one square crop at a time, and its mirror image.

Votel and Li, Next-Generation Pose Detection with MoveNet and TensorFlow.js, 2021: the
single-pose models take 1 x S x S x 3 RGB in 0..255 and give 1 x 1 x 17 x 3, for each joint of
COCO y, x as shares of S, and a score.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import cv2
import numpy as np

from inference.adaptation.labels import JOINTS, Labels
from inference.adaptation.people import Part, agreed, boxes_of, parts_of, unmirrored
from inference.adaptation.runtimes import Model, open_model
from inference.enhance.gamma import adaptive_gamma
from inference.pipeline import Pipeline
from inference.types import Clip, Floats, IsCancelled, Pixels

CONTEXT = 1.35
"""Side of the square over the longer side of the box."""


class MoveNetTeacher:
    """Labels clips with a MoveNet.

    Args:
        path: ``.onnx`` or ``.tflite``.
        device: of the detector that finds the people; the MoveNet runs on the CPU.
        tolerance: see ``people.agreed``.

    Raises:
        BadInput: the file, or the package that reads it, is missing; or it is no MoveNet.
    """

    def __init__(self, path: Path, device: str, tolerance: float) -> None:
        self._tolerance = tolerance
        self._model = open_model(path)
        self._pipeline = Pipeline.load(device=device)

    def label(self, path: Path, clip: Clip, is_cancelled: IsCancelled) -> Labels:
        """The people that our detector finds; see ``Labeller``."""
        boxes = boxes_of(self._pipeline, clip, is_cancelled)
        keypoints = np.full((*boxes.shape[:2], JOINTS, 3), np.nan, np.float32)
        for part in parts_of(clip.frames, boxes, 0, is_cancelled):
            keypoints[part.person, part.frame] = self._seen(part)
        return Labels(boxes, keypoints)

    def _seen(self, part: Part) -> Floats:
        bright = adaptive_gamma(part.frames)
        found = [
            skeleton(self._model, bright[index], box, self._tolerance)
            for index, box in zip(part.index, part.boxes_xyxy, strict=True)
        ]
        return np.stack(found)


def skeleton(model: Model, frame: Pixels, box_xyxy: Floats, tolerance: float) -> Floats:
    """One person's joints, where image and mirror image agree.

    Args:
        model: the MoveNet.
        frame: uint8 [H, W, 3] RGB.
        box_xyxy: float32 [4] px.
        tolerance: see ``people.agreed``.

    Returns:
        float32 [17, 3]: x px, y px of the frame, score.
    """
    size = model.size
    side = CONTEXT * max(4.0, float(max(box_xyxy[2] - box_xyxy[0], box_xyxy[3] - box_xyxy[1])))
    factor = size / side
    middle = (box_xyxy[:2] + box_xyxy[2:]) / 2
    # Middle of the box to the middle of the crop, in pixels whose middles are whole numbers.
    shift = (size - 1) / 2 - factor * middle
    affine = np.array([[factor, 0, shift[0]], [0, factor, shift[1]]], np.float64)
    crop = cast(Pixels, cv2.warpAffine(frame, affine, (size, size), flags=cv2.INTER_LINEAR))
    plain = _in_crop(model, crop)
    mirror = unmirrored(_in_crop(model, np.ascontiguousarray(crop[:, ::-1])), size)
    found: Floats = agreed(np.stack((plain, mirror)), tolerance)[0]
    found[:, :2] = (found[:, :2] - shift) / factor
    return found


def _in_crop(model: Model, crop: Pixels) -> Floats:
    """float32 [1, 17, 3]: x px, y px of the crop, score."""
    y, x, score = model.run(crop).T
    places = np.stack((x, y), axis=1) * model.size - 0.5
    return np.column_stack((places, score)).astype(np.float32)[None]
