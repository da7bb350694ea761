"""Links detections into tracks of people over a clip.

Sure detections are paired with predicted boxes first and begin tracks; unsure ones then continue
what is left, as in ByteTrack (Zhang et al., 2022). Tracklets of one person that do not overlap in
time are stitched, gaps are filled, boxes smoothed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.track.assign import assign
from inference.track.config import TrackConfig
from inference.track.geometry import Boxes, distances, overlaps, size_ratios
from inference.track.tracklet import Tracklet
from inference.types import Detections, Floats, Tracks

_NEVER = 1e6


def track(
    detections: Sequence[Detections], size: tuple[int, int], config: TrackConfig | None = None
) -> Tracks:
    """Follow the people of a clip.

    Args:
        detections: one for each of T frames.
        size: (width, height) px of the frames; boxes are clipped to it.
        config: thresholds.

    Returns:
        At most ``max_people`` tracks without gaps between first and last box, longest first;
        filled-in boxes are marked ``interpolated`` and carry the scores of their neighbours.
    """
    settings = config or TrackConfig()
    tracklets = _stitch(_link(detections, settings), settings)
    kept = _choose(tracklets, len(detections), settings)
    return _as_tracks(kept, len(detections), size, settings)


def _link(detections: Sequence[Detections], config: TrackConfig) -> list[Tracklet]:
    """Tracklets in order of their beginning."""
    every: list[Tracklet] = []
    active: list[Tracklet] = []
    for frame, found in enumerate(detections):
        active = [t for t in active if frame - t.last <= config.patience]
        sure = np.flatnonzero(found.scores >= config.start_score)
        unsure = np.flatnonzero(found.scores < config.start_score)
        left = _continue(active, found, sure, frame, config)
        waiting = [t for t in active if t.last < frame]
        _continue(waiting, found, unsure, frame, config)
        for index in left:
            fresh = Tracklet()
            fresh.add(frame, _box(found, index), found.scores[index], config.velocity_memory)
            active.append(fresh)
            every.append(fresh)
    return every


def _continue(
    tracklets: Sequence[Tracklet],
    found: Detections,
    indices: npt.NDArray[np.intp],
    frame: int,
    config: TrackConfig,
) -> list[int]:
    """Give detections to tracklets; returns those that nobody took."""
    if not tracklets or not len(indices):
        return [int(i) for i in indices]
    boxes = found.boxes_xyxy[indices].astype(np.float64)
    costs = _costs(np.stack([t.predict(frame) for t in tracklets]), boxes, config)
    taken = set()
    for row, column in assign(costs):
        if costs[row, column] < _NEVER:
            index = int(indices[column])
            score = found.scores[index]
            tracklets[row].add(frame, _box(found, index), score, config.velocity_memory)
            taken.add(index)
    return [int(i) for i in indices if int(i) not in taken]


def _costs(predicted: Boxes, boxes: Boxes, config: TrackConfig) -> Boxes:
    """Low where boxes overlap; middles decide where they do not; never for unlike sizes."""
    overlap, distance = overlaps(predicted, boxes), distances(predicted, boxes)
    alike = size_ratios(predicted, boxes) <= config.size_ratio
    near = (overlap >= config.least_overlap) | ((distance <= config.reach) & alike)
    return np.where(near, 1.0 - overlap + 0.5 * distance, _NEVER)


def _stitch(tracklets: list[Tracklet], config: TrackConfig) -> list[Tracklet]:
    """Join tracklets that follow one another in time and place, the best pair first."""
    pool = list(tracklets)
    while True:
        pairs = [
            (cost, i, j)
            for i, one in enumerate(pool)
            for j, two in enumerate(pool)
            if (cost := _stitch_cost(one, two, config)) < _NEVER
        ]
        if not pairs:
            return pool
        _, i, j = min(pairs)
        joined = pool[i].joined(pool[j])
        pool = [t for k, t in enumerate(pool) if k not in (i, j)] + [joined]


def _stitch_cost(one: Tracklet, two: Tracklet, config: TrackConfig) -> float:
    gap = two.first - one.last
    if not 0 < gap <= config.stitch_gap:
        return _NEVER
    end, begin = one.boxes[-1][None], two.boxes[0][None]
    if size_ratios(end, begin)[0, 0] > config.size_ratio:
        return _NEVER
    expected = one.predict(two.first)[None]
    distance = min(distances(end, begin)[0, 0], distances(expected, begin)[0, 0])
    return float(distance + 0.01 * gap) if distance <= config.stitch_reach else _NEVER


def _choose(tracklets: list[Tracklet], frames: int, config: TrackConfig) -> list[Tracklet]:
    """The longest sure tracklets that are not shadows of better ones."""
    least = max(1, min(config.least_length, (frames + 1) // 2))
    long = [t for t in tracklets if len(t) >= least]
    surest = max((t.certainty for t in long), default=0.0)
    bar = max(config.least_mean_score, config.least_relative_score * surest)
    ranked = sorted(
        (t for t in long if t.certainty >= bar),
        key=lambda t: (-len(t.frames), -sum(t.scores), t.first),
    )
    kept: list[Tracklet] = []
    for tracklet in ranked:
        if all(_shared(tracklet, better) <= config.most_overlap for better in kept):
            kept.append(tracklet)
    return kept[: config.max_people]


def _shared(one: Tracklet, two: Tracklet) -> float:
    """Mean IoU over the frames in which both are seen, weighted by the share of such frames."""
    there = dict(zip(two.frames, two.boxes, strict=True))
    both = [(box, there[f]) for f, box in zip(one.frames, one.boxes, strict=True) if f in there]
    if not both:
        return 0.0
    shared = [float(overlaps(a[None], b[None])[0, 0]) for a, b in both]
    return float(np.mean(shared)) * len(both) / len(one.frames)


def _as_tracks(
    tracklets: list[Tracklet], frames: int, size: tuple[int, int], config: TrackConfig
) -> Tracks:
    boxes = np.full((len(tracklets), frames, 4), np.nan, np.float32)
    scores = np.full((len(tracklets), frames), np.nan, np.float32)
    interpolated = np.zeros((len(tracklets), frames), np.bool_)
    limit = np.array([*size, *size], np.float32) - 0.5
    for person, tracklet in enumerate(tracklets):
        span = np.arange(tracklet.first, tracklet.last + 1)
        edges = np.stack(tracklet.boxes)
        filled = np.stack([np.interp(span, tracklet.frames, edges[:, k]) for k in range(4)], 1)
        boxes[person, span] = np.clip(_smoothed(filled, config.smoothing), -0.5, limit)
        scores[person, span] = np.interp(span, tracklet.frames, tracklet.scores)
        interpolated[person, span] = ~np.isin(span, tracklet.frames)
    return Tracks(boxes, scores, interpolated)


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


def _box(found: Detections, index: int) -> Boxes:
    return np.asarray(found.boxes_xyxy[index], np.float64)


def boxes_by_frame(tracks: Tracks) -> list[Floats]:
    """The boxes [N, 4] of all people present in each frame, for measuring."""
    present = tracks.present
    return [tracks.boxes_xyxy[present[:, t], t] for t in range(tracks.boxes_xyxy.shape[1])]
