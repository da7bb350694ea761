"""``poses``: writes a clip's people and skeletons to a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from inference.commands.common import add_pipeline_arguments, load_pipeline
from inference.poses_file import save_poses

HELP = "Find the people of a clip and write boxes and skeletons (see inference/poses_file.py)."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("clip", type=Path, metavar="CLIP")
    parser.add_argument("--out", type=Path, required=True, metavar="F.npz")
    add_pipeline_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Estimate and write."""
    poses = load_pipeline(args).poses(args.clip)
    try:
        save_poses(args.out, poses)
    except OSError as error:
        print(f"not_written: {args.out} cannot be written: {error}", file=sys.stderr)
        return 1
    return 0
