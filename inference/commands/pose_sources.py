"""Gathers what the pose network is trained on; the only place where pose and video meet for it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from inference.pose import dataset
from inference.pose.cuts import CutTrack, cut_out
from inference.pose.mix import Source
from inference.types import Pixels
from inference.video.frames import read_clip
from inference.video.synthetic import ACTIONS, render_clip

TEACHER_SMOOTHING = 1.0
"""Deviation in frames of the average over time that the teacher's keypoints go through."""

RENDER_FPS = Fraction(15)
RENDER_FRAMES = 6


def read_frames(path: Path) -> Pixels:
    """Frames of a clip, uint8 [T, H, W, 3] RGB."""
    return read_clip(path).frames


def gather(
    data: Path,
    *,
    hold_out: frozenset[str],
    arid_share: float,
    people: Sequence[str],
    renders: int,
    renders_share: float,
) -> list[Source]:
    """Dark clips, bright pictures and renders.

    Args:
        data: folder, see ``inference.pose.dataset``.
        hold_out: takes that are never trained on.
        arid_share: share of dark clips in a batch.
        people: sets of bright pictures, which take what the others leave.
        renders: number of rendered scenes.
        renders_share: their share of a batch.
    """
    clips = dataset.load_clips(data, read_frames, hold_out=hold_out, smooth=TEACHER_SMOOTHING)
    rendered = renders_share if renders else 0.0
    sources = [
        Source("arid", clips, arid_share, bright=False),
        Source("people", dataset.load_people(data, people), 1 - arid_share - rendered, bright=True),
        Source("renders", rendered_tracks(renders), rendered, bright=False),
    ]
    for source in sources:
        cuts = sum(len(track.cuts) for track in source.tracks)
        print(f"{source.name}: {len(source.tracks)} tracks, {cuts} cuts", flush=True)
    return sources


def rendered_tracks(count: int) -> list[CutTrack]:
    """Short renders of scenes 0 to count - 1, with their true joints."""
    tracks = []
    for seed in range(count):
        rng = np.random.default_rng([7, seed])
        clip, poses = render_clip(
            [(ACTIONS[seed % len(ACTIONS)], RENDER_FRAMES / float(RENDER_FPS))],
            fps=RENDER_FPS,
            seed=1_000_000 + seed,
            darkness=float(rng.uniform(0.2, 0.85)),
        )
        boxes = poses.tracks.boxes_xyxy[0]
        # At this frame rate a step is as long as two frames of an ordinary clip.
        cuts = tuple(
            cut_out(clip.frames[t], boxes[t], poses.keypoints[0, t], 2 * int(t))
            for t in np.flatnonzero(~np.isnan(boxes[:, 0]))
        )
        if cuts:
            tracks.append(CutTrack(f"render {seed}", cuts))
    return tracks
