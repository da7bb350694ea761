"""Puts people's edits over a run's skeletons: the same rules as the page's ``skeleton/edited.js``.

Sources are what there is to see: the run's tracks and people whom somebody added. Joints are
edited by source, and changes of tracks say which source a person shows at a frame, so that a swap
takes edited joints along. Needs NumPy only.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Edit = Mapping[str, Any]
Estimate = tuple[int, Floats, Floats]
"""First frame, boxes [n, 4] and joints [n, K, 3] of what a worker found for an added person."""

SCORES = {"seen": 1.0, "occluded": 0.5, "outside": 0.0}
"""Of a joint that a person has placed."""

MARGIN = 0.1
"""Of the box around edited joints, as a share of their extent on each side."""


def edited(
    boxes: Floats,
    keypoints: Floats,
    joints: Sequence[str],
    poses: Iterable[Edit],
    tracks: Iterable[Edit],
    estimates: Mapping[int, Estimate],
) -> tuple[Floats, Floats, list[int]]:
    """Everybody as people left them.

    Args:
        boxes: float32 [P, T, 4] px, NaN where absent.
        keypoints: float32 [P, T, K, 3] x px, y px, score.
        joints: names of the K joints.
        poses: ``person`` (the source), ``frame``, ``joints``, ``keyframe``, ``tween`` of each.
        tracks: ``kind``, ``person``, ``other``, ``frame``, ``box_xyxy``, ``estimate``, ``order``.
        estimates: by id, those that are there.

    Returns:
        Boxes [N, T, 4] and keypoints [N, T, K, 3] of N persons, and their numbers.
    """
    changes = sorted(tracks, key=lambda change: change["order"])
    frames, count = boxes.shape[1], keypoints.shape[2]
    sources = {n: (boxes[n].copy(), keypoints[n].copy()) for n in range(len(boxes))}
    for change in changes:
        if change["kind"] == "add":
            found = estimates.get(change["estimate"] or 0)
            sources[change["person"]] = _added(frames, count, change, found)
    for person, edits in _by_source(poses).items():
        if person in sources:
            _put_joints(*sources[person], joints, edits)
    persons = _everybody(len(boxes), changes)
    shown = [_shown(sources, changes, person, frames, count) for person in persons]
    if not shown:
        return boxes, keypoints, []
    return np.stack([box for box, _ in shown]), np.stack([joint for _, joint in shown]), persons


def sources_of(changes: Sequence[Edit], person: int, frame: int) -> list[int]:
    """Sources that may be a person at a frame, the likeliest first; the latest change first."""
    who = [person]
    for change in reversed(changes):
        if change["frame"] <= frame:
            who = [one for name in who for one in _before(change, name)]
    return who


def _before(change: Edit, who: int) -> list[int]:
    """Who somebody was before a change."""
    kind, person, other = change["kind"], change["person"], change["other"]
    if kind == "delete":
        return [] if who == person else [who]
    if kind == "swap":
        return [{person: other, other: person}.get(who, who)]
    if kind == "merge":
        return [other, person] if who == person else [] if who == other else [who]
    if kind == "split":
        return [person] if who == other else [] if who == person else [who]
    return [who]


def _everybody(tracks: int, changes: Iterable[Edit]) -> list[int]:
    keys = dict.fromkeys(range(tracks))
    for change in changes:
        fresh = {"add": change["person"], "split": change["other"]}.get(change["kind"])
        if fresh is not None:
            keys[fresh] = None
    return list(keys)


def _added(frames: int, count: int, change: Edit, found: Estimate | None) -> tuple[Floats, Floats]:
    """Boxes [T, 4] and joints [T, K, 3] of an added person: the drawn box, and what was found."""
    boxes = np.full((frames, 4), np.nan, np.float32)
    keypoints = np.full((frames, count, 3), np.nan, np.float32)
    if change["box_xyxy"]:
        boxes[change["frame"]] = change["box_xyxy"]
    if found is not None and found[2].shape[1] == count:
        start, there, joints = found
        length = min(len(there), frames - start)
        boxes[start : start + length] = there[:length]
        keypoints[start : start + length] = joints[:length]
    return boxes, keypoints


def _by_source(poses: Iterable[Edit]) -> dict[int, list[Edit]]:
    found: dict[int, list[Edit]] = {}
    for pose in sorted(poses, key=lambda pose: pose["frame"]):
        found.setdefault(pose["person"], []).append(pose)
    return found


def _put_joints(
    boxes: Floats, keypoints: Floats, names: Sequence[str], edits: Sequence[Edit]
) -> None:
    """Write a source's edits, in the order of their frames, over its arrays in place."""
    place = {name: at for at, name in enumerate(names)}
    original = keypoints.copy()
    is_there = np.isfinite(boxes).all(-1)
    stored = {edit["frame"]: edit for edit in edits}
    keyframes = [edit for edit in edits if edit["keyframe"]]
    for edit in edits:
        frame = edit["frame"]
        states = _put(keypoints[frame], edit["joints"], place)
        boxes[frame] = _box(keypoints[frame], states, boxes[frame])
    for before, after in pairwise(keyframes):
        if not after["tween"]:
            continue
        ends = _end(original, before, place), _end(original, after, place)
        moved = [place[name] for name in {*before["joints"], *after["joints"]} if name in place]
        for frame in range(before["frame"] + 1, after["frame"]):
            if frame in stored:
                continue
            share = (frame - before["frame"]) / (after["frame"] - before["frame"])
            between = ends[0][0] + (ends[1][0] - ends[0][0]) * share
            which = np.isfinite(between).all(-1)
            if is_there[frame]:
                only = np.zeros(len(names), bool)
                only[moved] = True
                which &= only
            keypoints[frame, which] = between[which]
            outside = {at for at in np.flatnonzero(which) if ends[0][1].get(at) == "outside"}
            boxes[frame] = _box(keypoints[frame], dict.fromkeys(outside, "outside"), boxes[frame])


