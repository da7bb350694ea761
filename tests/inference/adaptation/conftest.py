"""Rendered clips of dark rooms with their true skeletons, and a tiny network to begin with."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from inference.adaptation import AdaptConfig
from inference.pose.config import COMPACT
from inference.pose.dcpose import DCPose
from inference.poses_file import save_poses
from inference.video.synthetic import render_clip, write_video
from inference.weights_file import save_weights

TINY = dataclasses.replace(
    COMPACT,
    image=(64, 64),
    stem=8,
    bottlenecks=1,
    bottleneck_channels=8,
    width=8,
    blocks=1,
    difference_channels=17,
    fusion_channels=8,
    dilations=(1,),
)
QUICK = AdaptConfig(steps=40, held_out_share=0.34, rate=5e-3, head_rate=5e-3, warmup=5, batch=12)


@dataclass(frozen=True)
class Cameras:
    """Clips of two places and what a tool says of them.

    Attributes:
        clips: ``Walk_1_0.mp4`` and so on: two takes.
        keypoints: folder of the true skeletons.
        start: weights of a tiny network that knows nothing yet.
    """

    clips: list[Path]
    keypoints: Path
    start: Path


@pytest.fixture(scope="session")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Cameras:
    root = tmp_path_factory.mktemp("cameras")
    keypoints = root / "keypoints"
    keypoints.mkdir()
    clips = []
    for take in (1, 2):
        for number in range(3):
            clip, poses = render_clip(
                [("Walk", 0.5)],
                size=(96, 80),
                fps=Fraction(20),
                seed=10 * take + number,
                darkness=0.5,
            )
            clips.append(root / f"Walk_{take}_{number}.mp4")
            write_video(clips[-1], clip)
            save_poses(keypoints / f"Walk_{take}_{number}.npz", poses)
    torch.manual_seed(0)
    start = root / "start.safetensors"
    save_weights(start, DCPose(TINY).state_dict(), {"name": "tiny", "config": TINY.as_dict()})
    return Cameras(clips, keypoints, start)
