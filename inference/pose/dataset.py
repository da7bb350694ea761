"""People cut out of clips and pictures once, so that training never waits for a decoder.

The folder is laid out as follows; either half may be missing.

``arid/train/<Class>/<Class>_<scene>_<number>.mp4``  clips
``arid/train_folds.json``                            takes to hold out (see ``held_out_takes``)
``arid/sample/<Class>_<scene>_<number>.mp4``         a few clips more, of other places
``teacher/{train,sample}/<clip>.npz``                boxes_xyxy [P,T,4], keypoints [P,T,17,3]
                                                     (COCO-17: x px, y px, score), NaN where
                                                     absent, interpolated [P,T], fallback
``people/<set>/<number>.jpg``                        one person with context each
``people/<set>.npz``                                 box_xyxy [N,4], keypoints [N,17,3] and
                                                     keypoints_flip [N,17,3]
``people/split.json``                                {set: {"train": [...], "test": [...]}}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from inference.errors import BadInput
from inference.pose.cuts import CutTrack, cut_out, torso_px
from inference.pose.smooth import SmoothConfig, smoothed
from inference.pose.surroundings import place_of
from inference.types import Floats, Pixels

ReadFrames = Callable[[Path], Pixels]
"""Gives the frames of a clip, uint8 [T, H, W, 3] RGB."""

PERMISSIVE_SETS = ("gym_free_exercise", "ccp_fashion", "yoga_manoj", "basketball", "coco_mini")
"""Sets of people whose licences allow shipping what was learnt from them."""


def take_of(clip: str) -> str:
    """The take of a clip: ``Jump_11`` for ``train/Jump_11_4`` or ``Jump_11_4.mp4``."""
    return Path(clip).stem.rsplit("_", 1)[0]


def held_out_takes(data: Path, split: int | None) -> frozenset[str]:
    """Takes that must never be trained on.

    Args:
        data: folder as described above.
        split: which of ``class_complete_splits``; None holds out nothing.

    Raises:
        BadInput: the file with the splits is missing or has no such split.
    """
    if split is None:
        return frozenset()
    path = data / "arid" / "train_folds.json"
    try:
        return frozenset(json.loads(path.read_text())["class_complete_splits"][split])
    except (OSError, KeyError, IndexError, ValueError) as error:
        raise BadInput(
            "no_split", f"Expected split {split} of class_complete_splits in {path}: {error!r}."
        ) from error


def clip_paths(data: Path, *, without: frozenset[str], only: bool = False) -> list[Path]:
    """Clips of the training folder that do not belong to the given takes.

    Args:
        data: folder as described above.
        without: takes to leave out.
        only: true turns the choice round: just the clips of these takes.
    """
    clips = sorted((data / "arid" / "train").glob("*/*.mp4"))
    return [clip for clip in clips if (take_of(clip.name) in without) == only]


def teacher_file(data: Path, clip: Path) -> Path:
    """Where the teacher's people of a clip of the training folder lie."""
    return data / "teacher" / "train" / f"{clip.stem}.npz"


def load_clip(
    clip: Path, teacher: Path, read: ReadFrames, *, interpolated: bool = True, smooth: float = 0.0
) -> list[CutTrack]:
    """Cut every person of a clip out of every frame where the teacher saw one.

    Args:
        clip: video file.
        teacher: the teacher's people of it.
        read: decoder.
        interpolated: false leaves out frames whose box was filled in.
        smooth: deviation in frames of the average over time that the keypoints go through.

    Returns:
        One track a person, in the teacher's order; none for a clip where the teacher
        found nobody (``fallback``).
    """
    with np.load(teacher) as file:
        people = {name: file[name] for name in file.files}
    if bool(people["fallback"].any()):
        return []
    frames = read(clip)
    boxes, keypoints = people["boxes_xyxy"], people["keypoints"]
    at = np.arange(keypoints.shape[1], dtype=np.float64)
    averaged = SmoothConfig(median_s=0, deviation_s=smooth, power=1)  # in frames, as ``at``
    tracks = []
    for person in range(len(boxes)):
        usable = ~np.isnan(boxes[person, :, 0])
        if not interpolated:
            usable &= ~people["interpolated"][person]
        present = [t for t in np.flatnonzero(usable) if t < len(frames)]
        joints = smoothed(keypoints[person], at, averaged)
        cuts = [cut_out(frames[t], boxes[person, t], joints[t], int(t)) for t in present]
        if cuts:
            tracks.append(CutTrack(f"{clip.stem}#{person}", tuple(cuts)))
    return tracks


