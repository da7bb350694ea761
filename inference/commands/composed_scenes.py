"""Scenes of several people with known identities, from a data folder or from renders alone."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from inference.detect import dataset
from inference.detect.cutout import cut_out
from inference.errors import BadInput
from inference.poses_file import load_poses
from inference.track.compose import Actor, Scene, compose
from inference.types import Floats, Pixels
from inference.video.frames import read_clip
from inference.video.synthetic import render_clip

PEOPLE = (2, 4)
"""Fewest and most people of a scene."""

_LEAST_FRAMES = 25
_MOVING = ("Walk", "Run")
_PLACES, _MOST_UNKNOWN = 6, 0.08
_AROUND, _LIFT, _MARGIN = 0.3, 0.45, 0.12
_RENDERED = (
    ("Walk", "Turn"),
    ("Wave", "Walk"),
    ("Run", "Walk"),
    ("Sit", "Stand"),
    ("Pick", "Walk"),
)


def scenes_of(
    data: Path | None,
    count: int,
    frames: int,
    *,
    split: int | None,
    seed: int,
    learnt: bool = False,
) -> Iterator[Scene]:
    """Scenes that follow from the seed alone, one at a time.

    Args:
        data: folder with clips and a teacher's skeletons of them; None for renders.
        count: how many.
        frames: length of each.
        split: only people of the takes that this split holds out; None for all.
        seed: chooses people, places and paths.
        learnt: only people of the other takes: for choosing settings.

    Raises:
        BadInput: the folder has too few people.
    """
    clips = _clips(data, split, learnt=learnt) if data else []
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


def _clips(data: Path, split: int | None, *, learnt: bool) -> list[tuple[Path, Path]]:
    takes = dataset.held_out_takes(data, split)
    return dataset.clips_of(data, takes, only=bool(takes) and not learnt)


def _from_data(
    clips: list[tuple[Path, Path]], people: int, rng: np.random.Generator
) -> tuple[Pixels, list[Actor]]:
    """A place without people, and people of different takes where there are enough."""
    order = [clips[i] for i in rng.permutation(len(clips))]
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
    return _place(order), actors


def _place(clips: list[tuple[Path, Path]]) -> Pixels:
    """The emptied picture of the first clip whose people leave most of it free at some time."""
    tried = sorted(clips[:_PLACES], key=lambda c: c[0].stem.split("_")[0] not in _MOVING)
    found: list[tuple[float, int, Pixels]] = []
    for clip, poses in tried:
        picture, unknown = _empty(read_clip(clip).frames, load_poses(poses).tracks.boxes_xyxy)
        if unknown <= _MOST_UNKNOWN:
            return picture
        found.append((unknown, len(found), picture))
    return min(found)[2]


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
    boxes, joints = poses.tracks.boxes_xyxy[0, span], poses.keypoints[0, span]
    return Actor(frames[span], boxes, joints, _outlines(frames[span], boxes, joints))


def _outlines(frames: Pixels, boxes: Floats, keypoints: Floats) -> Pixels:
    """uint8 [T, H, W]: outlines, each found in every third frame and kept for its neighbours."""
    out = np.zeros(frames.shape[:3], np.uint8)
    for t, (frame, box, joints) in enumerate(zip(frames, boxes, keypoints, strict=True)):
        if t % 3 == 0:
            out[t : t + 3] = _outline(frame, box, joints)
    padded = np.pad(out, ((1, 1), (0, 0), (0, 0)), mode="edge")
    return np.asarray(np.maximum(padded[:-2], padded[2:]))


def _outline(frame: Pixels, box: Floats, joints: Floats) -> Pixels:
    """uint8 [H, W], 255 on the person; all that is near the box where no outline is found."""
    low = np.maximum(np.floor(box[:2] - _AROUND * (box[2:] - box[:2])), 0).astype(int)
    high = np.ceil(box[2:] + _AROUND * (box[2:] - box[:2])).astype(int)
    part = frame[low[1] : high[1], low[0] : high[0]]
    light = np.rint(255 * (part / max(float(part.max()), 1.0)) ** _LIFT).astype(np.uint8)
    moved = joints - np.array([*low, 0], np.float32)
    found = cut_out(light, box - np.tile(low, 2).astype(np.float32), moved)
    out = np.zeros(frame.shape[:2], np.uint8)
    out[low[1] : high[1], low[0] : high[0]] = 255 if found is None else found
    return out


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
        place = _empty(clip.frames, poses.tracks.boxes_xyxy)[0] if place is None else place
        actors.append(
            Actor(clip.frames[span], poses.tracks.boxes_xyxy[0, span], poses.keypoints[0, span])
        )
    if place is None:
        raise BadInput("no_data", "Expected at least one person a scene.")
    return place, actors


def _empty(frames: Pixels, boxes_xyxy: Floats) -> tuple[Pixels, float]:
    """What a clip shows [H, W, 3] without its people [P, T, 4], and the share that is guessed."""
    total = np.zeros(frames.shape[1:], np.float32)
    count = np.zeros(frames.shape[1:3], np.float32)
    for t in range(0, min(len(frames), boxes_xyxy.shape[1]), max(1, len(frames) // 24)):
        free = np.ones(frames.shape[1:3], np.float32)
        for box in boxes_xyxy[~np.isnan(boxes_xyxy[:, t, 0]), t]:
            margin = _MARGIN * (box[2:] - box[:2])
            low = np.maximum(np.floor(box[:2] - margin), 0).astype(int)
            high = np.maximum(np.ceil(box[2:] + margin), 0).astype(int)
            free[low[1] : high[1], low[0] : high[0]] = 0
        total += frames[t] * free[..., None]
        count += free
    unknown = (count == 0).astype(np.uint8)
    mean = np.rint(total / np.maximum(count, 1)[..., None]).astype(np.uint8)
    filled = cv2.inpaint(mean, unknown, 3, cv2.INPAINT_TELEA)
    return np.asarray(filled, np.uint8), float(unknown.mean())
