"""Stick figures that stand, sink and walk, at any frame rate, place and size."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from inference.types import Poses, Tracks

STANDING = np.array(
    [
        (0.0, -1.7), (0.05, -1.75), (-0.05, -1.75), (0.1, -1.7), (-0.1, -1.7),
        (0.3, -1.3), (-0.3, -1.3), (0.35, -0.8), (-0.35, -0.8), (0.35, -0.35), (-0.35, -0.35),
        (0.2, -0.3), (-0.2, -0.3), (0.2, 0.4), (-0.2, 0.4), (0.2, 1.1), (-0.2, 1.1),
    ]
)  # fmt: skip
"""COCO-17 places in torso lengths, x right, y down."""


def figure(
    action: str = "stand",
    *,
    seconds: float = 2.0,
    fps: Fraction = Fraction(30),
    torso_px: float = 30.0,
    at: tuple[float, float] = (160.0, 120.0),
    missing: tuple[tuple[int, int], ...] = (),
    people: int = 1,
) -> Poses:
    """``people`` copies of one figure, 40 px apart; absent in the frame ranges ``missing``."""
    frames = max(1, round(seconds * float(fps)))
    times = np.arange(frames) / float(fps)
    joints = np.repeat(STANDING[None], frames, axis=0)
    share = (times / max(seconds, 1e-6))[:, None]
    if action == "sit":
        joints[:, :13, 1] += 0.7 * share
        joints[:, 13:15, 0] += 0.4 * share
    if action == "walk":
        joints[..., 0] += 2.0 * share
        swing = 0.5 * np.sin(2 * np.pi * 1.0 * times)
        joints[:, 15, 0] += swing
        joints[:, 16, 0] -= swing
        joints[:, 9, 0] -= swing
        joints[:, 10, 0] += swing
    if action == "jump":
        joints[..., 1] -= 0.8 * np.sin(np.pi * share)
    places = joints * torso_px + np.array(at)
    shift = 40.0 * np.arange(people)[:, None, None] * np.array([1.0, 0.0])
    everyone = places[None] + shift[:, None]
    keypoints = np.concatenate([everyone, np.full((*everyone.shape[:3], 1), 0.9)], axis=-1)
    boxes = np.concatenate(
        [everyone.min(2) - torso_px / 6, everyone.max(2) + torso_px / 6], axis=-1
    )
    for start, end in missing:
        keypoints[:, start:end] = np.nan
        boxes[:, start:end] = np.nan
    scores = np.where(np.isnan(boxes[..., 0]), np.nan, 0.8).astype(np.float32)
    tracks = Tracks(boxes.astype(np.float32), scores, np.zeros(scores.shape, dtype=bool))
    return Poses(tracks, keypoints.astype(np.float32), "coco17", fps, (320, 240), times)
