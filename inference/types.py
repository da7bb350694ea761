"""What stages hand to each other: frozen, checked at the border.

Letters for axes: T frames, P people, K joints, S segments, L labels, C channels, H, W.
Frame ranges are half-open: ``[start_frame, end_frame)``. Pixels have their origin in the
middle of the top left pixel, x to the right, y down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from inference.errors import BadInput, ModelError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Pixels = npt.NDArray[np.uint8]

Progress = Callable[[str, float], None]
"""Called as ``progress(stage, fraction)`` with fraction in 0..1 of that stage."""

IsCancelled = Callable[[], bool]
"""Asked between batches; a true answer makes the work raise ``Cancelled``."""


def no_progress(stage: str, fraction: float) -> None:
    """A progress callback for callers that do not watch."""


def never_cancelled() -> bool:
    """A cancel callback for callers that never stop the work."""
    return False


@dataclass(frozen=True)
class FrameTable:
    """The one frame index of a clip, in presentation order.

    Attributes:
        pts: int64 [T], strictly increasing presentation stamps, in units of ``time_base``.
        end_pts: stamp at which the last frame ends.
        time_base: seconds a unit of ``pts``.
        fps: average frame rate.
        variable: true where the frames are not evenly spaced.
    """

    pts: Ints
    end_pts: int
    time_base: Fraction
    fps: Fraction
    variable: bool = False

    def __post_init__(self) -> None:
        if self.pts.ndim != 1 or len(self.pts) == 0:
            raise BadInput("no_frames", "Expected at least one video frame, found none.")
        if np.any(np.diff(self.pts) <= 0) or self.end_pts <= self.pts[-1]:
            raise ModelError("bad_frame_table", "Presentation stamps must increase strictly.")

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def times_s(self) -> npt.NDArray[np.float64]:
        """float64 [T]: start of each frame in seconds, the first frame at its own stamp."""
        return self.pts.astype(np.float64) * float(self.time_base)

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame's start to the last frame's end."""
        return float((self.end_pts - int(self.pts[0])) * self.time_base)


@dataclass(frozen=True)
class Clip:
    """A whole decoded clip in memory.

    Attributes:
        path: where it came from.
        frames: uint8 [T, H, W, 3] RGB, upright (rotation metadata applied), untouched otherwise.
        table: stamp of each frame.
    """

    path: str
    frames: Pixels
    table: FrameTable

    def __post_init__(self) -> None:
        expect(self.frames, (len(self.table), None, None, 3), np.uint8, "frames")

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return int(self.frames.shape[2]), int(self.frames.shape[1])


@dataclass(frozen=True)
class Detections:
    """People found in one frame.

    Attributes:
        boxes_xyxy: float32 [N, 4] px.
        scores: float32 [N] in 0..1.
    """

    boxes_xyxy: Floats
    scores: Floats

    def __post_init__(self) -> None:
        expect(self.boxes_xyxy, (None, 4), np.float32, "boxes_xyxy")
        expect(self.scores, (len(self.boxes_xyxy),), np.float32, "scores")


@dataclass(frozen=True)
class Tracks:
    """The same people followed over a clip, longest first.

    Attributes:
        boxes_xyxy: float32 [P, T, 4] px, NaN where the person is absent.
        scores: float32 [P, T] detector score, NaN where absent.
        interpolated: bool [P, T], true where the box was filled in between detections.
    """

    boxes_xyxy: Floats
    scores: Floats
    interpolated: Bools

    def __post_init__(self) -> None:
        expect(self.boxes_xyxy, (None, None, 4), np.float32, "boxes_xyxy")
        expect(self.scores, self.boxes_xyxy.shape[:2], np.float32, "scores")
        expect(self.interpolated, self.boxes_xyxy.shape[:2], np.bool_, "interpolated")

    def __len__(self) -> int:
        return len(self.boxes_xyxy)

    @property
    def present(self) -> Bools:
        """bool [P, T]: where the person has a box."""
        return ~np.isnan(self.boxes_xyxy[..., 0])

    def frame_range(self, person: int) -> tuple[int, int]:
        """The half-open range from the person's first to last box."""
        frames = np.flatnonzero(self.present[person])
        return int(frames[0]), int(frames[-1]) + 1


@dataclass(frozen=True)
class Poses:
    """Tracks with a skeleton in every frame where the person is present.

    Attributes:
        tracks: who is where.
        keypoints: float32 [P, T, K, 3]: x px, y px, score 0..1; NaN where absent.
        skeleton: name of the joint order, see ``inference.skeleton``.
        fps: average frame rate of the clip.
        size: (width, height) px of the clip.
        times_s: float64 [T]: start of each frame in seconds.
        exposure: for each network, ``detector`` and ``pose``, how the frames were treated that it
            saw and what was measured to decide that (``inference.enhance.adaptive.Decision``);
            empty where that is unknown.
    """

    tracks: Tracks
    keypoints: Floats
    skeleton: str
    fps: Fraction
    size: tuple[int, int]
    times_s: npt.NDArray[np.float64]
    exposure: Mapping[str, Mapping[str, float | str | bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        people, frames = self.tracks.boxes_xyxy.shape[:2]
        expect(self.keypoints, (people, frames, None, 3), np.float32, "keypoints")
        expect(self.times_s, (frames,), np.float64, "times_s")


@dataclass(frozen=True)
class Segment:
    """A stretch of one person's track and what the classifier says of it."""

    start_frame: int
    end_frame: int
    label: str
    probabilities: dict[str, float]


@dataclass(frozen=True)
class TrackPrediction:
    """One person of a clip with all their segments."""

    track: int
    start_frame: int
    end_frame: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Prediction:
    """What a clip shows; ``label`` is None where nobody was found."""

    path: str
    frames: int
    fps: Fraction
    size: tuple[int, int]
    tracks: tuple[TrackPrediction, ...]
    label: str | None
    probabilities: dict[str, float]
    timings_s: dict[str, float] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    exposure: Mapping[str, Mapping[str, float | str | bool]] = field(default_factory=dict)


def expect(
    array: npt.NDArray[np.generic],
    shape: tuple[int | None, ...],
    dtype: type[np.generic],
    name: str,
) -> None:
    """Check an array at a stage's border.

    Args:
        shape: wanted sizes, None where any size serves.

    Raises:
        ModelError: the array's shape or dtype differs; says what was expected and what came.
    """
    fits = array.ndim == len(shape) and all(
        want is None or want == got for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype != dtype:
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ModelError(
            "bad_array",
            f"{name}: expected {dtype.__name__} [{wanted}], got {array.dtype} {list(array.shape)}.",
        )
