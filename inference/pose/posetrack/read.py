"""Reads PoseTrack18 and COCO keypoint files, and says exactly what is wrong with a bad one.

PoseTrack: Andriluka et al., PoseTrack: A Benchmark for Human Pose Estimation and Tracking,
CVPR 2018. The two share one layout, ``images``, ``annotations`` and ``categories``; PoseTrack
adds head boxes, polygons to ignore, and scores of single joints.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inference.errors import BadInput
from inference.pose.posetrack.types import Box, Doubles, Frame, Person, PoseSet
from inference.skeleton import COCO17, POSETRACK15, POSETRACK17, Skeleton

_OTHER_NAMES = {"neck": "head_bottom", "upper_neck": "head_bottom"}
"""Joints that some files call otherwise."""


def read_sets(path: Path) -> dict[str, PoseSet]:
    """Read a file, or every ``.json`` of a folder.

    Returns:
        Sets by file name, in the names' order.

    Raises:
        BadInput: see ``read_set``; ``no_poses`` where the folder has none.
    """
    if not path.is_dir():
        return {path.name: read_set(path)}
    files = sorted(path.glob("*.json"))
    if not files:
        raise BadInput("no_poses", f"Expected PoseTrack files (.json) in {path}, found none.")
    return {file.name: read_set(file) for file in files}


def read_set(path: Path) -> PoseSet:
    """Read one file of images and people.

    Raises:
        BadInput: ``unreadable`` or ``bad_posetrack``, with the entry that is wrong.
    """
    content = _json(path)
    if isinstance(content, Mapping) and "annolist" in content:
        raise BadInput(
            "bad_posetrack",
            f"{path.name}: expected PoseTrack18's images and annotations, got PoseTrack17's "
            "annolist; PoseTrack's converter turns one into the other.",
        )
    if not isinstance(content, Mapping) or not isinstance(content.get("images"), list):
        raise BadInput("bad_posetrack", f"{path.name}: expected an object with 'images'.")
    order = _order(content, path.name)
    skeleton = COCO17 if set(order) <= set(COCO17.joints) else POSETRACK17
    frames = _frames(content["images"], path.name)
    people = _people(content.get("annotations", []), order, skeleton, frames, path.name)
    return _joined(skeleton, frames, people)


def read_predictions(path: Path, truth: PoseSet) -> PoseSet:
    """Read predictions for known images.

    Args:
        path: a file as the truth's, or a plain list of COCO's results
            (``image_id, keypoints, score``) in the truth's order of joints.
        truth: whose images they are.

    Returns:
        A set with the truth's frames in the truth's order.

    Raises:
        BadInput: see ``read_set``; an image that the truth does not have; other joints.
    """
    content = _json(path)
    if isinstance(content, list):
        frames = {frame.id: frame for frame in truth.frames}
        skeleton = truth.skeleton
        people = _people(content, skeleton.joints, skeleton, frames, path.name)
        return _joined(skeleton, frames, people)
    found = read_set(path)
    if found.skeleton != truth.skeleton:
        raise BadInput(
            "bad_posetrack",
            f"{path.name}: expected joints of {truth.skeleton.name}, got {found.skeleton.name}.",
        )
    return _aligned(found, truth, path.name)


def _aligned(found: PoseSet, truth: PoseSet, file: str) -> PoseSet:
    """The found people on the truth's frames."""
    known = {frame.id: frame for frame in truth.frames}
    people: dict[int, tuple[Person, ...]] = {}
    for frame in found.frames:
        if frame.id not in known or (frame.name and frame.name != known[frame.id].name):
            raise BadInput(
                "bad_posetrack",
                f"{file}: image {frame.id} ({frame.name}) is not among the ground truth's.",
            )
        people[frame.id] = frame.people
    return PoseSet(
        truth.skeleton,
        tuple(
            Frame(frame.id, frame.name, people.get(frame.id, ()), entry=frame.entry)
            for frame in truth.frames
        ),
    )


