"""Trains the pose network from the command line and writes its weights and card."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import torch

from inference.commands.pose_sources import gather, read_frames
from inference.enhance.tone import learnt_curve
from inference.errors import BadInput
from inference.pose import dataset
from inference.pose.checkpoint import RunState, load_run
from inference.pose.config import SIZES, DCPoseConfig
from inference.pose.dcpose import DCPose
from inference.pose.estimator import PoseEstimator
from inference.pose.evaluate import Truth, agreement, load_truth, single_frame
from inference.pose.export import export
from inference.pose.mix import Mix, MixConfig, Source
from inference.pose.train import TrainConfig, Trainer, start_network
from inference.types import IsCancelled, Pixels
from inference.weights_file import load_weights
from inference.whole_file import whole_file

HELP = """Train the compact DCPose for dark video from a teacher's keypoints. Stage "backbone"
learns from single frames, stage "head" from three frames on top of the finished backbone. Both
keep a checkpoint in --out (use --resume to go on), write the curves to <stage>.json there, and
end by writing pose.safetensors with its card. The data folder holds arid/train, teacher/train,
arid/train_folds.json and people; see inference/pose/dataset.py."""

WATCHED_CLIPS, WATCHED_STRIDE = 12, 7
"""Held-out clips and every how many of their frames are measured for the curves."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``train-pose``."""
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with clips, pictures and keypoints")
    add("--out", type=Path, required=True, help="folder for checkpoint, curves and weights")
    add("--stage", choices=("backbone", "head"), default="backbone")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, default=6000, help="length of the stage in steps")
    length.add_argument("--minutes", type=float, help="or in minutes of training")
    add("--batch", type=int, default=64, help="samples a step")
    add("--workers", type=int, default=1, help="threads that share a step, for CPUs")
    add("--rate", type=float, help="highest learning rate (2e-3, for the head 1e-3)")
    add("--seed", type=int, default=0)
    add("--resume", action="store_true", help="go on from the checkpoint in --out")
    add("--size", choices=tuple(SIZES), default="large", help="of the network")
    add("--start", type=Path, help="weights to start from (the head: --out's checkpoint)")
    add("--hold-out", default="0", help="split whose takes are not trained on, or 'none'")
    add("--people", nargs="*", default=list(dataset.PERMISSIVE_SETS), help="sets of pictures")
    add("--arid-share", type=float, default=0.25, help="share of dark clips in a batch")
    add("--renders", type=int, default=0, help="rendered scenes to train on, too")
    add("--renders-share", type=float, default=0.06, help="their share of a batch")
    add("--no-places", action="store_true", help="leave everybody where they were seen")
    add("--average", type=float, default=0.998, help="share of the moving average kept a step")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add("--float32", action="store_true", help="no bfloat16, where that is slower")
    add("--export", action="store_true", help="only write the checkpoint's weights and card")
    add("--note", default="", help="first lines of the card")
    add("--figures", type=Path, help="JSON of evaluate-pose to put into the card")


def run(args: argparse.Namespace) -> int:
    """Run ``train-pose``."""
    if args.export:
        _export(args)
        return 0
    cv2.setNumThreads(1)
    hold_out = dataset.held_out_takes(args.data, _split(args.hold_out))
    sources = gather(
        args.data,
        hold_out=hold_out,
        arid_share=args.arid_share,
        people=args.people,
        renders=args.renders,
        renders_share=args.renders_share,
    )
    places = (
        [] if args.no_places else dataset.load_places(args.data, read_frames, hold_out=hold_out)
    )
    trainer = _trainer(args, sources, places, _watched(args.data, hold_out))
    trainer.run(is_cancelled=_asked_to_stop())
    _write_curves(args.out / f"{args.stage}.json", trainer.curves)
    _export(args)
    return 0


