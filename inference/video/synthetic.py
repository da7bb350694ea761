"""Renders clips of a figure acting in a dark room, with its true skeleton: for demo and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from inference.errors import BadInput, Cancelled
from inference.skeleton import COCO17
from inference.types import (
    Clip,
    Floats,
    FrameTable,
    IsCancelled,
    Pixels,
    Poses,
    Progress,
    Tracks,
    never_cancelled,
    no_progress,
)
from inference.video.coded import code_frame, coded_clip, read_code
from inference.video.proxy import write_frames
from inference.video.scene.body import Joints, Proportions, place_joints
from inference.video.scene.camera import Camera
from inference.video.scene.figure import Cone, cones_of, random_clothes
from inference.video.scene.motions import MOTIONS, State, check_actions, perform
from inference.video.scene.paint import Canvas, empty_canvas, paint_body, paint_shadow
from inference.video.scene.room import (
    Backdrop,
    Block,
    Lamp,
    chair,
    look_at,
    random_blocks,
    random_lamp,
)
from inference.video.scene.sensor import Sensor, develop, random_sensor

__all__ = [
    "ACTIONS",
    "code_frame",
    "coded_clip",
    "read_code",
    "render_clip",
    "write_video",
]

ACTIONS = tuple(MOTIONS)
"""Names of the actions that can be rendered: the eleven of ARID."""

_OVERSAMPLING = 2
_MAX_FRAMES = 20_000
_X264 = {"preset": "medium", "crf": "16", "x264-params": "aq-mode=3"}


@dataclass(frozen=True)
class _Scene:
    """Everything that stays the same over a clip."""

    camera: Camera
    backdrop: Backdrop
    lamp: Lamp
    sensor: Sensor
    body: Proportions
    cones: list[Cone]
    weave: Floats


def render_clip(
    actions: Sequence[tuple[str, float]],
    *,
    size: tuple[int, int] = (320, 240),
    fps: Fraction = Fraction(30),
    seed: int = 0,
    darkness: float = 0.8,
    progress: Progress = no_progress,
    is_cancelled: IsCancelled = never_cancelled,
) -> tuple[Clip, Poses]:
    """Render one person who does some actions one after the other.

    Place, light, body, clothes, manner and noise all follow from the seed.

    Args:
        actions: (name, seconds) in order; names in ``ACTIONS``.
        size: (width, height) px, at least 32 x 32.
        fps: frame rate.
        seed: the same seed gives the same clip.
        darkness: 0 is a well-lit room, 0.8 as dark as ARID's clips, 1 black.
        progress: told about the stage ``"render"``.
        is_cancelled: asked before each frame.

    Returns:
        The clip (uint8 frames) and its true people: one track whose boxes enclose the drawn body,
        with COCO joints of score 1, or 0 for joints outside the picture.

    Raises:
        BadInput: unknown actions, lengths or sizes that make no sense.
        Cancelled: the caller asked to stop.
    """
    total = _frame_count(actions, size, fps)
    rng = np.random.default_rng(seed)
    distance = float(rng.uniform(2.2, 4.6))
    start = (float(rng.uniform(-0.25, 0.25)) * distance, distance)
    times = [float(i / fps) for i in range(total)]
    states = perform(actions, times, rng, start=start, reach=0.28 * start[1])
    scene = _scene(rng, size, states, actions, darkness)
    frames = np.empty((total, size[1], size[0], 3), np.uint8)
    boxes = np.full((1, total, 4), np.nan, np.float32)
    keypoints = np.full((1, total, len(COCO17), 3), np.nan, np.float32)
    for i, state in enumerate(states):
        if is_cancelled():
            raise Cancelled()
        joints = place_joints(scene.body, state.posture, state.position, state.yaw)
        frames[i], boxes[0, i] = _render(scene, joints, rng)
        if not np.isnan(boxes[0, i, 0]):
            keypoints[0, i] = _true_keypoints(joints, scene.camera)
        progress("render", (i + 1) / total)
    table = FrameTable(np.arange(total, dtype=np.int64), total, 1 / fps, fps)
    return Clip("rendered", frames, table), _poses(boxes, keypoints, fps, size, table)


def write_video(path: str | Path, clip: Clip, *, crf: int = 16) -> None:
    """Write a clip as MP4 (H.264), stamps kept; odd sizes gain one column or row.

    Args:
        path: file to make.
        clip: frames and stamps.
        crf: quality of libx264, lower is better.

    Raises:
        TransientError: the file cannot be written.
    """
    write_frames(path, iter(clip.frames), clip.table, options={**_X264, "crf": str(crf)})


def _frame_count(actions: Sequence[tuple[str, float]], size: tuple[int, int], fps: Fraction) -> int:
    check_actions(actions)
    if min(size) < 32 or max(size) > 4096:
        raise BadInput("bad_size", f"Expected sides of 32 to 4096 px, got {size[0]} x {size[1]}.")
    total = round(sum(seconds for _, seconds in actions) * fps)
    if not 1 <= total <= _MAX_FRAMES:
        raise BadInput("bad_length", f"Expected 1 to {_MAX_FRAMES} frames, got {total}.")
    return total


def _scene(
    rng: np.random.Generator,
    size: tuple[int, int],
    states: Sequence[State],
    actions: Sequence[tuple[str, float]],
    darkness: float,
) -> _Scene:
    camera = Camera(
        width=size[0],
        height=size[1],
        focal=float(max(size[0], 4 / 3 * size[1]) * rng.uniform(0.85, 1.1)),
        above=float(rng.uniform(1.1, 1.9)),
        down=float(rng.uniform(0.0, 0.2)),
    ).enlarged(_OVERSAMPLING)
    body = Proportions(height=float(rng.uniform(1.55, 1.88)), build=float(rng.uniform(0.88, 1.18)))
    clothes = random_clothes(rng)
    lamp = random_lamp(rng)
    farthest = max(state.position[1] for state in states)
    behind = farthest + 0.5
    blocks = random_blocks(rng, behind + float(rng.uniform(0.4, 3.5)), behind)
    blocks += _chairs(rng, states, actions, body)
    backdrop = look_at(blocks, lamp, camera, rng)
    sensor = random_sensor(rng, backdrop.radiance, darkness)
    weave = rng.standard_normal((64, 64)).astype(np.float32)
    return _Scene(camera, backdrop, lamp, sensor, body, cones_of(body, clothes), weave)


def _chairs(
    rng: np.random.Generator,
    states: Sequence[State],
    actions: Sequence[tuple[str, float]],
    body: Proportions,
) -> list[Block]:
    """A chair where somebody sits, at the lowest that the pelvis gets."""
    if not {"Sit", "Stand"} & {name for name, _ in actions}:
        return []
    heights = [
        place_joints(body, s.posture, s.position, s.yaw)["pelvis"][1] - s.posture.air
        for s in states
    ]
    lowest = int(np.argmin(heights))
    state = states[lowest]
    return chair(rng, state.position, state.yaw, heights[lowest] - body.of(0.06))


def _render(scene: _Scene, joints: Joints, rng: np.random.Generator) -> tuple[Pixels, Floats]:
    """One frame uint8 [H, W, 3] and the body's box [4], NaN where it is out of sight."""
    canvas = empty_canvas(scene.backdrop)
    paint_shadow(canvas, scene.backdrop, scene.camera, joints)
    paint_body(canvas, scene.camera, joints, scene.cones, scene.lamp, scene.weave)
    size = (scene.camera.width // _OVERSAMPLING, scene.camera.height // _OVERSAMPLING)
    radiance = cv2.resize(canvas.radiance, size, interpolation=cv2.INTER_AREA)
    return develop(np.asarray(radiance, np.float32), scene.sensor, rng), _box(canvas)


def _box(canvas: Canvas) -> Floats:
    rows, columns = np.flatnonzero(canvas.covered.any(1)), np.flatnonzero(canvas.covered.any(0))
    if not len(rows):
        return np.full(4, np.nan, np.float32)
    edges = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    return np.asarray(edges / _OVERSAMPLING - 0.5, np.float32)


def _true_keypoints(joints: Joints, camera: Camera) -> Floats:
    """float32 [17, 3]: x px, y px of the picture, score 1 inside it and 0 outside."""
    seen = camera.project(np.stack([joints[name] for name in COCO17.joints]))
    x, y = ((seen[:, axis] + 0.5) / _OVERSAMPLING - 0.5 for axis in (0, 1))
    width, height = camera.width / _OVERSAMPLING, camera.height / _OVERSAMPLING
    inside = (x >= -0.5) & (x < width - 0.5) & (y >= -0.5) & (y < height - 0.5)
    return np.stack([x, y, inside], axis=1).astype(np.float32)


def _poses(
    boxes: Floats, keypoints: Floats, fps: Fraction, size: tuple[int, int], table: FrameTable
) -> Poses:
    scores = np.where(np.isnan(boxes[..., 0]), np.nan, 1.0).astype(np.float32)
    tracks = Tracks(boxes, scores, np.zeros(scores.shape, np.bool_))
    return Poses(tracks, keypoints, COCO17.name, fps, size, table.times_s)