def _put(joints: Floats, edited_joints: Edit, place: Mapping[str, int]) -> dict[int, str]:
    """Write joints [K, 3] in place; the state of each that was written."""
    states: dict[int, str] = {}
    for name, (x, y, state) in edited_joints.items():
        if name in place:
            joints[place[name]] = (x, y, SCORES[state])
            states[place[name]] = state
    return states


def _end(original: Floats, edit: Edit, place: Mapping[str, int]) -> tuple[Floats, dict[int, str]]:
    joints = original[edit["frame"]].copy()
    return joints, _put(joints, edit["joints"], place)


def _box(joints: Floats, states: Mapping[int, str], found: Floats) -> Floats:
    """Around the joints that are in the picture, with a margin; ``found`` where there are none."""
    inside = np.isfinite(joints[:, :2]).all(-1)
    inside[[at for at, state in states.items() if state == "outside"]] = False
    if not inside.any():
        return found
    low, high = joints[inside, :2].min(0), joints[inside, :2].max(0)
    margin = MARGIN * (high - low)
    return np.concatenate([low - margin, high + margin]).astype(np.float32)


def _shown(
    sources: Mapping[int, tuple[Floats, Floats]],
    changes: Sequence[Edit],
    person: int,
    frames: int,
    count: int,
) -> tuple[Floats, Floats]:
    """What a person shows in every frame: between two changes it is always the same sources."""
    boxes = np.full((frames, 4), np.nan, np.float32)
    keypoints = np.full((frames, count, 3), np.nan, np.float32)
    edges = sorted({0, frames, *(min(change["frame"], frames) for change in changes)})
    for start, end in pairwise(edges):
        cut = slice(start, end)
        for source in reversed(sources_of(changes, person, start)):
            if source not in sources:
                continue
            found, joints = (array[cut] for array in sources[source])
            # Joints that were all placed outside of the picture have no box.
            there = np.isfinite(found).all(-1) | np.isfinite(joints).any((1, 2))
            boxes[cut][there], keypoints[cut][there] = found[there], joints[there]
    return boxes, keypoints
