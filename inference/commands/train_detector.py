"""``train-detector``: trains the person detector and writes its weights with their card."""

from __future__ import annotations

import argparse
import datetime
import json
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from inference.commands.evaluate_detector import LEAST_SCORE, Figures, measure, split_number
from inference.detect import dataset
from inference.detect.augment import AugmentConfig, Mixer
from inference.detect.config import TRAINED, DetectorConfig
from inference.detect.dataset import People, Scene
from inference.detect.detector import PersonDetector, config_for_card, load_network
from inference.detect.network import Detector
from inference.detect.train import TrainConfig, Trainer
from inference.types import Pixels
from inference.video.frames import read_clip
from inference.video.synthetic import ACTIONS, render_clip
from inference.weights_file import save_weights

HELP = """Train the person detector from a teacher's boxes on dark clips, on bright pictures of
people made dark, and on rendered figures. A checkpoint is kept in --out (use --resume to go on);
the run ends by measuring the held-out takes and writing detector.safetensors with its card. What
the data folder holds is told in inference/detect/dataset.py."""

LICENCES = {
    "arid": "ARID (Xu et al., 2020), CC BY 4.0; boxes by MoveNet MultiPose on brightened frames",
    "gym_free_exercise": "public domain",
    "ccp_fashion": "Clothing Co-Parsing (Yang et al., 2014), Apache-2.0 repository",
    "yoga_manoj": "MIT repository",
    "basketball": "private footage, by permission",
    "coco_mini": "COCO",
    "renders": "made by inference.video.synthetic, Apache-2.0",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with clips, boxes and pictures")
    add("--out", type=Path, required=True, help="folder for checkpoint, curves and weights")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, help="length of the training")
    length.add_argument("--steps", type=int, default=2000, help="or in steps, then repeatable")
    add("--seed", type=int, default=0)
    add("--batch", type=int, default=32)
    add("--start", type=Path, help="weights to go on from, instead of random ones")
    add("--rate", type=float, default=TrainConfig.rate, help="highest learning rate")
    add("--resume", action="store_true", help="go on from the checkpoint in --out")
    add("--hold-out", type=split_number, default=0, help="split not trained on (0), or 'none'")
    add("--people", nargs="*", default=list(dataset.PERMISSIVE_SETS), help="sets of pictures")
    add("--renders", type=int, default=40, help="rendered clips to add")
    add("--threads", type=int, default=1, help="of the CPU")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add("--note", default="", help="a remark for the card")
    add("--float32", action="store_true", help="no bfloat16, where that is slower")


def run(args: argparse.Namespace) -> int:
    """Train, measure, write."""
    cv2.setNumThreads(1)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    takes = dataset.held_out_takes(args.data, args.hold_out)
    network = load_network(args.start) if args.start else Detector(TRAINED)
    config = network.config
    mix = AugmentConfig(lift=config.lift)
    trainer = Trainer(
        network,
        _mixer(args, takes, config, mix),
        TrainConfig(
            minutes=args.minutes,
            steps=args.steps,
            batch=args.batch,
            rate=args.rate,
            seed=args.seed,
            bfloat16=not args.float32,
        ),
        checkpoint=args.out / "detector.ckpt",
        on_log=lambda line: print(json.dumps(line), flush=True),
        device=args.device,
    )
    if args.resume:
        trainer.resume()
    weights = {
        name: value.half() if value.is_floating_point() else value
        for name, value in trainer.run().items()
    }
    network.load_state_dict({name: value.float() for name, value in weights.items()})
    detector = PersonDetector(network, device=args.device)
    figures = measure(detector, args.data, takes, LEAST_SCORE) if takes else {}
    print(json.dumps(figures, indent=1), flush=True)
    card = _card(args, config, mix, trainer, figures, takes)
    save_weights(args.out / "detector.safetensors", weights, card)
    return 0


def _mixer(
    args: argparse.Namespace, takes: frozenset[str], config: DetectorConfig, mix: AugmentConfig
) -> Mixer:
    scenes = dataset.load_scenes(args.data, _frames, takes)
    pictures = dataset.load_pictures(args.data, args.people)
    renders = rendered_scenes(args.renders, args.seed)
    cut = sum(picture.outline is not None for picture in pictures)
    print(
        f"{len(scenes)} clips, {len(pictures)} pictures ({cut} cut out), {len(renders)} renders",
        flush=True,
    )
    return Mixer(scenes, pictures, renders, config.input_size, mix, args.seed)


def rendered_scenes(clips: int, seed: int) -> list[Scene]:
    """Short rendered clips of all actions, bright to dark."""
    rng = np.random.default_rng((seed, 7))
    scenes: list[Scene] = []
    for number in range(clips):
        clip, poses = render_clip(
            [(ACTIONS[number % len(ACTIONS)], 0.8)],
            fps=Fraction(10),
            seed=int(rng.integers(2**31)),
            darkness=float(rng.uniform(0.3, 0.9)),
        )
        boxes, joints = poses.tracks.boxes_xyxy, poses.keypoints
        there = ~np.isnan(boxes[..., 0])
        people = tuple(
            People.of(boxes[there[:, t], t], joints[there[:, t], t])
            for t in range(len(clip.frames))
        )
        scenes.append(Scene(clip.frames, people, np.arange(len(clip.frames))))
    return scenes


def _frames(path: Path) -> Pixels:
    return read_clip(path).frames


def _card(
    args: argparse.Namespace,
    config: DetectorConfig,
    mix: AugmentConfig,
    trainer: Trainer,
    figures: Figures,
    takes: frozenset[str],
) -> dict[str, Any]:
    sources = ["arid", *args.people, *(["renders"] if args.renders else [])]
    return {
        "name": "nightjar-detector",
        "task": "boxes of people in dark frames, each seen with an earlier and a later one",
        "config": config_for_card(config),
        "data": {name: LICENCES.get(name, "not known") for name in sources},
        "recipe": {
            "training": asdict(trainer.config),
            "augmentation": asdict(mix),
            "steps": trainer.steps_done,
            "seconds": round(trainer.seconds),
            "renders": args.renders,
            "start": args.start.name if args.start else None,
            "held_out_takes": sorted(takes),
            "stored_as": "float16",
        },
        "seed": args.seed,
        "figures": {"held_out_iou50_percent": figures, "frames_least_score": LEAST_SCORE},
        "note": args.note,
        "curve": trainer.curves[:: max(1, len(trainer.curves) // 40)],
        "licence": "Apache-2.0",
        "date": datetime.date.today().isoformat(),
    }
