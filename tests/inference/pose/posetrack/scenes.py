"""Small PoseTrack18 files made by hand: people on a grid, heads of 30 by 40 px."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from inference.pose.posetrack.match import match
from inference.pose.posetrack.prepare import pairs
from inference.pose.posetrack.read import read_predictions, read_set
from inference.skeleton import POSETRACK15, POSETRACK17

HEAD = [0, 0, 30, 40]
"""Its diagonal is 50 px, its size therefore 30 px, and 15 px are near enough."""

NEAR_PX = 15.0
EARS = [POSETRACK17.index("left_ear"), POSETRACK17.index("right_ear")]


def joints(left: float = 100.0, top: float = 100.0) -> np.ndarray:
    """[17, 3] joints 10 px apart on a slant, without ears as in PoseTrack."""
    steps = np.arange(17)
    points = np.stack([left + 10 * steps, top + 10 * steps, np.ones(17)], axis=1)
    points[EARS] = 0
    return points


def person(image: int, points: np.ndarray, **entries) -> dict:
    """An annotation; ``drop=[names]`` takes joints out."""
    points = points.copy()
    for name in entries.pop("drop", []):
        points[POSETRACK17.index(name)] = 0
    x, y = points[points[:, 2] > 0][:, :2].min(axis=0)
    base = {"id": entries.pop("id", 1), "image_id": image, "category_id": 1}
    base |= {"keypoints": points.ravel().tolist(), "bbox": [x, y, 160, 160]}
    return base | entries


def wanted(image: int, points: np.ndarray, **entries) -> dict:
    """An annotated person with a head."""
    return person(image, points, **{"bbox_head": HEAD, "track_id": 0, **entries})


def found(image: int, points: np.ndarray, score: float = 0.5, **entries) -> dict:
    """A predicted person, all joints of one score."""
    return person(image, points, **{"scores": [score] * 17, **entries})


def image(number: int, **entries) -> dict:
    name = f"images/val/000001_test/{number:06d}.jpg"
    return {"id": number, "file_name": name, "vid_id": "000001", "nframes": 9, **entries}


def content(images: list[dict], people: list[dict], skeleton=POSETRACK17) -> dict:
    category = {"id": 1, "name": "person", "keypoints": list(skeleton.joints)}
    return {"images": images, "annotations": people, "categories": [category]}


def write(path: Path, given: object) -> Path:
    path.write_text(json.dumps(given))
    return path


def frames(folder: Path, images: list[dict], truth: list[dict], predicted: list[dict]):
    """(truth set, pairs) of annotated and predicted people, through files."""
    one = read_set(write(folder / "truth.json", content(images, truth)))
    two = read_predictions(write(folder / "found.json", content(images, predicted)), one)
    return one, pairs(one, two)


def matched(folder: Path, images: list[dict], truth: list[dict], predicted: list[dict]):
    return [match(pair) for pair in frames(folder, images, truth, predicted)[1]]


def column(name: str) -> int:
    return POSETRACK15.index(name)
