"""``legacy``: the published Dark_DCPose program's command line, as it was and put right."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from inference.classify.legacy import AS_PUBLISHED, CORRECTED, LegacyClassifier
from inference.classify.legacy_train import (
    CORRECTED_TRAINING,
    Examples,
    LegacyFit,
    LegacyTrainConfig,
    fit_corrected,
    fit_legacy,
)
from inference.commands.common import add_pipeline_arguments
from inference.commands.legacy_layout import (
    Listed,
    clips_in,
    folder_names,
    output_names,
    read_list,
    read_names,
)
from inference.commands.legacy_vectors import Describe, Described, describer
from inference.errors import BadInput, Cancelled, InferenceError
from inference.features.legacy import FEATURES, SAMPLES
from inference.whole_file import whole_file

HELP = """Name the action in clips as the published Dark_DCPose program does, or train its action
head, from its folders and text files. See docs/legacy.md. A clip that cannot be read does not
stop the others; the exit status is then 2."""

UNKNOWN = "-"
"""Written for a clip that no label can be given to."""

REPORT_EVERY = 25
"""Epochs between two lines on the error output."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare both actions and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="predict|train", required=True)
    predict = actions.add_parser("predict", help="write output.txt for input/predict")
    add = predict.add_argument
    add("--head", type=Path, required=True, help="action head: .pth as published, or ours")
    add("--input", type=Path, help="folder with clips (ROOT/input/predict)")
    add("--out", type=Path, help="file to write (ROOT/output.txt)")
    add("--write", choices=("numbers", "names"), help="class numbers, as published, or names")
    _add_shared(predict)
    train = actions.add_parser("train", help="train the head on input/train and train.txt")
    add = train.add_argument
    add("--out", type=Path, required=True, help="head to write, .safetensors")
    add("--list", type=Path, help="clips to learn from (ROOT/train.txt)")
    add("--clips", type=Path, help="folder that the list's paths start from (ROOT/input/train)")
    add("--validate", type=Path, help="clips to measure on (ROOT/validate.txt, if it is there)")
    add("--validate-clips", type=Path, help="their folder (ROOT/input/validate, else input/val)")
    add("--epochs", type=int, default=LegacyTrainConfig().epochs)
    add("--seed", type=int, default=0)
    _add_shared(train)


