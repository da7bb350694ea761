"""Cuts tracks into spans and brings each to one form, so that clips can be compared.

A span of any frame rate, resolution or distance to the camera becomes a ``Window``: joints at
a fixed rate in time, gaps filled, measured in body lengths from where the hips were.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from inference.errors import ModelError
from inference.skeleton import COCO17, convert, skeleton_named
from inference.types import Bools, Floats, Ints, Poses

Array = npt.NDArray[np.float64]

SHOULDERS = (5, 6)
HIPS = (11, 12)
JOINTS = len(COCO17)


@dataclass(frozen=True)
class WindowConfig:
    """How tracks are cut and brought to one form."""

    whole_s: float = 4.0  # tracks up to this long are one span
    piece_s: float = 2.0  # longer ones are cut into equal pieces of about this length
    stride_s: float = 0.5  # windows over a longer one begin and end about so far apart
    lengths_s: tuple[float, ...] = (1.5, 2.0, 2.5, 3.0)  # of these windows
    away_s: float = 1.0  # no window reaches over an absence of at least this length
    least_stay_s: float = 0.5  # stays between absences that are shorter get no label
    rate_hz: float = 20.0  # samples a second of a window
    smooth_s: float = 0.05  # standard deviation of the smoothing in time
    least_torso: float = 0.15  # body scale is at least this share of the box's height


DEFAULT = WindowConfig()


@dataclass(frozen=True)
class SegmentSpan:
    """Frames ``[start_frame, end_frame)`` of one person of a clip."""

    person: int
    start_frame: int
    end_frame: int


@dataclass(frozen=True)
class Window:
    """One span in a common form; R samples at ``rate_hz``, K = 17 joints in COCO's order.

    Attributes:
        joints: float64 [R, K, 2] in torso lengths, origin at the median of the hips, y down.
        scores: float64 [R, K] in 0..1, 0 where the joint was not seen.
        boxes: float64 [R, 4] centre x, centre y, width, height in torso lengths, same origin.
        rate_hz: samples a second.
        duration_s: length of the span.
        coverage: share of the span's frames in which the person is there.
    """

    joints: Array
    scores: Array
    boxes: Array
    rate_hz: float
    duration_s: float
    coverage: float


def segments_of(poses: Poses, config: WindowConfig = DEFAULT) -> list[SegmentSpan]:
    """Cut every track of a clip into the spans that get a label.

    Args:
        poses: P people of a clip.
        config: lengths in seconds.

    Returns:
        Spans by person, then time. They cover each track from its first to its last box: a track
        of at most ``whole_s`` is one span, a longer one equal pieces, without those in which the
        person is away all the time.
    """
    spans: list[SegmentSpan] = []
    for person in range(len(poses.tracks)):
        if not poses.tracks.present[person].any():
            continue
        start, end = poses.tracks.frame_range(person)
        cuts = _cuts(_edges(poses, start, end), config)
        pieces = [SegmentSpan(person, start + a, start + b) for a, b in pairwise(cuts)]
        there = poses.tracks.present[person]
        spans += [piece for piece in pieces if there[piece.start_frame : piece.end_frame].any()]
    return spans


@dataclass(frozen=True)
class Lattice:
    """Windows of several lengths over one stay.

    Attributes:
        stay: the person and the frames.
        edges: int64 [C + 1] frames at which a segment may begin or end, evenly spaced in time.
        windows: int64 [N, 2] half-open ranges of the C cells between them; touching windows lead
            from the first cell to the last.
        seconds: float32 [N] length of each.
    """

    stay: SegmentSpan
    edges: Ints
    windows: Ints
    seconds: Floats

    @property
    def spans(self) -> list[SegmentSpan]:
        """The windows as spans of frames."""
        return [self.span(int(start), int(end)) for start, end in self.windows]

    def span(self, start: int, end: int) -> SegmentSpan:
        """The frames of the cells ``[start, end)``."""
        return SegmentSpan(self.stay.person, int(self.edges[start]), int(self.edges[end]))


def stays_of(poses: Poses, config: WindowConfig = DEFAULT) -> list[SegmentSpan]:
    """Where people are there without a long break, by person, then time.

    A track of at most ``whole_s`` is one stay, breaks and all. Longer ones are parted where the
    person is away for ``away_s``; of these, stays shorter than ``least_stay_s`` are left out,
    unless there is no other.
    """
    return [
        SegmentSpan(person, start, end)
        for person in range(len(poses.tracks))
        if poses.tracks.present[person].any()
        for start, end in _stays(poses, person, config)
    ]


def lattice(poses: Poses, stay: SegmentSpan, config: WindowConfig = DEFAULT) -> Lattice:
    """Lay windows over a stay; over one of at most ``whole_s`` a single one.

    Args:
        poses: the clip's people.
        stay: at least one frame of one of them, see ``stays_of``.
        config: lengths in seconds.

    Raises:
        ModelError: the stay lies outside the clip or the person does not exist.
    """
    _check(poses, stay)
    edges = _edges(poses, stay.start_frame, stay.end_frame)
    duration_s = float(edges[-1] - edges[0])
    cuts = _even_cuts(edges, min(round(duration_s / config.stride_s), len(edges) - 1))
    lengths = sorted({max(1, round(length / config.stride_s)) for length in config.lengths_s})
    cells = len(cuts) - 1
    if duration_s <= config.whole_s + 1e-6 or cells < 2 * lengths[0]:
        cuts, cells, lengths = np.array([0, len(edges) - 1]), 1, [1]
    pairs = [(start, start + n) for start in range(cells) for n in lengths if start + n <= cells]
    windows = np.array(pairs, np.int64)
    seconds = (edges[cuts[windows[:, 1]]] - edges[cuts[windows[:, 0]]]).astype(np.float32)
    return Lattice(stay, (cuts + stay.start_frame).astype(np.int64), windows, seconds)


def parts_of(poses: Poses, span: SegmentSpan, config: WindowConfig = DEFAULT) -> list[SegmentSpan]:
    """The parts whose vectors' mean describes a span.

    A short track, and a part of a longer one that is no longer than the longest window, is
    described as it is; anything longer by equal pieces of about ``piece_s``, for heads have never
    seen a walk of half a minute. Pieces without the person are left out, if there are others.
    """
    _check(poses, span)
    edges = _edges(poses, span.start_frame, span.end_frame)
    there = poses.tracks.present[span.person]
    longest_s = max(config.lengths_s) + 0.5 * config.stride_s
    is_long = edges[-1] - edges[0] > longest_s and there.any()
    if not is_long or _is_short(poses, span.person, config):
        return [span]
    cuts = _equal_cuts(edges, config)
    parts = [
        SegmentSpan(span.person, span.start_frame + a, span.start_frame + b)
        for a, b in pairwise(cuts)
    ]
    return [part for part in parts if there[part.start_frame : part.end_frame].any()] or [span]


def normalise(poses: Poses, span: SegmentSpan, config: WindowConfig = DEFAULT) -> Window:
    """Bring one span to the common form.

    Args:
        poses: the clip's people, any skeleton that converts to COCO-17.
        span: at least one frame of one of them.

    Returns:
        The window, finite everywhere; all zeros where the person is nowhere in the span.

    Raises:
        ModelError: the span lies outside the clip or the person does not exist.
    """
    _check(poses, span)
    edges = _edges(poses, span.start_frame, span.end_frame)
    duration_s = float(edges[-1] - edges[0])
    boxes, keypoints, present = _cut_out(poses, span)
    samples = max(1, round(duration_s * config.rate_hz))
    if not present.any():
        zeros = np.zeros((samples, JOINTS))
        return Window(
            np.zeros((samples, JOINTS, 2)),
            zeros,
            np.zeros((samples, 4)),
            config.rate_hz,
            duration_s,
            0.0,
        )
    times = (edges[:-1] - edges[0])[present]
    middles = (np.arange(samples) + 0.5) / config.rate_hz
    grid = np.asarray(middles - 0.5 * duration_s / len(present), dtype=np.float64)
    xy, scores = _resample_joints(keypoints[present], boxes[present], times, grid, config)
    frame_boxes = _resample(boxes[present], np.ones(len(times)), times, grid, config)
    return _in_body_units(xy, scores, frame_boxes, duration_s, float(present.mean()), config)


def _edges(poses: Poses, start: int, end: int) -> Array:
    """float64 [end - start + 1]: starts of these frames and the end of the last, in seconds."""
    times = poses.times_s
    if end < len(times):
        return np.asarray(times[start : end + 1])
    last = float(np.median(np.diff(times))) if len(times) > 1 else float(1 / poses.fps)
    return np.append(times[start:], times[-1] + last)


def _is_short(poses: Poses, person: int, config: WindowConfig) -> bool:
    """Whether a person's track is one span, whatever happens in it."""
    edges = _edges(poses, *poses.tracks.frame_range(person))
    return float(edges[-1] - edges[0]) <= config.whole_s + 1e-6


