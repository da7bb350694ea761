"""Everything that decides what the pipeline finds in a clip, in one frozen place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from inference.detect.config import DecodeConfig
from inference.pose.estimator import EstimatorConfig
from inference.pose.smooth import SmoothConfig
from inference.track.config import TrackConfig

WEIGHTS = Path(__file__).parent / "weights"
"""Folder of the weights that come with the library."""


@dataclass(frozen=True)
class PipelineConfig:
    """Weights and settings of all stages."""

    # Weights, each with its card beside it.
    detector: Path = WEIGHTS / "detector.safetensors"
    pose: Path = WEIGHTS / "pose.safetensors"
    action: Path = WEIGHTS / "action.safetensors"
    # How people are read off the detector's maps, followed, and given skeletons.
    decode: DecodeConfig = field(default_factory=DecodeConfig)
    track: TrackConfig = field(default_factory=TrackConfig)
    estimator: EstimatorConfig = field(default_factory=EstimatorConfig)
    # How skeletons are steadied over time.
    smooth: SmoothConfig = field(default_factory=SmoothConfig)
    # Mean luma that frames are lifted to before detection, None for frames as they are. Our own
    # detector takes exposure out by itself.
    detector_luma: float | None = None
    # Seconds from one look of the detector to the next; between them the tracker carries boxes.
    # Where somebody comes or goes it looks at every frame.
    detect_every_s: float = 0.1
    # Frames that are worked on at a time; it changes memory and speed, not what is found.
    chunk: int = 32
    # Longest clip, in frames.
    max_frames: int = 36_000
