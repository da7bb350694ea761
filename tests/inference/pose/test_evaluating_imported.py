"""A network of another joint order is held against the teacher joint by joint."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from inference.pose.config import W18
from inference.pose.evaluate import Truth, agreement
from inference.skeleton import COCO17, POSETRACK17, convert


class Knowing:
    """An estimator that gives the truth in PoseTrack's order."""

    network_config = replace(W18, skeleton=POSETRACK17.name)

    def __init__(self, truth: np.ndarray) -> None:
        self.found = convert(truth, COCO17, POSETRACK17)

    def skeletons(self, frames, frame, boxes_xyxy) -> np.ndarray:
        return self.found[frame]


def test_joints_are_compared_under_their_names() -> None:
    keypoints = np.random.default_rng(0).uniform(5, 60, (3, 17, 3)).astype(np.float32)
    keypoints[..., 2] = 0.9
    frames = np.zeros((3, 64, 64, 3), np.uint8)
    boxes = np.tile(np.float32([0, 0, 60, 60]), (3, 1))
    found = agreement(Knowing(keypoints), [Truth("clip", frames, np.arange(3), boxes, keypoints)])
    eyes = np.isin(found.joint, [COCO17.index("left_eye"), COCO17.index("right_eye")])
    assert found.right[~eyes].all()
    assert (~eyes).sum() == 3 * 15
