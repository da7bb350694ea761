"""Prints what precision and shared crops cost and gain on real clips.

    python -m tests.bench.pose_speed WEIGHTS CLIP=POSES.npz ...

POSES.npz holds ``boxes_xyxy [P, T, 4]``, as ``python -m inference poses`` writes it.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from inference.pose.estimator import EstimatorConfig, PoseEstimator
from inference.types import Clip, Tracks
from inference.video.frames import read_clip

WAYS = {
    "float32": EstimatorConfig(precision="float32"),
    "bfloat16": EstimatorConfig(precision="bfloat16"),
    "float32, hold 4": EstimatorConfig(precision="float32", hold=4),
    "bfloat16, hold 4": EstimatorConfig(precision="bfloat16", hold=4),
    "bfloat16, hold 8": EstimatorConfig(precision="bfloat16", hold=8),
}


def read(pair: str) -> tuple[Clip, Tracks]:
    clip, _, poses = pair.partition("=")
    boxes = np.load(poses)["boxes_xyxy"].astype(np.float32)
    scores = np.where(np.isnan(boxes[..., 0]), np.nan, 1).astype(np.float32)
    return read_clip(Path(clip)), Tracks(boxes, scores, np.zeros(boxes.shape[:2], bool))


def work(estimator: PoseEstimator, clips: list[tuple[Clip, Tracks]]) -> tuple[np.ndarray, float]:
    """(keypoints [N, K, 3] of all boxes, cpu-seconds)."""
    estimator.estimate(*clips[0])
    start = time.process_time()
    poses = [estimator.estimate(clip, tracks) for clip, tracks in clips]
    spent = time.process_time() - start
    return np.concatenate([p.keypoints[p.tracks.present] for p in poses]), spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("clips", nargs="+", metavar="CLIP=POSES")
    args = parser.parse_args()
    torch.set_num_threads(1)
    clips = [read(pair) for pair in args.clips]
    exact, base = None, 0.0
    for name, config in WAYS.items():
        estimator = PoseEstimator.load(args.weights, "cpu", config)
        found, spent = work(estimator, clips)
        if exact is None:
            exact, base = found, spent
        moved = np.hypot(*(found - exact)[..., :2].transpose(2, 0, 1))
        moved = moved[exact[..., 2] >= min(0.3, np.median(exact[..., 2]))]
        print(
            f"{name:18} {spent / len(found) * 1e3:6.1f} cpu-ms a skeleton "
            f"({spent / base:4.2f} of float32), moved px: "
            f"median {np.median(moved):.3f}, 95 % {np.percentile(moved, 95):.2f}, "
            f"above 0.5 px {100 * (moved > 0.5).mean():.1f} %"
        )


if __name__ == "__main__":
    main()