def _cuts(edges: Array, config: WindowConfig) -> list[int]:
    """Frame offsets at which a track with these frame edges is cut, ends included."""
    frames = len(edges) - 1
    duration_s = float(edges[-1] - edges[0])
    if duration_s <= config.whole_s + 1e-6:
        return [0, frames]
    return _equal_cuts(edges, config)


def _equal_cuts(edges: Array, config: WindowConfig) -> list[int]:
    """Frame offsets that part frames with these edges into pieces of about ``piece_s``."""
    pieces = max(1, round(float(edges[-1] - edges[0]) / config.piece_s))
    return [int(cut) for cut in _even_cuts(edges, pieces)]


def _even_cuts(edges: Array, pieces: int) -> Ints:
    """Frame offsets nearest to evenly spaced times, both ends included, none twice."""
    wanted = np.linspace(edges[0], edges[-1], max(1, pieces) + 1)
    after = np.clip(np.searchsorted(edges, wanted), 1, len(edges) - 1)
    nearer = wanted - edges[after - 1] <= edges[after] - wanted
    return np.unique(np.where(nearer, after - 1, after)).astype(np.int64)


def _stays(poses: Poses, person: int, config: WindowConfig) -> list[tuple[int, int]]:
    """Half-open frame ranges of a person's stays."""
    frames = np.flatnonzero(poses.tracks.present[person])
    first, last = int(frames[0]), int(frames[-1]) + 1
    if _is_short(poses, person, config):
        return [(first, last)]
    edges = _edges(poses, 0, last)
    breaks = np.flatnonzero(edges[frames[1:]] - edges[frames[:-1] + 1] >= config.away_s - 1e-6)
    starts, ends = [first, *frames[breaks + 1]], [*(frames[breaks] + 1), last]
    stays = [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]
    long = [(a, b) for a, b in stays if edges[b] - edges[a] >= config.least_stay_s - 1e-6]
    return long or [max(stays, key=lambda stay: stay[1] - stay[0])]


