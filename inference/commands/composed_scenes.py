"""Scenes of several people with known identities, from a data folder or from renders alone."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from inference.detect import dataset
from inference.errors import BadInput
from inference.poses_file import load_poses
from inference.track.compose import Actor, Scene, compose
from inference.types import Pixels
from inference.video.frames import read_clip
from inference.video.synthetic import render_clip

PEOPLE = (2, 4)
"""Fewest and most people of a scene."""

_LEAST_FRAMES = 25
_MOVING = ("Walk", "Run")
_RENDERED = (
    ("Walk", "Turn"),
    ("Wave", "Walk"),
    ("Run", "Walk"),
    ("Sit", "Stand"),
    ("Pick", "Walk"),
)


def scenes_of(
    data: Path | None, count: int, frames: int, *, split: int | None, seed: int
) -> Iterator[Scene]:
    """Scenes that follow from the seed alone, one at a time.

    Args:
        data: folder with clips and a teacher's skeletons of them; None for renders.
        count: how many.
        frames: length of each.
        split: only people of the takes that this split holds out; None for all.
        seed: chooses people, places and paths.

    Raises:
        BadInput: the folder has too few people.
    """
    clips = _clips(data, split) if data else []
    if data and len(clips) < PEOPLE[1] + 1:
        raise BadInput("no_data", f"Expected clips with people in {data}, found {len(clips)}.")
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        people = PEOPLE[0] + number % (PEOPLE[1] - PEOPLE[0] + 1)
        if data:
            background, actors = _from_data(clips, people, rng)
        else:
            background, actors = _rendered(people, rng)
        yield compose(background, actors, frames, rng)


def _clips(data: Path, split: int | None) -> list[tuple[Path, Path]]:
    takes = dataset.held_out_takes(data, split)
    return dataset.clips_of(data, takes, only=bool(takes))


def _from_data(
    clips: list[tuple[Path, Path]], people: int, rng: np.random.Generator
) -> tuple[Pixels, list[Actor]]:
    """A place without people, and people of different takes where there are enough."""
    order = [clips[i] for i in rng.permutation(len(clips))]
    place = next((c for c, _ in order if c.stem.split("_")[0] in _MOVING), order[0][0])
    actors: list[Actor] = []
    takes: set[str] = set()
    for repeat in (False, True):
        for clip, poses in order:
            take = dataset.take_of(clip.stem)
            if len(actors) == people or (take in takes and not repeat):
                continue
            actor = _actor(clip, poses)
            if actor is not None:
                actors.append(actor)
                takes.add(take)
    return _empty(read_clip(place).frames), actors


def _actor(clip: Path, poses_file: Path) -> Actor | None:
    """The first person of a clip over the longest time without a break; None if that is short."""
    poses = load_poses(poses_file)
    here = poses.tracks.present[0] & ~np.isnan(poses.keypoints[0, :, :, 0]).any(axis=1)
    edges = np.flatnonzero(np.diff(np.r_[False, here, False].astype(int)))
    begin, end = max(edges.reshape(-1, 2).tolist(), key=lambda e: e[1] - e[0], default=(0, 0))
    if end - begin < _LEAST_FRAMES:
        return None
    frames = read_clip(clip).frames
    end = min(end, len(frames))
    span = slice(begin, end)
    return Actor(frames[span], poses.tracks.boxes_xyxy[0, span], poses.keypoints[0, span])


def _rendered(people: int, rng: np.random.Generator) -> tuple[Pixels, list[Actor]]:
    actors = []
    place: Pixels | None = None
    for _ in range(people):
        names = _RENDERED[rng.integers(len(_RENDERED))]
        clip, poses = render_clip(
            [(name, 1.5) for name in names], fps=Fraction(15), seed=int(rng.integers(2**31))
        )
        here = np.flatnonzero(poses.tracks.present[0])
        span = slice(int(here[0]), int(here[-1]) + 1)
        place = _empty(clip.frames) if place is None else place
        actors.append(
            Actor(clip.frames[span], poses.tracks.boxes_xyxy[0, span], poses.keypoints[0, span])
        )
    if place is None:
        raise BadInput("no_data", "Expected at least one person a scene.")
    return place, actors


def _empty(frames: Pixels) -> Pixels:
    """What most frames show: whoever moves is not there."""
    middle = np.median(frames[:: max(1, len(frames) // 24)], axis=0)
    return np.asarray(middle, np.uint8)
