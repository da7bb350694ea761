"""What the detector learns from: frames with people's boxes, from a folder of clips and pictures.

The folder holds, each part optional:

``arid/train/<Class>/<Class>_<scene>_<number>.mp4``  dark clips
``teacher/train/<clip>.npz``                         boxes_xyxy [P,T,4], NaN where absent; fallback
``arid/train_folds.json``                            takes to hold out
``people/<set>/*.jpg``, ``people/<set>.npz``         bright people with context, box_xyxy [N,4] px
``people/split.json``                                {set: {"train": [...], "test": [...]}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import BadInput
from inference.types import Floats, Pixels

ReadFrames = Callable[[Path], Pixels]
"""Gives the frames of a clip, uint8 [T, H, W, 3] RGB."""

PERMISSIVE_SETS = ("gym_free_exercise", "ccp_fashion", "yoga_manoj", "basketball", "coco_mini")
"""Sets of people whose licences allow shipping what was learnt from them."""

EVERY = 3
"""Of a clip's frames, every so many are kept: neighbours teach little new."""


@dataclass(frozen=True)
class Scene:
    """One frame with its people.

    Attributes:
        pixels: uint8 [H, W, 3] RGB.
        boxes: float32 [N, 4] px.
    """

    pixels: Pixels
    boxes: Floats


@dataclass(frozen=True)
class Picture:
    """One bright person, kept compressed.

    Attributes:
        data: a JPEG or PNG file.
        box: float32 [4] px.
    """

    data: bytes
    box: Floats


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
    """Frames of all clips outside the held-out takes.

    Raises:
        BadInput: there are none.
    """
    scenes = []
    for clip, teacher in clips_of(data, takes):
        frames, boxes = read(clip), teacher_boxes(teacher)
        count = min(len(frames), len(boxes))
        scenes += [Scene(frames[t].copy(), boxes[t]) for t in range(0, count, EVERY)]
    if not scenes:
        raise BadInput("bad_data", f"Expected clips with teacher's boxes under {data}, found none.")
    return scenes


def load_pictures(data: Path, sets: Sequence[str]) -> list[Picture]:
    """People of the training part of some sets.

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
        pictures += [Picture(files[i].read_bytes(), boxes[i]) for i in split[name]["train"]]
    return pictures
