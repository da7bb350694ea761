"""Where people are expected: the annotated boxes or a detector's, by image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from inference.errors import BadInput
from inference.pose.posetrack.types import Box, PoseSet

PERSON = 1
"""The category of people in detectors' files."""


class Wanted(NamedTuple):
    """A box that a skeleton is wanted for."""

    box: Box
    score: float
    track: int


def annotated_boxes(truth: PoseSet) -> dict[int, list[Wanted]]:
    """The boxes of annotated people by image; those without one are left out."""
    boxes: dict[int, list[Wanted]] = {}
    for frame in truth.frames:
        for number, person in enumerate(frame.people):
            if person.box and not person.crowd and _has_size(person.box):
                track = number if person.track is None else person.track
                boxes.setdefault(frame.id, []).append(Wanted(person.box, 1.0, track))
    return boxes


def detected_boxes(
    path: Path, truths: Mapping[str, PoseSet], least_score: float
) -> dict[str, dict[int, list[Wanted]]]:
    """A detector's boxes from one file for all sets.

    Args:
        path: a list of ``{"image_name" or "image_id", "bbox": [x, y, w, h], "score",
            "category_id"}``, as COCO's results and the published DCPose's own files. Names are
            compared by folder and file.
        truths: sets of images by file name.
        least_score: boxes less sure are left out.

    Returns:
        For each set the boxes by image, the surest first. Other images' boxes are passed over.

    Raises:
        BadInput: the file cannot be read, has another form, or has no box for any image.
    """
    places = _places(truths)
    boxes: dict[str, dict[int, list[Wanted]]] = {name: {} for name in truths}
    for number, entry in enumerate(_entries(path)):
        key, box, score = _parse(entry, f"{path.name}[{number}]")
        if score >= least_score and entry.get("category_id", PERSON) == PERSON:
            for file, image in places.get(key, ()):
                boxes[file].setdefault(image, []).append(Wanted(box, score, 0))
    if not any(boxes.values()):
        raise BadInput("no_boxes", f"{path.name}: has no box for any of the images.")
    return {
        file: {image: _numbered(found) for image, found in by_image.items()}
        for file, by_image in boxes.items()
    }


def _places(truths: Mapping[str, PoseSet]) -> dict[str | int, list[tuple[str, int]]]:
    """Files and images by the name's end and by the id."""
    places: dict[str | int, list[tuple[str, int]]] = {}
    for file, truth in truths.items():
        for frame in truth.frames:
            for key in (frame.id, _end(frame.name)):
                places.setdefault(key, []).append((file, frame.id))
    return places


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise BadInput("unreadable", f"Expected boxes at {path}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise BadInput("unreadable", f"{path.name}: expected JSON: {error}.") from error
    if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
        raise BadInput("bad_boxes", f"{path.name}: expected a list of objects with 'bbox'.")
    return content


def _parse(entry: Mapping[str, Any], where: str) -> tuple[str | int, Box, float]:
    named = entry.get("image_name") or entry.get("file_name")
    key = _end(str(named)) if named else entry.get("image_id")
    try:
        x, y, width, height = (float(edge) for edge in entry["bbox"])
        score = float(entry.get("score", 1.0))
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("bad_boxes", f"{where}: expected 4 numbers as bbox and a score.") from error
    box = (x, y, width, height)
    if not np.isfinite((*box, score)).all() or not isinstance(key, str | int):
        raise BadInput("bad_boxes", f"{where}: expected image_name or image_id, finite numbers.")
    return key, box, score if _has_size(box) else -np.inf


def _numbered(found: list[Wanted]) -> list[Wanted]:
    ordered = sorted(found, key=lambda wanted: -wanted.score)
    return [wanted._replace(track=number) for number, wanted in enumerate(ordered)]


def _has_size(box: Box) -> bool:
    return box[2] > 0 and box[3] > 0


def _end(name: str) -> str:
    return "/".join(PurePosixPath(name).parts[-2:])
