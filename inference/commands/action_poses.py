"""Where the skeletons come from that action heads learn from: our own pipeline or stored files."""

from __future__ import annotations

import sys
from pathlib import Path

from inference.commands.action_examples import LabelledClip, ReadPoses
from inference.pipeline import Pipeline
from inference.poses_file import load_poses, save_poses
from inference.types import Poses


def stored(folder: Path) -> ReadPoses:
    """Skeletons that lie in a folder as ``NAME.npz``."""
    return lambda clip: load_poses(folder / f"{clip.name}.npz")


def own(pipeline: Pipeline, work: Path) -> ReadPoses:
    """Skeletons by our own pipeline; kept below ``work`` for these settings and weights."""
    folder = own_folder(pipeline, work)
    folder.mkdir(parents=True, exist_ok=True)

    def read(clip: LabelledClip) -> Poses:
        file = folder / f"{clip.name}.npz"
        if not file.exists():
            print(f"poses of {clip.name}", file=sys.stderr, flush=True)
            save_poses(file, pipeline.poses(clip.path))
        return load_poses(file)

    return read


def own_folder(pipeline: Pipeline, work: Path) -> Path:
    """Where ``own`` keeps its skeletons."""
    return work / "poses" / pipeline.fingerprint[:16]
