"""``adapt``: fine-tunes the pose network on somebody's own clips."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2

from inference.adaptation import AdaptConfig, AdaptReport, Teacher, adapt
from inference.errors import BadInput
from inference.pose import dataset
from inference.pose.mix import Source

HELP = """Let a teacher label your own clips, fine-tune the pose network on them, and measure it
before and after on clips that were held out. Writes pose.safetensors and its card into --out; the
file then serves wherever pose weights are taken, such as 'predict --pose FILE'. Where it is no
better than before, that is said and the exit status is 0 all the same."""

ENDINGS = (".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg", ".mpeg", ".ts", ".wmv")
"""Of files that are taken for clips."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("--clips", type=Path, required=True, metavar="DIR", help="folder of clips, with subfolders")
    add("--out", type=Path, required=True, metavar="DIR", help="folder for the weights")
    add(
        "--teacher",
        default="own",
        metavar="T",
        help="own; weights of ours (.safetensors); a MoveNet (.onnx, .tflite); or "
        "keypoints:DIR with one .npz a clip (default: own)",
    )
    add("--start", type=Path, metavar="WEIGHTS", help="to begin with (the library's own)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=5.0, help="of training (5)")
    length.add_argument("--steps", type=int, help="of training instead: repeatable to the digit")
    add(
        "--hold-out",
        nargs="+",
        default=["0.3"],
        metavar="NAME",
        help="clips, takes or folders to measure on, or a share of the clips (0.3)",
    )
    add("--rehearse", type=Path, metavar="DATA", help="train-pose's folder, to train on too")
    add("--seed", type=int, default=0)
    add("--workers", type=int, default=1, help="threads that share a step, for CPUs")
    add("--device", default="auto", help="auto, cpu or cuda")
    add("--json", action="store_true", help="one JSON object on the output")


def run(args: argparse.Namespace) -> int:
    """Adapt, and print the figures."""
    cv2.setNumThreads(1)
    report = adapt(
        clips_in(args.clips),
        args.out,
        teacher=Teacher.named(args.teacher),
        start=args.start,
        config=config_of(args),
        progress=_Teller(),
        on_curve=lambda entry: print(json.dumps(entry), file=sys.stderr, flush=True),
    )
    print(json.dumps(as_json_object(report)) if args.json else "\n".join(_lines(report)))
    return 0


def clips_in(folder: Path) -> list[Path]:
    """All clips of a folder and its subfolders, by name.

    Raises:
        BadInput: there is none.
    """
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
    if not found:
        raise BadInput("no_clips", f"Expected clips in {folder}, found none.")
    return found


def config_of(args: argparse.Namespace) -> AdaptConfig:
    """The configuration that the arguments ask for."""
    common: dict[str, Any] = {
        "minutes": args.minutes,
        "steps": args.steps,
        "seed": args.seed,
        "workers": args.workers,
        "device": args.device,
        "rehearsal": _rehearsal(args.rehearse),
    }
    share = _share(args.hold_out)
    if share is not None:
        return AdaptConfig(held_out_share=share, **common)
    return AdaptConfig(held_out=tuple(args.hold_out), **common)


def as_json_object(report: AdaptReport) -> dict[str, Any]:
    """A report as JSON can hold it."""
    skipped = [{"name": name, "why": why} for name, why in report.clips_skipped]
    return asdict(report) | {"weights": str(report.weights), "clips_skipped": skipped}


class _Teller:
    """Tells the error output when a stage begins."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, stage: str, fraction: float) -> None:
        if stage != self._stage:
            self._stage = stage
            print(stage, file=sys.stderr, flush=True)


def _share(words: list[str]) -> float | None:
    """The share that was given, None where it is names."""
    try:
        return float(words[0]) if len(words) == 1 else None
    except ValueError:
        return None


def _rehearsal(data: Path | None) -> list[Source]:
    """Bright pictures of people from a folder for ``train-pose``."""
    if data is None:
        return []
    people = dataset.load_people(data, dataset.PERMISSIVE_SETS)
    return [Source("people", people, 1.0, bright=True)]


def _lines(report: AdaptReport) -> list[str]:
    before, after = report.before, report.after
    lines = [f"skipped {name}: {why}" for name, why in report.clips_skipped]
    lines.append(
        f"{report.clips_used} clips used, {int(after['clips'])} of them held out; "
        f"PCK@0.2 on those: {_figure('pck', before)} before, {_figure('pck', after)} after, "
        f"gain {_figure('gain', after)}"
    )
    if not report.improved:
        lines.append("No better than before; the weights are written all the same.")
    return [*lines, str(report.weights)]


def _figure(name: str, figures: dict[str, float]) -> str:
    if f"{name}_low" not in figures:
        return f"{figures[name]:.1f}"
    return f"{figures[name]:.1f} ({figures[f'{name}_low']:.1f} to {figures[f'{name}_high']:.1f})"
