"""Arguments that several commands share."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from inference.config import PipelineConfig
from inference.pipeline import Pipeline
from inference.pose.backends import BACKENDS
from inference.pose.decode import WAYS


def add_pipeline_arguments(parser: argparse.ArgumentParser) -> None:
    """Weights, device and threads."""
    parser.add_argument("--detector", type=Path, metavar="F", help="detector's weights to use")
    parser.add_argument("--pose", type=Path, metavar="F", help="pose network's weights to use")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, help="of the CPU")
    add = parser.add_argument_group("how the pose network works").add_argument
    add("--pose-every", type=int, metavar="N", help="look at every n-th frame, fill in between")
    add("--pose-distance", type=int, metavar="N", help="frames to the neighbours it sees (1)")
    add("--pose-decode", choices=WAYS, help="how peaks are read off heatmaps")
    add("--backend", choices=BACKENDS, help="who computes it (eager), see docs/speed.md")
    add("--flip-test", action="store_true", default=None, help="also look at the mirror image")


def load_pipeline(args: argparse.Namespace, *, action: Path | None = None) -> Pipeline:
    """The pipeline that the arguments ask for.

    Raises:
        ModelError: weights are missing or broken, or a setting is impossible.
    """
    if args.threads:
        torch.set_num_threads(args.threads)
    config = PipelineConfig()
    settings = {
        "every": args.pose_every,
        "distance": args.pose_distance,
        "decode": args.pose_decode,
        "flip_test": args.flip_test,
        "backend": args.backend,
    }
    chosen = {name: value for name, value in settings.items() if value is not None}
    config = replace(config, estimator=replace(config.estimator, **chosen))
    given = {"detector": args.detector, "pose": args.pose, "action": action}
    config = replace(config, **{name: path for name, path in given.items() if path})
    return Pipeline.load(config, device=args.device)
