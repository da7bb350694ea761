"""``evaluate-tracker``: counts splits and swaps on scenes whose people are known."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch

from inference.commands.composed_scenes import scenes_of
from inference.commands.evaluate_detector import split_number
from inference.config import PipelineConfig
from inference.detect.detector import PersonDetector
from inference.flow import looking_every
from inference.pose.estimator import PoseEstimator
from inference.track.compose import Scene
from inference.track.config import TrackConfig
from inference.track.follow import Pose
from inference.track.geometry import Boxes
from inference.track.link import track
from inference.track.looks import looks_of
from inference.track.measure import Counts, count
from inference.track.spoil import Faults, spoilt_boxes, spoilt_skeletons
from inference.types import Detections, Floats, Ints

HELP = """IDF1, identity switches, MOTA and fragmentations on scenes in which known people, pasted
on another place, cross, leave and come back: with boxes alone, with skeletons where boxes leave a
choice, and as the pipeline has it (whom the detector loses is carried on by the skeleton). Both for
the true boxes, dropped and jittered, and for those of the networks. The frames are as dark as the
clips they come from."""

Source = tuple[list[Detections], Pose]

_FPS = Fraction(30)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    config = PipelineConfig()
    add = parser.add_argument
    add("--data", type=Path, help="folder with clips and skeletons; rendered figures if not given")
    add("--hold-out", type=split_number, default=0, help="split to take people from, or 'none'")
    add("--clips", type=int, default=9, help="scenes to compose")
    add("--frames", type=int, default=120, help="length of each")
    add("--seed", type=int, default=0)
    add("--every", type=int, default=looking_every(config.detect_every_s, _FPS), metavar="N")
    add("--detector", type=Path, default=config.detector, metavar="F")
    add("--pose", type=Path, default=config.pose, metavar="F")
    add("--degraded-only", action="store_true", help="leave the networks out")
    add("--device", default="cpu")
    add("--threads", type=int, default=1)
    add("--json", action="store_true", help="one JSON object instead of a table")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    torch.set_num_threads(args.threads)
    sources = ["degraded"] if args.degraded_only else ["degraded", "network"]
    networks = None if args.degraded_only else _networks(args)
    ways = ways_of(PipelineConfig().track, args.every)
    totals = {source: dict.fromkeys(ways, Counts()) for source in sources}
    scenes = scenes_of(args.data, args.clips, args.frames, split=args.hold_out, seed=args.seed)
    for number, scene in enumerate(scenes):
        given = dict(zip(sources, _sources(scene, networks, [args.seed, number]), strict=True))
        for source, boxes_and_pose in given.items():
            for way, config in ways.items():
                totals[source][way] += counts_of(scene, boxes_and_pose, config)
    figures = {s: {w: c.as_dict() for w, c in by_way.items()} for s, by_way in totals.items()}
    print(json.dumps(figures, indent=1) if args.json else _table(figures))
    return 0


def ways_of(config: TrackConfig, every: int) -> dict[str, TrackConfig]:
    """The ways to compare: without skeletons, with them to tell people apart, and all of it."""
    whole = replace(config, every=every)
    skeletons = replace(whole, carry_score=2.0)
    return {
        "boxes": replace(skeletons, skeleton_weight=0.0),
        "skeletons": skeletons,
        "carried": whole,
    }


def counts_of(scene: Scene, source: Source, config: TrackConfig) -> Counts:
    """Counts of one scene for one way to follow people."""
    detections, pose = source
    size = (scene.frames.shape[2], scene.frames.shape[1])

    def looks(frame: int, boxes_xyxy: Boxes) -> Floats:
        return looks_of(scene.frames[frame], boxes_xyxy)

    found = track(detections, size, config, pose, looks)
    return count(scene.boxes_xyxy, found.boxes_xyxy)


def _networks(args: argparse.Namespace) -> tuple[PersonDetector, PoseEstimator]:
    config = PipelineConfig()
    detector = PersonDetector.load(args.detector, decode=config.decode, device=args.device)
    return detector, PoseEstimator.load(args.pose, args.device, config.estimator)


def _sources(
    scene: Scene, networks: tuple[PersonDetector, PoseEstimator] | None, seed: list[int]
) -> Iterator[Source]:
    faults, rng = Faults(), np.random.default_rng(seed)
    yield spoilt_boxes(scene, faults, rng), spoilt_skeletons(scene, faults, seed[-1])
    if networks is not None:
        detector, estimator = networks
        yield detector.detect(scene.frames), _pose_of(scene, estimator)


def _pose_of(scene: Scene, estimator: PoseEstimator) -> Pose:
    """The pose network on a scene; each box of a frame once, whichever way asks for it."""
    known: dict[tuple[int, bytes], Floats] = {}

    def pose(frame: Ints, boxes_xyxy: Floats) -> Floats:
        keys = [(int(t), box.tobytes()) for t, box in zip(frame, boxes_xyxy, strict=True)]
        new = [i for i, key in enumerate(keys) if key not in known]
        if new:
            found = estimator.skeletons(scene.frames, frame[new], boxes_xyxy[new])
            known.update(zip([keys[i] for i in new], found, strict=True))
        return np.stack([known[key] for key in keys])

    return pose


def _table(figures: dict[str, dict[str, dict[str, float]]]) -> str:
    """Lines of text."""
    names = ("idf1", "switches", "mota", "fragmentations", "recall", "precision", "tracks")
    lines = [f"{'boxes from':11}{'followed by':12}" + "".join(f"{n:>15}" for n in names)]
    for source, by_way in figures.items():
        for way, row in by_way.items():
            numbers = "".join(f"{row[name]:>15}" for name in names)
            lines.append(f"{source:11}{way:12}{numbers}")
    some = next(iter(next(iter(figures.values())).values()))
    lines.append(f"{some['people']} people, {some['boxes']} boxes")
    return "\n".join(lines)
