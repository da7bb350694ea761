"""Arguments that several commands share."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from inference.config import PipelineConfig
from inference.pipeline import Pipeline


def add_pipeline_arguments(parser: argparse.ArgumentParser) -> None:
    """Weights, device and threads."""
    parser.add_argument("--detector", type=Path, metavar="F", help="detector's weights to use")
    parser.add_argument("--pose", type=Path, metavar="F", help="pose network's weights to use")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, help="of the CPU")


def load_pipeline(args: argparse.Namespace, *, action: Path | None = None) -> Pipeline:
    """The pipeline that the arguments ask for.

    Raises:
        ModelError: weights are missing or broken.
    """
    if args.threads:
        torch.set_num_threads(args.threads)
    config = PipelineConfig()
    given = {"detector": args.detector, "pose": args.pose, "action": action}
    config = replace(config, **{name: path for name, path in given.items() if path})
    return Pipeline.load(config, device=args.device)