def _joined(
    skeleton: Skeleton, frames: Mapping[int, Frame], people: Mapping[int, list[Person]]
) -> PoseSet:
    return PoseSet(
        skeleton,
        tuple(
            Frame(frame.id, frame.name, tuple(people.get(frame.id, ())), frame.ignored, frame.entry)
            for frame in frames.values()
        ),
    )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise BadInput(
            "unreadable", f"Expected a PoseTrack file (.json) at {path}: {error.strerror}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise BadInput("unreadable", f"{path.name}: expected JSON: {error}.") from error


def _order(content: Mapping[str, Any], file: str) -> tuple[str, ...]:
    """Names of the joints in the file's order; PoseTrack's own 17 where it does not say."""
    categories = content.get("categories") or [{}]
    first = categories[0] if isinstance(categories, list) else None
    if not isinstance(first, Mapping):
        raise BadInput("bad_posetrack", f"{file}: expected a list of objects as 'categories'.")
    names = first.get("keypoints") or POSETRACK17.joints
    order = tuple(_OTHER_NAMES.get(str(name), str(name)) for name in names)
    coco, own = set(COCO17.joints), set(POSETRACK15.joints)
    if set(order) != coco and not own <= set(order):
        raise BadInput(
            "bad_posetrack",
            f"{file}: expected the joints of COCO or PoseTrack in categories, got {list(order)}.",
        )
    return order


def _frames(images: Sequence[Any], file: str) -> dict[int, Frame]:
    frames: dict[int, Frame] = {}
    for number, image in enumerate(images):
        where = f"{file}: images[{number}]"
        if not isinstance(image, Mapping) or "id" not in image:
            raise BadInput("bad_posetrack", f"{where}: expected an object with an 'id'.")
        key = _whole(image["id"], where, "id")
        if key in frames:
            raise BadInput("bad_posetrack", f"{where}: image {key} occurs twice.")
        ignored = tuple(_polygons(image, where))
        frames[key] = Frame(key, str(image.get("file_name", "")), (), ignored, image)
    return frames


def _polygons(image: Mapping[str, Any], where: str) -> Iterable[Doubles]:
    xs, ys = image.get("ignore_regions_x") or [], image.get("ignore_regions_y") or []
    if xs and not isinstance(xs[0], list):
        xs, ys = [xs], [ys]
    if len(xs) != len(ys):
        raise BadInput("bad_posetrack", f"{where}: {len(xs)} ignore_regions_x, {len(ys)} _y.")
    for x, y in zip(xs, ys, strict=True):
        corners = [_numbers(side, None, where, "ignore_regions") for side in (x, y)]
        if len(corners[0]) != len(corners[1]):
            raise BadInput("bad_posetrack", f"{where}: a region's x and y differ in length.")
        if len(corners[0]) >= 3:
            yield np.stack(corners, axis=1)


def _people(
    annotations: Any,
    order: Sequence[str],
    skeleton: Skeleton,
    frames: Mapping[int, Frame],
    file: str,
) -> dict[int, list[Person]]:
    if not isinstance(annotations, list):
        raise BadInput("bad_posetrack", f"{file}: expected a list as 'annotations'.")
    columns = [order.index(joint) if joint in order else -1 for joint in skeleton.joints]
    people: dict[int, list[Person]] = {}
    for number, entry in enumerate(annotations):
        where = f"{file}: annotations[{number}]"
        if not isinstance(entry, Mapping) or "image_id" not in entry:
            raise BadInput("bad_posetrack", f"{where}: expected an object with an 'image_id'.")
        image = _whole(entry["image_id"], where, "image_id")
        if image not in frames:
            raise BadInput("bad_posetrack", f"{where}: there is no image {image}.")
        people.setdefault(image, []).append(_person(entry, columns, len(order), where))
    return people


def _person(entry: Mapping[str, Any], columns: Sequence[int], joints: int, where: str) -> Person:
    """A person; a joint counts as given unless its x, y and flag are all 0, as in PoseTrack."""
    values = _numbers(entry.get("keypoints") or [0] * 3 * joints, 3 * joints, where, "keypoints")
    own = np.vstack([values.reshape(joints, 3), np.zeros((1, 3))])[columns]
    scores = np.full(joints + 1, np.nan)
    if entry.get("scores"):
        scores[:joints] = _numbers(entry["scores"], joints, where, "scores")
    track, score, area = (entry.get(name) for name in ("track_id", "score", "area"))
    head = _box(entry, "bbox_head", where)
    return Person(
        points=own[:, :2],
        given=np.asarray(own.any(axis=1), np.bool_),
        scores=scores[columns],
        box=_box(entry, "bbox", where),
        head=head if head and head[2] > 0 and head[3] > 0 else None,
        area=None if area is None else float(_numbers([area], 1, where, "area")[0]),
        track=None if track is None else _whole(track, where, "track_id"),
        score=None if score is None else float(_numbers([score], 1, where, "score")[0]),
        crowd=bool(entry.get("iscrowd", False)),
    )


def _box(entry: Mapping[str, Any], name: str, where: str) -> Box | None:
    if not entry.get(name):
        return None
    x, y, width, height = _numbers(entry[name], 4, where, name).tolist()
    return x, y, width, height


def _whole(value: Any, where: str, name: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput(
            "bad_posetrack", f"{where}: expected a whole number as {name}, got {value!r:.40}."
        ) from error


def _numbers(values: Any, count: int | None, where: str, name: str) -> Doubles:
    try:
        numbers = np.array(values, np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput("bad_posetrack", f"{where}: {name} are not all numbers.") from error
    if numbers.ndim != 1 or (count is not None and len(numbers) != count):
        wanted = "numbers" if count is None else f"{count} numbers"
        shape = list(numbers.shape)
        raise BadInput("bad_posetrack", f"{where}: expected {wanted} as {name}, got {shape}.")
    if not np.isfinite(numbers).all():
        raise BadInput("bad_posetrack", f"{where}: {name} are not all finite.")
    return numbers
