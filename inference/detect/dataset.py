"""What the detector learns from: frames with people's boxes, from a folder of clips and pictures.

The folder holds, each part optional:

``arid/train/<Class>/<Class>_<scene>_<number>.mp4``  dark clips
``teacher/train/<clip>.npz``                         boxes_xyxy [P,T,4], NaN where absent; fallback;
                                                     if there: box_score [P,T], keypoints [P,T,17,3]
``arid/sample/*.mp4``, ``teacher/sample/*.npz``      the same of other places, always learnt from
``arid/train_folds.json``                            takes to hold out
``people/<set>/*.jpg``, ``people/<set>.npz``         bright people with context: box_xyxy [N,4] px,
                                                     keypoints_flip [N,17,3]
``people/split.json``                                {set: {"train": [...], "test": [...]}}
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from inference.detect.cutout import cut_out
from inference.errors import BadInput
from inference.types import Bools, Floats, Ints, Pixels

ReadFrames = Callable[[Path], Pixels]
"""Gives the frames of a clip, uint8 [T, H, W, 3] RGB."""

PERMISSIVE_SETS = ("gym_free_exercise", "ccp_fashion", "yoga_manoj", "basketball", "coco_mini")
"""Sets of people whose licences allow shipping what was learnt from them."""

EVERY = 3
"""Of a clip's frames, every so many are kept: 0.1 s at 30 a second."""

_LEAST_SCORE = 0.2
"""People of whom the teacher was less sure are neither learnt nor held for background."""

_SMOOTHING = 1.2
"""Spread in frames of the smoothing of the teacher's boxes over time."""

_PICTURE_SIDE = 224
"""Longest side of pictures in px; larger ones are shrunk."""

CROWDED = ("basketball", "coco_mini")
"""Sets in whose pictures others stand beside the person: only good for cutting out."""


@dataclass(frozen=True)
class People:
    """Everybody in one frame.

    Attributes:
        boxes: float32 [N, 4] px.
        joints: float32 [N, 17, 3], COCO order: x px, y px, score; NaN where unknown.
        sure: bool [N]; the others are neither learnt nor held for background.
    """

    boxes: Floats
    joints: Floats
    sure: Bools

    @classmethod
    def of(cls, boxes: Floats, joints: Floats | None = None, sure: Bools | None = None) -> People:
        """People with unknown joints and sure boxes where nothing else is said."""
        count = len(boxes)
        return cls(
            np.asarray(boxes, np.float32).reshape(count, 4),
            np.full((count, 17, 3), np.nan, np.float32) if joints is None else joints,
            np.ones(count, np.bool_) if sure is None else sure,
        )


@dataclass(frozen=True)
class Scene:
    """Every ``EVERY``-th frame of a clip with its people.

    Attributes:
        frames: uint8 [T, H, W, 3] RGB.
        people: of each frame.
        usable: int64 [U], the frames whose people are all known.
        place: uint8 [h, w, 3], part of the scene without its people, or None.
        weight: how often the scene is drawn, beside others.
    """

    frames: Pixels
    people: tuple[People, ...]
    usable: Ints
    place: Pixels | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class Picture:
    """One bright person.

    Attributes:
        pixels: uint8 [H, W, 3] RGB.
        box: float32 [4] px.
        joints: float32 [17, 3].
        outline: uint8 [H, W], 255 on the person, or None where it was not found.
        alone: nobody else is in the picture.
    """

    pixels: Pixels
    box: Floats
    joints: Floats
    outline: Pixels | None
    alone: bool = True


def take_of(clip: str) -> str:
    """``Jump_8_13`` → ``Jump_8``: clips of one take show the same person in the same place."""
    return re.sub(r"_\d+$", "", clip)