def load_clips(
    data: Path, read: ReadFrames, *, hold_out: frozenset[str], smooth: float = 0.0
) -> list[CutTrack]:
    """All people of all clips that may be trained on.

    Args:
        data: folder as described above.
        read: decoder.
        hold_out: takes that are left out.
        smooth: see ``load_clip``.
    """
    tracks = []
    for clip, teacher in training_clips(data, hold_out=hold_out):
        tracks += load_clip(clip, teacher, read, smooth=smooth)
    return tracks


def training_clips(data: Path, *, hold_out: frozenset[str]) -> list[tuple[Path, Path]]:
    """Clips that may be trained on and the files of the teacher's people in them.

    Args:
        data: folder as described above; the few clips of ``arid/sample`` count, too.
        hold_out: takes that are left out.
    """
    pairs = [(clip, teacher_file(data, clip)) for clip in clip_paths(data, without=hold_out)]
    pairs += [
        (clip, data / "teacher" / "sample" / f"{clip.stem}.npz")
        for clip in sorted((data / "arid" / "sample").glob("*.mp4"))
        if take_of(clip.name) not in hold_out
    ]
    return [(clip, teacher) for clip, teacher in pairs if teacher.exists()]


def load_places(data: Path, read: ReadFrames, *, hold_out: frozenset[str]) -> list[Pixels]:
    """Where the clips were taken; see ``place_of``.

    Args:
        data: folder as described above.
        read: decoder.
        hold_out: takes that are left out.

    Returns:
        uint8 [H, W, 3] RGB each.
    """
    return [place_of(read(clip)) for clip, _ in training_clips(data, hold_out=hold_out)]


def load_people(data: Path, sets: Sequence[str], *, part: str = "train") -> list[CutTrack]:
    """People of bright pictures; their cuts' weights tell how sure the teacher is.

    Args:
        data: folder as described above.
        sets: names of the sets.
        part: ``"train"`` or ``"test"``.

    Raises:
        BadInput: a set is missing.
    """
    tracks = []
    split = json.loads((data / "people" / "split.json").read_text()) if sets else {}
    for name in sets:
        folder = data / "people" / name
        if name not in split or not folder.is_dir():
            raise BadInput("no_people", f"Expected a set of people at {folder}.")
        with np.load(data / "people" / f"{name}.npz") as file:
            boxes, plain, mean = (file[key] for key in ("box_xyxy", "keypoints", "keypoints_flip"))
        for index in split[name][part]:
            picture = cv2.imread(str(folder / f"{index:05d}.jpg"), cv2.IMREAD_COLOR_RGB)
            if picture is None:
                raise BadInput("no_people", f"{folder}: picture {index} cannot be read.")
            keypoints = agreed_keypoints(plain[index], mean[index])
            cut = cut_out(cast(Pixels, picture), boxes[index], keypoints, 0)
            tracks.append(CutTrack(f"{name}/{index:05d}", (cut,)))
    return tracks


def agreed_keypoints(plain: Floats, mean: Floats, tolerance: float = 0.25) -> Floats:
    """The mirror-averaged keypoints, weight 0 where the plain ones lie elsewhere.

    Args:
        plain: float32 [17, 3] of the picture.
        mean: float32 [17, 3] averaged with those of its mirror image.
        tolerance: allowed distance, in torso lengths.
    """
    apart = np.linalg.norm(plain[:, :2] - mean[:, :2], axis=1)
    agreed = mean.copy()
    agreed[apart > tolerance * torso_px(mean), 2] = 0.0
    return agreed