def _check(poses: Poses, span: SegmentSpan) -> None:
    people, frames = poses.keypoints.shape[:2]
    if not 0 <= span.person < people or not 0 <= span.start_frame < span.end_frame <= frames:
        raise ModelError(
            "bad_span",
            f"Expected a span of at least one frame within {people} people and {frames} frames, "
            f"got person {span.person}, frames {span.start_frame} to {span.end_frame}.",
        )


def _cut_out(poses: Poses, span: SegmentSpan) -> tuple[Floats, Floats, Bools]:
    """Boxes [n, 4] as corners, joints [n, 17, 3] in COCO's order, bool [n] where both are."""
    cut = slice(span.start_frame, span.end_frame)
    keypoints = poses.keypoints[span.person, cut]
    if poses.skeleton != COCO17.name:
        keypoints = convert(keypoints, skeleton_named(poses.skeleton), COCO17)
    boxes = poses.tracks.boxes_xyxy[span.person, cut]
    seen = np.isfinite(keypoints[..., :2]).all(-1).any(-1)
    present: Bools = np.asarray(np.isfinite(boxes).all(-1) & seen)
    return boxes, keypoints, present


def _resample_joints(
    keypoints: Floats, boxes: Floats, times: Array, grid: Array, config: WindowConfig
) -> tuple[Array, Array]:
    """Joints [n, K, 3] at ``times`` as places [R, K, 2] and scores [R, K] at ``grid``."""
    places = np.zeros((len(grid), JOINTS, 2))
    scores = np.zeros((len(grid), JOINTS))
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    for joint in range(JOINTS):
        track = keypoints[:, joint].astype(np.float64)
        seen = np.isfinite(track).all(-1)
        if not seen.any():
            places[:, joint] = _resample(middle, np.ones(len(times)), times, grid, config)
            continue
        weight = np.clip(track[seen, 2], 0, 1) ** 2 + 1e-3
        places[:, joint] = _resample(track[seen, :2], weight, times[seen], grid, config)
        scores[:, joint] = np.interp(grid, times, np.where(seen, np.nan_to_num(track[:, 2]), 0.0))
    return places, scores


def _resample(
    values: npt.NDArray[np.floating], weight: Array, times: Array, grid: Array, config: WindowConfig
) -> Array:
    """Smooth [n, D] with weights [n], then read it at ``grid``; straight lines across gaps."""
    kernel = np.exp(-0.5 * ((times[:, None] - times[None]) / config.smooth_s) ** 2) * weight
    smooth = kernel @ values.astype(np.float64) / kernel.sum(1, keepdims=True)
    return np.stack([np.interp(grid, times, column) for column in smooth.T], axis=-1)


def _in_body_units(
    xy: Array, scores: Array, boxes: Array, duration_s: float, coverage: float, config: WindowConfig
) -> Window:
    """Move the origin to the median of the hips and divide by the length of the torso."""
    hips, shoulders = xy[:, HIPS].mean(1), xy[:, SHOULDERS].mean(1)
    torso = float(np.percentile(np.linalg.norm(hips - shoulders, axis=-1), 75))
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    scale = max(torso, config.least_torso * height, 1.0)
    origin = np.median(hips, axis=0)
    corners = (boxes.reshape(-1, 2, 2) - origin) / scale
    centred = np.concatenate([corners.mean(1), corners[:, 1] - corners[:, 0]], axis=-1)
    return Window((xy - origin) / scale, scores, centred, config.rate_hz, duration_s, coverage)
