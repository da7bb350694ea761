"""Turns the truth of a composed scene into what networks of a known quality would say of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.track.compose import Scene
from inference.track.follow import Pose
from inference.track.geometry import overlaps
from inference.types import Detections, Floats, Ints


@dataclass(frozen=True)
class Faults:
    """How bad detections and skeletons are."""

    # Share of boxes that are missing, and the same within spells of so many frames.
    dropped: float = 0.1
    spells: float = 0.1
    spell: int = 8
    # Whoever is covered by more than this is not detected.
    most_hidden: float = 0.6
    # Deviation of edges, in heights.
    jitter: float = 0.03
    # Boxes of nobody, for each frame.
    false_alarms: float = 0.1
    # Deviation of joints, in heights.
    shake: float = 0.015


def spoilt_boxes(scene: Scene, faults: Faults, rng: np.random.Generator) -> list[Detections]:
    """Detections of each frame of a scene: dropped, jittered, with false alarms."""
    people, frames = scene.hidden.shape
    there = ~np.isnan(scene.boxes_xyxy[..., 0]) & (scene.hidden <= faults.most_hidden)
    there &= rng.uniform(size=there.shape) >= faults.dropped
    lost = rng.uniform(size=(people, frames // faults.spell + 1)) < faults.spells
    there &= ~np.repeat(lost, faults.spell, axis=1)[:, :frames]
    found = []
    for t in range(frames):
        boxes = scene.boxes_xyxy[there[:, t], t]
        heights = boxes[:, 3:] - boxes[:, 1:2]
        boxes = boxes + rng.normal(0, faults.jitter, boxes.shape) * heights
        scores = rng.uniform(0.4, 0.95, len(boxes))
        if rng.uniform() < faults.false_alarms:
            boxes = np.concatenate([boxes, _nobody(scene, rng)])
            scores = np.append(scores, rng.uniform(0.15, 0.5))
        found.append(Detections(boxes.astype(np.float32), scores.astype(np.float32)))
    return found


def spoilt_skeletons(scene: Scene, faults: Faults, seed: int) -> Pose:
    """A pose network that sees whoever fills a box best, the nearer one where two do alike.

    Its answer depends on frame and box alone, so that two trackers can be compared.
    """

    def pose(frame: Ints, boxes_xyxy: Floats) -> Floats:
        rows = zip(frame.tolist(), boxes_xyxy, strict=True)
        return np.stack([_one(scene, faults, seed, t, box) for t, box in rows])

    return pose


def _one(scene: Scene, faults: Faults, seed: int, frame: int, box: Floats) -> Floats:
    place = [int(abs(v) * 8) for v in box]
    rng = np.random.default_rng([seed, frame, *place])
    joints = scene.keypoints.shape[2]
    height = float(box[3] - box[1])
    boxes = np.nan_to_num(scene.boxes_xyxy[:, frame].astype(np.float64))
    fill = overlaps(np.asarray(box, np.float64)[None], boxes)[0]
    fill -= 0.5 * scene.hidden[:, frame]
    best = int(fill.argmax()) if len(fill) else -1
    if best < 0 or fill[best] < 0.2 or np.isnan(scene.keypoints[best, frame]).all():
        low, high = box[:2], box[2:]
        places = rng.uniform(low, high, (joints, 2))
        return np.concatenate([places, rng.uniform(0, 0.3, (joints, 1))], axis=1).astype(np.float32)
    out = np.nan_to_num(scene.keypoints[best, frame]).copy()
    out[:, :2] += rng.normal(0, faults.shake * height, (joints, 2))
    out[:, 2] *= 1 - 0.5 * float(scene.hidden[best, frame])
    return np.asarray(out, np.float32)


def _nobody(scene: Scene, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    height, width = scene.frames.shape[1:3]
    tall = rng.uniform(0.2, 0.7) * height
    middle = rng.uniform(0, [width, height])
    half = np.array([tall / 5, tall / 2])
    return np.concatenate([middle - half, middle + half])[None]