def _add_shared(parser: argparse.ArgumentParser) -> None:
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--as-published", action="store_true", help="with its faults (the default)")
    way.add_argument("--corrected", action="store_true", help="with its faults put right")
    add = parser.add_argument
    add("--root", type=Path, default=Path(), help="folder with input/ and the lists (here)")
    add("--names", type=Path, help="table of class names, lines 'number name'")
    add("--poses", type=Path, metavar="DIR", help="stored skeletons NAME.npz, clips are not read")
    add("--work", type=Path, metavar="DIR", help="keeps the clips' features for the next run")
    add_pipeline_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Predict or train; 2 if a clip was bad, 1 if something of ours failed, else 0."""
    return _predict(args) if args.action == "predict" else _train(args)


def _predict(args: argparse.Namespace) -> int:
    classifier = LegacyClassifier.load(args.head)
    way = CORRECTED if args.corrected else classifier.way
    if way != classifier.way or (args.as_published and classifier.way != AS_PUBLISHED):
        raise BadInput("wrong_head", f"{args.head}: was trained on {classifier.way} features.")
    names = read_names(args.names) if args.names else dict(classifier.names)
    if args.write == "numbers" or (not args.write and not args.names and way == AS_PUBLISHED):
        names = {}
    clips = clips_in(args.input or args.root / "input" / "predict")
    describe, out = describer(args, way), args.out or args.root / "output.txt"
    status = 0
    try:
        with whole_file(out) as part, part.open("w", encoding="utf-8") as file:
            for clip, name in zip(clips, output_names(clips), strict=True):
                label, bad = _label(clip, describe, classifier, names)
                file.write(f"{name}\t{label}\n")
                file.flush()
                status = max(status, bad)
    except OSError as error:
        raise BadInput("not_written", f"{out} cannot be written: {error.strerror}.") from error
    return status


def _label(
    clip: Path, describe: Describe, classifier: LegacyClassifier, names: dict[int, str]
) -> tuple[str, int]:
    """(what to write for a clip, exit status)."""
    described, status = _describe(clip, describe)
    if described is None:
        return UNKNOWN, status
    if not described.skeletons and classifier.way == CORRECTED:
        _say(f"{clip}: nobody found")
        return UNKNOWN, 0
    if described.skeletons < SAMPLES:
        _say(f"{clip}: {described.skeletons} of {SAMPLES} skeletons, zeros for the others")
    number = classifier.choose(described.vector[None])[0]
    return names.get(number, str(number)), 0


@dataclass(frozen=True)
class _Gathered:
    """Examples of one list and what became of its clips."""

    examples: Examples
    dropped: list[str]
    bad: list[str]
    status: int


def _train(args: argparse.Namespace) -> int:
    if args.out.suffix != ".safetensors":
        raise BadInput("bad_name", f"Expected --out to end in .safetensors, got {args.out}.")
    way = CORRECTED if args.corrected else AS_PUBLISHED
    clips = args.clips or args.root / "input" / "train"
    listed = read_list(args.list or args.root / "train.txt", clips)
    names = read_names(args.names) if args.names else folder_names(listed)
    checked = _validation(args)
    _report_unlisted(clips, listed)
    describe = describer(args, way)
    train = _gather(listed, describe, way)
    held_out = _gather(checked, describe, way)
    fit = _fit(args, way, train.examples, held_out.examples)
    numbers = fit.numbers
    known = {number: names[number] for number in numbers if number in names}
    card = _card(args, fit, train, held_out)
    LegacyClassifier(fit.head, numbers, known, way).save(args.out, card)
    print(json.dumps(card["figures"]))
    return max(train.status, held_out.status)


def _validation(args: argparse.Namespace) -> list[Listed]:
    """The clips to measure on; none where there is no list."""
    path = args.validate or args.root / "validate.txt"
    if not args.validate and not path.exists():
        return []
    folders = [args.root / "input" / name for name in ("validate", "val")]
    clips = args.validate_clips or next((f for f in folders if f.is_dir()), folders[0])
    return read_list(path, clips)


def _report_unlisted(folder: Path, listed: Sequence[Listed]) -> None:
    """Say which clips lie in the folders and not in the list: they are not learnt from."""
    known = {one.path.resolve() for one in listed}
    unlisted = [path for path in sorted(folder.glob("*/*.mp4")) if path.resolve() not in known]
    for path in unlisted:
        _say(f"{path}: not in the list, passed over")


def _gather(listed: Sequence[Listed], describe: Describe, way: str) -> _Gathered:
    """Describe clips. As published, those with fewer than ten skeletons are dropped."""
    kept: list[tuple[Described, Listed]] = []
    dropped: list[str] = []
    bad: list[str] = []
    status = 0
    for number, one in enumerate(listed, 1):
        described, failed = _describe(one.path, describe)
        status = max(status, failed)
        if described is None:
            bad.append(one.entry)
        elif described.skeletons < SAMPLES:
            _say(f"{one.path}: {described.skeletons} of {SAMPLES} skeletons, dropped")
            dropped.append(one.entry)
        else:
            kept.append((described, one))
        if number % REPORT_EVERY == 0:
            _say(f"{number} of {len(listed)} clips")
    rows = [described.vector for described, _ in kept]
    features = np.stack(rows) if rows else np.zeros((0, FEATURES), np.float32)
    numbers = tuple(one.number for _, one in kept)
    groups = tuple(one.group for _, one in kept)
    return _Gathered(Examples(features, numbers, groups), dropped, bad, status)


def _fit(args: argparse.Namespace, way: str, train: Examples, held_out: Examples) -> LegacyFit:
    if way == CORRECTED:
        config = replace(CORRECTED_TRAINING, epochs=args.epochs)
        return fit_corrected(train, held_out, config=config, seed=args.seed, on_epoch=_say_epoch)
    config = LegacyTrainConfig(epochs=args.epochs)
    return fit_legacy(train, held_out, config, seed=args.seed, on_epoch=_say_epoch)


def _card(
    args: argparse.Namespace, fit: LegacyFit, train: _Gathered, held_out: _Gathered
) -> dict[str, Any]:
    figures = {
        "clips": len(train.examples),
        "dropped": len(train.dropped),
        "bad": len(train.bad) + len(held_out.bad),
        "epoch": fit.epoch,
        "train_accuracy": _accuracy(fit, train.examples),
        "validate_clips": len(held_out.examples),
        "validate_accuracy": _accuracy(fit, held_out.examples),
    }
    return {
        "name": "dark-dcpose-head",
        "recipe": {
            "command": f"python -m inference legacy train --{_way(args)}",
            "epochs": args.epochs,
            "clips_dropped": train.dropped,
            "clips_bad": train.bad,
        },
        "seed": args.seed,
        "figures": figures,
        "curves": fit.curves,
        "date": datetime.now(UTC).date().isoformat(),
    }


def _way(args: argparse.Namespace) -> str:
    return CORRECTED if args.corrected else AS_PUBLISHED


def _accuracy(fit: LegacyFit, examples: Examples) -> float | None:
    if not len(examples):
        return None
    best = fit.head.logits(examples.features).argmax(axis=1)
    right = [fit.numbers[int(b)] == n for b, n in zip(best, examples.numbers, strict=True)]
    return round(float(np.mean(right)), 4)


def _describe(clip: Path, describe: Describe) -> tuple[Described | None, int]:
    """A clip's features, or None and the exit status where it cannot be described."""
    try:
        return describe(clip), 0
    except Cancelled:
        raise
    except InferenceError as error:
        _say(f"{clip}: {error.code}: {error.message}")
        return None, 2 if isinstance(error, BadInput) else 1


def _say_epoch(epoch: int, figures: dict[str, float]) -> None:
    if epoch % REPORT_EVERY == 0 or epoch == 1:
        told = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
        _say(told)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