def held_out_takes(data: Path, split: int | None) -> frozenset[str]:
    """The takes of one of ``class_complete_splits``; none for None.

    Raises:
        BadInput: the file or the split is missing.
    """
    if split is None:
        return frozenset()
    path = data / "arid" / "train_folds.json"
    try:
        return frozenset(json.loads(path.read_text())["class_complete_splits"][split])
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise BadInput("bad_data", f"Expected split {split} in {path}: {error!r}.") from error


def clips_of(data: Path, takes: frozenset[str], *, only: bool = False) -> list[tuple[Path, Path]]:
    """(clip, teacher's file) of all clips outside the takes, or ``only`` those inside.

    Clips in which the teacher found nobody (``fallback``) are left out.
    """
    pairs = []
    for clip in sorted((data / "arid" / "train").glob("*/*.mp4")):
        teacher = data / "teacher" / "train" / f"{clip.stem}.npz"
        if (take_of(clip.stem) in takes) == only and teacher.exists():
            with np.load(teacher) as arrays:
                if not arrays["fallback"]:
                    pairs.append((clip, teacher))
    return pairs


def teacher_boxes(teacher: Path) -> list[Floats]:
    """The people's boxes in every frame, each float32 [N, 4] px."""
    with np.load(teacher) as arrays:
        boxes = arrays["boxes_xyxy"].astype(np.float32)
    return [boxes[:, t][~np.isnan(boxes[:, t, 0])] for t in range(boxes.shape[1])]


def load_scenes(data: Path, read: ReadFrames, takes: frozenset[str]) -> list[Scene]:
    """All clips outside the held-out takes, and those of ``arid/sample``, which are other places.

    Every take is drawn as often as the square root of the number of its clips says.

    Raises:
        BadInput: there are none.
    """
    pairs = clips_of(data, takes) + _samples_of(data)
    clips = Counter(take_of(clip.stem) for clip, _ in pairs)
    scenes = []
    for clip, teacher in pairs:
        scene = _scene_of(read(clip), teacher, 1.0 / math.sqrt(clips[take_of(clip.stem)]))
        if len(scene.usable):
            scenes.append(scene)
    if not scenes:
        raise BadInput("bad_data", f"Expected clips with teacher's boxes under {data}, found none.")
    return scenes


def _samples_of(data: Path) -> list[tuple[Path, Path]]:
    pairs = []
    for clip in sorted((data / "arid" / "sample").glob("*.mp4")):
        teacher = data / "teacher" / "sample" / f"{clip.stem}.npz"
        if teacher.exists():
            with np.load(teacher) as arrays:
                if not arrays["fallback"]:
                    pairs.append((clip, teacher))
    return pairs


def _scene_of(frames: Pixels, teacher: Path, weight: float) -> Scene:
    with np.load(teacher) as arrays:
        boxes = arrays["boxes_xyxy"].astype(np.float32)
        empty = np.full((*boxes.shape[:2], 17, 3), np.nan, np.float32)
        joints = arrays["keypoints"].astype(np.float32) if "keypoints" in arrays else empty
        score = arrays["box_score"] if "box_score" in arrays else np.ones(boxes.shape[:2])
    times = np.arange(0, min(len(frames), boxes.shape[1]), EVERY)
    there = ~np.isnan(boxes[:, :, 0])
    smooth = np.stack([_smoothed(each) for each in boxes]) if len(boxes) else boxes
    people = tuple(
        People(smooth[there[:, t], t], joints[there[:, t], t], score[there[:, t], t] > _LEAST_SCORE)
        for t in times
    )
    kept = frames[times].copy()
    return Scene(
        kept, people, _usable(boxes[:, times]), place_of(kept, [p.boxes for p in people]), weight
    )


def _usable(boxes: Floats) -> Ints:
    """Frames in which everybody who stays for most of the clip has a box.

    The teacher sometimes loses a person who is still there; such frames would teach that they are
    background.
    """
    there = ~np.isnan(boxes[:, :, 0])
    stays = there.mean(axis=1) > 0.5
    known = there[stays].all(axis=0) & stays.any()
    return np.flatnonzero(known).astype(np.int64)


