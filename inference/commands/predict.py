"""``predict``: names the action in clips, one line of text or JSON for each."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inference.commands.common import add_pipeline_arguments, load_pipeline
from inference.errors import BadInput, Cancelled, InferenceError
from inference.pipeline import Pipeline
from inference.types import Prediction

HELP = "Find people in clips and name what they do. A clip that cannot be read does not stop the"
HELP += " others; the exit status is then 2."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    parser.add_argument("--json", action="store_true", help="one JSON object a clip, a line each")
    parser.add_argument("--action", type=Path, metavar="HEAD", help="action head to use")
    add_pipeline_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Predict each clip; 2 if one was bad, 1 if something of ours failed, else 0."""
    pipeline = load_pipeline(args, action=args.action)
    pipeline.head  # noqa: B018  a broken head is said before any work is done
    status = 0
    for path in args.paths:
        status = max(status, _predict(pipeline, path, args.json))
    return status


def _predict(pipeline: Pipeline, path: Path, as_json: bool) -> int:
    try:
        prediction = pipeline.predict(path)
    except Cancelled:
        raise
    except InferenceError as error:
        print(f"{path}: {error.code}: {error.message}", file=sys.stderr)
        if as_json:
            _say({"path": str(path), "error": {"code": error.code, "message": error.message}})
        return 2 if isinstance(error, BadInput) else 1
    if as_json:
        _say(as_json_object(prediction))
    else:
        print(_line(prediction), flush=True)
    return 0


def as_json_object(prediction: Prediction) -> dict[str, Any]:
    """A prediction as JSON can hold it; the frame rate becomes a number."""
    given = asdict(prediction)
    timings = {stage: round(seconds, 4) for stage, seconds in prediction.timings_s.items()}
    return {**given, "fps": float(prediction.fps), "timings_s": timings}


def _line(prediction: Prediction) -> str:
    if prediction.label is None:
        return f"{prediction.path}: nobody found"
    people = len(prediction.tracks)
    chance = 100 * prediction.probabilities[prediction.label]
    return (
        f"{prediction.path}: {prediction.label} {chance:.0f} % "
        f"({people} {'person' if people == 1 else 'people'}, {prediction.frames} frames, "
        f"{prediction.timings_s['total']:.1f} s)"
    )


def _say(content: dict[str, Any]) -> None:
    print(json.dumps(content), flush=True)