def _asked_to_stop() -> IsCancelled:
    """Ctrl-C and a polite kill end the run after the step at hand, checkpoint written."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    return asked.is_set


def _config(args: argparse.Namespace) -> DCPoseConfig:
    return SIZES[args.size]


def _split(text: str) -> int | None:
    if text == "none":
        return None
    if not text.isdigit():
        raise BadInput("bad_argument", f"--hold-out: expected a number or 'none', got {text!r}.")
    return int(text)


def _trainer(
    args: argparse.Namespace, sources: list[Source], places: list[Pixels], watched: list[Truth]
) -> Trainer:
    config = TrainConfig(
        stage=args.stage,
        steps=args.steps,
        minutes=args.minutes,
        batch=args.batch,
        workers=args.workers,
        rate=args.rate or (2e-3 if args.stage == "backbone" else 1e-3),
        warmup=150 if args.stage == "backbone" else 30,
        seed=args.seed,
        average=args.average,
        bfloat16=not args.float32,
    )
    torch.manual_seed(args.seed)
    network = DCPose(_config(args))
    if args.start:
        start_network(network, {k: v.float() for k, v in load_weights(args.start)[0].items()})
    elif args.stage == "head":
        start_network(network, load_run(args.out / "backbone.ckpt").average)

    def on_log(entry: dict[str, float]) -> None:
        print(json.dumps(entry), flush=True)
        _write_curves(args.out / f"{args.stage}.json", trainer.curves)

    trainer = Trainer(
        network,
        Mix(sources, network.config, MixConfig(), args.seed, places),
        config,
        checkpoint=args.out / f"{args.stage}.ckpt",
        device=args.device,
        measure=lambda net: _measure(net, watched, args) if watched else {},
        on_log=on_log,
    )
    if args.resume:
        trainer.resume()
    return trainer


def _watched(data: Path, hold_out: frozenset[str]) -> list[Truth]:
    """A few held-out clips, spread over the takes, as the pipeline shows dark clips."""
    clips = dataset.clip_paths(data, without=hold_out, only=True)
    every = max(1, len(clips) // WATCHED_CLIPS)
    truths = (
        load_truth(clip, dataset.teacher_file(data, clip), read_frames, stride=WATCHED_STRIDE)
        for clip in clips[::every]
        if dataset.teacher_file(data, clip).exists()
    )
    return [replace(t, frames=learnt_curve(t.frames)) for t in truths if t]


def _measure(network: DCPose, watched: list[Truth], args: argparse.Namespace) -> dict[str, float]:
    if args.stage == "backbone":
        network = single_frame(network)
    pck = agreement(PoseEstimator(network, args.device), watched).pck
    return {"held_out_pck": round(pck, 2)}


def _export(args: argparse.Namespace) -> None:
    """Write the averaged weights of the stage's checkpoint, finished or not."""
    state = load_run(args.out / f"{args.stage}.ckpt")
    recipe: dict[str, Any] = {"held_out_split": args.hold_out, args.stage: _recipe(state)}
    backbone = args.out / "backbone.ckpt"
    if args.stage == "head" and backbone.exists() and not args.start:
        recipe["backbone"] = _recipe(load_run(backbone))
    if args.hold_out != "none":
        recipe["held_out_takes"] = sorted(dataset.held_out_takes(args.data, _split(args.hold_out)))
    figures = json.loads(args.figures.read_text()) if args.figures else {}
    export(
        args.out / "pose.safetensors",
        state.average,
        _config(args),
        recipe=recipe,
        data=["arid", *args.people, *(["renders"] if args.renders else [])],
        figures=figures,
        note=args.note,
    )


def _recipe(state: RunState) -> dict[str, Any]:
    done = {"steps": state.step, "minutes": round(state.elapsed_s / 60, 1)}
    return {**state.settings, "done": done, "last": state.curves[-1:]}


def _write_curves(path: Path, curves: list[dict[str, float]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_text(json.dumps({"curves": curves}, indent=1) + "\n")
