"""Writes predicted poses as PoseTrack18 files that its own evaluation reads too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from inference.errors import ModelError
from inference.pose.posetrack.types import Person, PoseSet
from inference.skeleton import POSETRACK17, Skeleton, convert, skeleton_named
from inference.types import Floats
from inference.whole_file import whole_file


def person_of(
    keypoints: Floats,
    skeleton: str,
    target: Skeleton = POSETRACK17,
    *,
    box_xyxy: Floats,
    track: int,
    score: float = 1.0,
) -> Person:
    """An estimated skeleton as a prediction.

    Args:
        keypoints: float32 [K, 3]: x px, y px, score.
        skeleton: name of their order; what PoseTrack has more is derived.
        target: order of the result.
        box_xyxy: float32 [4] px.
        track: number of the person.
        score: of the box.

    Returns:
        The prediction; its score is the box's times the mean of the joints'.
    """
    joints = convert(keypoints, skeleton_named(skeleton), target).astype(np.float64)
    x1, y1, x2, y2 = (float(edge) for edge in box_xyxy)
    return Person(
        points=joints[:, :2],
        given=np.asarray(np.isfinite(joints).all(axis=1), np.bool_),
        scores=joints[:, 2],
        box=(x1, y1, x2 - x1, y2 - y1),
        track=track,
        score=score * float(np.nanmean(joints[:, 2])),
    )


def write_set(path: Path, poses: PoseSet) -> None:
    """Write predictions; the file appears under its name only when it is whole.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_text(json.dumps(as_json(poses)) + "\n")


def as_json(poses: PoseSet) -> dict[str, Any]:
    """The content of a PoseTrack18 file: images as they came, annotations, one category.

    Raises:
        ModelError: a coordinate is not finite.
    """
    annotations = []
    for frame in poses.frames:
        for number, person in enumerate(frame.people):
            entry = {"id": frame.id * 100 + number, "image_id": frame.id, "category_id": 1}
            annotations.append(entry | _entry(person))
    category = {"id": 1, "name": "person", "supercategory": "person"}
    return {
        "images": [
            {**frame.entry, "id": frame.id, "file_name": frame.name} for frame in poses.frames
        ],
        "annotations": annotations,
        "categories": [
            {
                **category,
                "keypoints": list(poses.skeleton.joints),
                "skeleton": [[a + 1, b + 1] for a, b in poses.skeleton.limbs],
            }
        ],
    }


def _entry(person: Person) -> dict[str, Any]:
    points = np.where(person.given[:, None], person.points, 0.0)
    if not np.isfinite(points).all():
        raise ModelError("bad_pose", "Expected finite coordinates of predicted joints.")
    rows = np.concatenate([points, person.given[:, None]], axis=1)
    entry: dict[str, Any] = {"keypoints": [_short(value, 3) for value in rows.ravel()]}
    if not np.isnan(person.scores[person.given]).any():
        scores = np.where(person.given, person.scores, 0.0)
        entry["scores"] = [_short(value, 6) for value in scores]
    optional = {"track_id": person.track, "score": person.score}
    entry |= {name: value for name, value in optional.items() if value is not None}
    boxes = {"bbox": person.box, "bbox_head": person.head}
    entry |= {name: [_short(v, 3) for v in box] for name, box in boxes.items() if box}
    return entry


def _short(value: float, digits: int) -> float | int:
    """Rounded; whole numbers without a point."""
    rounded = round(float(value), digits)
    return int(rounded) if rounded == int(rounded) else rounded
