"""``import-checkpoint``: writes a published checkpoint in the form that everything here reads."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from inference.commands.render import parse_size
from inference.errors import BadInput
from inference.pose.imported import KINDS, import_checkpoint
from inference.skeleton import COCO17, POSETRACK17
from inference.weights_file import load_card

HELP = """Read a published DCPose or HRNet checkpoint (.pth) and write its weights as
FOLDER/NAME.safetensors with a card. The file then serves wherever pose weights are taken, such as
'predict --pose FILE'. Nothing in the checkpoint is run."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="checkpoint as published")
    add("--out", type=Path, required=True, metavar="DIR", help="folder, or a .safetensors path")
    add("--kind", choices=KINDS, default="auto", help="hrnet: take the backbone alone")
    add("--image", type=parse_size, metavar="WxH", help="crops it was trained on (288x384)")
    add(
        "--skeleton",
        choices=[COCO17.name, POSETRACK17.name],
        help="joint order; by default posetrack17 for DCPose, coco17 for an HRNet by itself",
    )
    add("--all-names", action="store_true", help="where it does not fit, list every name")


def run(args: argparse.Namespace) -> int:
    """Import, and print where the weights lie and what a person should know of them."""
    try:
        written = import_checkpoint(
            args.file, args.out, kind=args.kind, image=args.image, skeleton=args.skeleton
        )
    except BadInput as error:
        if args.all_names:
            print(json.dumps(error.extra.get("misfits", {}), indent=2), file=sys.stderr)
        raise
    card = load_card(written)
    config, source = card["config"], card["source"]
    print(written)
    print(
        f"{card['name']}: crops {config['image'][0]}x{config['image'][1]}, joints "
        f"{config['skeleton']}, modules {'-'.join(map(str, config['modules']))}"
    )
    print(f"licence: {source['licence']}")
    print(card["note"])
    return 0
