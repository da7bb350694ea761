"""DCPose-W48 on the frames that the published program samples: its own way, and ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from inference.config import PipelineConfig
from inference.detect.detector import PersonDetector
from inference.pose.batch import cut_batch
from inference.pose.config import W48
from inference.pose.dcpose import DCPose
from inference.pose.decode import decode
from inference.pose.estimator import EstimatorConfig, PoseEstimator
from inference.pose.preprocess import prepare
from inference.types import Clip, Detections, Floats, Ints
from inference.video.frames import read_clip
from tests.bench.contenders import SAMPLES, STEP

FEW = 20
"""Clips shorter than this are warm-ups: one sample."""


class Published:
    """DCPose in plain PyTorch: float32, nothing folded, sample by sample, three crops each."""

    extra: tuple[str, ...] = ()

    def __init__(self) -> None:
        torch.manual_seed(0)
        self._network = DCPose(W48).eval()

    def work(self, path: Path) -> int:
        """See ``Worker``; whoever is in the middle of the frame stands for the first box."""
        clip = read_clip(path)
        frames = sampled_frames(np.arange(len(clip.table)), len(clip.table))
        for frame in frames:
            self._skeleton(clip, int(frame))
        return len(clip.table)

    @torch.no_grad()
    def _skeleton(self, clip: Clip, frame: int) -> None:
        batch = cut_batch(clip.frames, np.array([frame]), middle_box(clip), W48, 1.25, 1)
        crops = prepare(batch.crops[batch.which[:, 0]], W48)
        _, heatmaps = self._network(crops.reshape(1, -1, *crops.shape[2:]))
        decode(heatmaps)


class Sampled:
    """The same network and frames in our estimator, behind our detector on every frame.

    Args:
        backend: see ``inference.pose.backends``.
    """

    extra: tuple[str, ...] = ()

    def __init__(self, backend: str) -> None:
        torch.manual_seed(0)
        self._detector = PersonDetector.load(PipelineConfig().detector)
        self._estimator = PoseEstimator(DCPose(W48), "cpu", EstimatorConfig(backend=backend))

    def work(self, path: Path) -> int:
        """See ``Worker``; like the published program it takes the first box of each frame."""
        clip = read_clip(path)
        frames, boxes = first_boxes(clip, self._detector.detect(clip.frames))
        picked = sampled_frames(frames, len(clip.table))
        boxes = boxes[np.searchsorted(frames, picked)]
        for start in range(0, len(picked), self._estimator.at_once):
            part = slice(start, start + self._estimator.at_once)
            self._estimator.skeletons(clip.frames, picked[part], boxes[part])
        return len(clip.table)


def sampled_frames(frames: Ints, length: int) -> Ints:
    """Every fifth of the first fifty frames with somebody, filled up where there are fewer."""
    count = 1 if length < FEW else SAMPLES
    picked = np.asarray(frames[: SAMPLES * STEP : STEP][:count])
    return np.sort(np.resize(picked, count))


def first_boxes(clip: Clip, found: list[Detections]) -> tuple[Ints, Floats]:
    """Frames with somebody and the surest box [N, 4] in each; nobody anywhere: the middle."""
    frames = np.flatnonzero([len(each.scores) > 0 for each in found])
    if not len(frames):
        frames = np.arange(len(found))
        return frames, np.repeat(middle_box(clip), len(frames), axis=0)
    return frames, np.stack([found[frame].boxes_xyxy[0] for frame in frames])


def middle_box(clip: Clip) -> Floats:
    """[1, 4]: where a standing person of two thirds of the frame's height would be."""
    width, height = clip.size
    middle, half = width / 2, height / 3
    return np.array(
        [[middle - half / 2, height / 2 - half, middle + half / 2, height / 2 + half]], np.float32
    )
