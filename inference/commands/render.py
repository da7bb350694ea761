"""``render``: writes a demo clip of a figure that acts in a dark room."""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

from inference.poses_file import save_poses
from inference.video.synthetic import ACTIONS, render_clip, write_video

HELP = "Write a clip of a rendered figure that acts in a dark room, and its true skeletons."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("out", type=Path, metavar="OUT.mp4")
    parser.add_argument(
        "--actions",
        type=parse_actions,
        default=parse_actions("Walk:2,Wave:2"),
        metavar="NAME:SECONDS,...",
        help=f"what the figure does in turn; names: {', '.join(ACTIONS)} (default Walk:2,Wave:2)",
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same clip")
    parser.add_argument("--size", type=parse_size, default=(320, 240), metavar="WxH")
    parser.add_argument("--fps", type=Fraction, default=Fraction(30), help="such as 30000/1001")
    parser.add_argument(
        "--darkness", type=float, default=0.8, help="0 well lit, 0.8 like ARID, 1 black"
    )
    parser.add_argument("--truth", type=Path, metavar="F.npz", help="also write true skeletons")


def run(args: argparse.Namespace) -> int:
    """Render and write."""
    clip, poses = render_clip(
        args.actions, size=args.size, fps=args.fps, seed=args.seed, darkness=args.darkness
    )
    write_video(args.out, clip)
    if args.truth is not None:
        save_poses(args.truth, poses)
    return 0


def parse_actions(text: str) -> list[tuple[str, float]]:
    """``"Walk:2,Wave:1.5"`` → ``[("Walk", 2.0), ("Wave", 1.5)]``.

    Raises:
        argparse.ArgumentTypeError: the text is of another form.
    """
    actions = []
    for part in text.split(","):
        name, _, seconds = part.partition(":")
        try:
            actions.append((name.strip(), float(seconds)))
        except ValueError:
            message = f"expected NAME:SECONDS,... such as Walk:2,Wave:2; got {text!r}"
            raise argparse.ArgumentTypeError(message) from None
    return actions


def parse_size(text: str) -> tuple[int, int]:
    """``"320x240"`` → ``(320, 240)``.

    Raises:
        argparse.ArgumentTypeError: the text is of another form.
    """
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT such as 320x240; got {text!r}")
    return int(width), int(height)