def _smoothed(boxes: Floats) -> Floats:
    """One track's boxes [T, 4] averaged over neighbouring frames, where they are there."""
    there = ~np.isnan(boxes[:, 0])
    away = np.arange(-3, 4)
    kernel = np.exp(-0.5 * (away / _SMOOTHING) ** 2)
    known = np.where(there[:, None], boxes, 0.0)
    total = np.stack([np.convolve(column, kernel, "same")[: len(boxes)] for column in known.T], 1)
    weight = np.convolve(there.astype(np.float64), kernel, "same")[: len(boxes)]
    out = total / np.maximum(weight, 1e-6)[:, None]
    return np.where(there[:, None], out, np.nan).astype(np.float32)


def place_of(frames: Pixels, boxes: Sequence[Floats], least_width: int = 80) -> Pixels | None:
    """The widest part of a still scene in which the people of a clip leave every pixel free once.

    Args:
        frames: uint8 [T, H, W, 3].
        boxes: of each frame.
        least_width: narrower parts are not worth it, px.

    Returns:
        uint8 [H, w, 3], the mean over time without people; None where they fill the frame.
    """
    height, width = frames.shape[1:3]
    total = np.zeros(frames.shape[1:], np.float32)
    count = np.zeros((height, width), np.float32)
    for frame, around in zip(frames, boxes, strict=True):
        free = np.ones((height, width), np.uint8)
        for box in around:
            margin = 0.12 * (box[2:] - box[:2])
            low = np.maximum(np.floor(box[:2] - margin), 0).astype(int)
            high = np.maximum(np.ceil(box[2:] + margin), 0).astype(int)
            free[low[1] : high[1], low[0] : high[0]] = 0
        total += frame * free[..., None]
        count += free
    begin, end = _longest_run((count > 0).mean(axis=0) > 0.97)
    if end - begin < least_width:
        return None
    mean = np.rint(total / np.maximum(count, 1)[..., None]).astype(np.uint8)
    missing = (count == 0).astype(np.uint8)
    filled = cv2.inpaint(mean, missing, 3, cv2.INPAINT_TELEA) if missing.any() else mean
    return np.ascontiguousarray(filled[:, begin:end])


def _longest_run(fine: Bools) -> tuple[int, int]:
    """Begin and end of the longest run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], fine.astype(np.int8), [0]])))
    if not len(edges):
        return 0, 0
    best = int(np.argmax(edges[1::2] - edges[::2]))
    return int(edges[2 * best]), int(edges[2 * best + 1])


def load_pictures(data: Path, sets: Sequence[str]) -> list[Picture]:
    """People of the training part of some sets, cut out.

    Raises:
        BadInput: a set is missing.
    """
    if not sets:
        return []
    split = json.loads((data / "people" / "split.json").read_text())
    pictures = []
    for name in sets:
        folder = data / "people" / name
        if name not in split or not folder.is_dir():
            raise BadInput("bad_data", f"Expected a set of people at {folder}, found none.")
        files = sorted(folder.glob("*.jpg"))
        with np.load(data / "people" / f"{name}.npz") as arrays:
            boxes = arrays["box_xyxy"].astype(np.float32)
            joints = arrays["keypoints_flip"].astype(np.float32)
        alone = name not in CROWDED
        pictures += [
            _picture_of(files[i], boxes[i], joints[i], alone) for i in split[name]["train"]
        ]
    return pictures


def _picture_of(path: Path, box: Floats, joints: Floats, alone: bool) -> Picture:
    pixels = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), np.uint8)
    zoom = min(1.0, _PICTURE_SIDE / max(pixels.shape[:2]))
    if zoom < 1.0:
        pixels = np.asarray(
            cv2.resize(pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8
        )
    box, joints = box * zoom, joints * np.array([zoom, zoom, 1.0], np.float32)
    return Picture(pixels, box, joints, cut_out(pixels, box, joints), alone)
