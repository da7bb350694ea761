"""Labels the clips, parts them into learnt and held-out ones, and cuts out the people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.adaptation.cleaning import cleaned, frames_kept
from inference.adaptation.config import AdaptConfig, CleanConfig
from inference.adaptation.hashing import hash_of
from inference.adaptation.labels import Labeller, Labels
from inference.errors import BadInput, Cancelled
from inference.pose.cuts import CutTrack, cut_out
from inference.pose.dataset import take_of
from inference.pose.surroundings import place_of
from inference.types import IsCancelled, Pixels, Progress
from inference.video.frames import read_clip

STAGE = "label"

RUN = 9
"""Frames in a row that are kept where not all can be: a frame needs its neighbours."""


@dataclass(frozen=True)
class LabelledClip:
    """A clip that the teacher found somebody in.

    Attributes:
        path: its file.
        sha256: of the file.
        labels: cleaned.
    """

    path: Path
    sha256: str
    labels: Labels


@dataclass(frozen=True)
class LabelledClips:
    """All clips.

    Attributes:
        learnt: to train on.
        held_out: to measure on.
        skipped: (name, why).
    """

    learnt: tuple[LabelledClip, ...]
    held_out: tuple[LabelledClip, ...]
    skipped: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Lessons:
    """What is trained on.

    Attributes:
        tracks: people with context.
        places: uint8 [H, W, 3] each: the clips' places, to put people of other clips before.
    """

    tracks: list[CutTrack]
    places: list[Pixels]


def label_clips(
    paths: Sequence[Path],
    labeller: Labeller,
    config: AdaptConfig,
    progress: Progress,
    is_cancelled: IsCancelled,
) -> LabelledClips:
    """Ask the teacher about every clip.

    Args:
        paths: clips; their order does not matter.
        labeller: the teacher at work.
        config: what is believed, and which clips are held out.
        progress: told of the stage "label".
        is_cancelled: asked before each clip.

    Raises:
        BadInput: fewer than one clip to learn from or to measure on is left.
        Cancelled: ``is_cancelled`` said so.
    """
    usable: list[LabelledClip] = []
    skipped: list[tuple[str, str]] = []
    for index, path in enumerate(sorted(set(paths))):
        if is_cancelled():
            raise Cancelled
        progress(STAGE, index / len(paths))
        try:
            usable.append(_labelled(path, labeller, config.clean, is_cancelled))
        except BadInput as error:
            skipped.append((path.name, error.message))
    progress(STAGE, 1.0)
    held = held_out([clip.path for clip in usable], config)
    learnt = tuple(clip for clip in usable if clip.path not in held)
    measured = tuple(clip for clip in usable if clip.path in held)
    if not learnt or not measured:
        raise BadInput("too_few_clips", _too_few(len(learnt), len(measured), skipped))
    return LabelledClips(learnt, measured, tuple(skipped))


def held_out(paths: Sequence[Path], config: AdaptConfig) -> frozenset[Path]:
    """The clips that are never trained on.

    Names hold out clips, takes and folders of that name. Without names it is every n-th clip by
    name, so that each scene is among them; the seed says with which to begin.

    Raises:
        BadInput: a name that no clip has.
    """
    if config.held_out:
        chosen = {name: [p for p in paths if name in _names(p)] for name in config.held_out}
        if unknown := sorted(name for name, found in chosen.items() if not found):
            raise BadInput("bad_argument", f"Held out are {unknown}, but no usable clip is theirs.")
        return frozenset(path for found in chosen.values() for path in found)
    count = min(len(paths) - 1, max(1, round(config.held_out_share * len(paths))))
    if count < 1:
        return frozenset()
    begin = np.random.default_rng(config.seed).uniform()
    places = ((np.arange(count) + begin) * len(paths) / count).astype(int)
    return frozenset(sorted(paths)[place] for place in places)


def cut_lessons(
    clips: Sequence[LabelledClip], most_cuts: int, is_cancelled: IsCancelled
) -> Lessons:
    """What the clips give to train on.

    Args:
        clips: at least one.
        most_cuts: people times frames that are kept at most.
        is_cancelled: asked before each clip.

    Raises:
        Cancelled: ``is_cancelled`` said so.
    """
    share = most_cuts / max(1, sum(frames_kept(clip.labels) for clip in clips))
    tracks: list[CutTrack] = []
    places: list[Pixels] = []
    for clip in clips:
        if is_cancelled():
            raise Cancelled
        frames = read_clip(clip.path).frames
        tracks += _tracks_of(clip, frames, share)
        places.append(place_of(frames))
    return Lessons(tracks, places)


def _labelled(
    path: Path, labeller: Labeller, config: CleanConfig, is_cancelled: IsCancelled
) -> LabelledClip:
    clip = read_clip(path, is_cancelled=is_cancelled)
    found = labeller.label(path, clip, is_cancelled)
    if not len(found.boxes_xyxy):
        raise BadInput("nobody_found", "the teacher found nobody")
    labels = cleaned(found, config)
    if frames_kept(labels) < config.least_frames:
        raise BadInput("doubtful", "the teacher is too unsure of what it found")
    return LabelledClip(path, hash_of(path), labels)


def _names(path: Path) -> set[str]:
    """All names by which a clip can be held out."""
    return {path.name, path.stem, take_of(path.name), path.parent.name}


def _too_few(learnt: int, measured: int, skipped: Sequence[tuple[str, str]]) -> str:
    reasons = "; ".join(f"{name}: {why}" for name, why in skipped[:3])
    return (
        "Expected at least one clip with people to learn from and one to measure on, got "
        f"{learnt} and {measured}; {len(skipped)} skipped" + (f" ({reasons})." if reasons else ".")
    )


def _tracks_of(clip: LabelledClip, frames: Pixels, share: float) -> list[CutTrack]:
    boxes, keypoints = clip.labels.boxes_xyxy, clip.labels.keypoints
    tracks = []
    for person in range(len(boxes)):
        present = np.flatnonzero(~np.isnan(boxes[person, :, 0]))
        cuts = tuple(
            cut_out(frames[t], boxes[person, t], keypoints[person, t], int(t))
            for t in present[spread(len(present), share)]
        )
        if cuts:
            tracks.append(CutTrack(f"{clip.path.stem}#{person}", cuts))
    return tracks


def spread(length: int, share: float) -> np.ndarray:
    """Places of so many, in runs of ``RUN``, evenly spread; all of them from a share of 1 on."""
    runs = math.floor(length * share / RUN)
    if share >= 1 or length <= RUN:
        return np.arange(length)
    starts = np.linspace(0, length - RUN, max(1, runs)).astype(int)
    return np.unique((starts[:, None] + np.arange(RUN)).ravel())
