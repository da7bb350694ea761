"""A calm box in every frame, from boxes in some of them."""

from __future__ import annotations

import numpy as np

from inference.track.config import TrackConfig
from inference.track.geometry import Boxes
from inference.track.tracklet import Stretch, Tracklet


def stretch_of(
    tracklet: Tracklet,
    frames: tuple[int, int],
    end: int,
    size: tuple[int, int],
    config: TrackConfig,
) -> Stretch | None:
    """The part of a tracklet within a half-open range of frames.

    Between detections boxes are filled in; where the detector does not look at every frame they
    go on for half of the frames that it passes over before the first and after the last.

    Args:
        tracklet: boxes in some frames.
        frames: the range wanted.
        end: first frame that is not known yet.
        size: (width, height) px; boxes are clipped to it.
        config: spread of the smoothing.

    Returns:
        Boxes in all of its frames there, None where there are none.
    """
    around = (config.every - 1) // 2
    low = max(frames[0], tracklet.first - around, 0)
    high = min(frames[1], tracklet.last + around + 1, end)
    if low >= high:
        return None
    radius = max(1, round(3 * config.smoothing))
    near = tracklet.cut(low, high, radius)
    span = np.arange(max(tracklet.first, low - radius), min(tracklet.last + 1, high + radius))
    span = span if len(span) else np.array([min(max(low, tracklet.first), tracklet.last)])
    edges = np.stack(near.boxes)
    filled = np.stack([np.interp(span, near.frames, edges[:, k]) for k in range(4)], axis=1)
    calm = _smoothed(filled, config.smoothing)
    wanted = np.arange(low, high, dtype=np.int64)
    limit = np.array([*size, *size]) - 0.5
    detected = [f for f, c in zip(near.frames, near.carried, strict=True) if not c]
    return Stretch(
        frames=wanted,
        boxes_xyxy=np.clip(calm[np.clip(wanted - span[0], 0, len(span) - 1)], -0.5, limit),
        scores=np.interp(wanted, near.frames, near.scores),
        interpolated=~np.isin(wanted, detected),
    )


def _smoothed(edges: Boxes, spread: float) -> Boxes:
    """[T, 4] averaged over time with a bell; the ends are continued evenly."""
    if spread <= 0 or len(edges) < 3:
        return edges
    radius = max(1, round(3 * spread))
    bell = np.exp(-0.5 * (np.arange(-radius, radius + 1) / spread) ** 2)
    bell = bell / bell.sum()
    padded = np.pad(edges, ((radius, radius), (0, 0)), mode="edge")
    calm = [np.convolve(padded[:, k], bell, mode="valid") for k in range(4)]
    return np.asarray(np.stack(calm, axis=1))
