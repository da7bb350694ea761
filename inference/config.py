"""Everything that decides what the pipeline finds in a clip, in one frozen place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from inference.detect.config import DecodeConfig
from inference.enhance.adaptive import Eyes, Treatment
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
    estimator: EstimatorConfig = field(default_factory=lambda: EstimatorConfig(rivals=3))
    # How skeletons are steadied over time.
    smooth: SmoothConfig = field(default_factory=SmoothConfig)
    # What the networks were trained on, "night" (raw dark frames: ours) or "day"; decides, with
    # each clip's own light and noise, what they get to see. The pose network's is told by how its
    # input is prepared: published networks ("imagenet") know daylight.
    detector_eyes: Eyes = "night"
    # "raw", "gamma", "clahe" or "curve" for all clips; None to decide by measuring each.
    treatment: Treatment | None = None
    # Whether frames are averaged over time where nothing moves; None to decide by each clip's
    # noise.
    average: bool | None = None
    # Seconds from one look of the detector to the next; between them the tracker carries boxes.
    # Where somebody comes or goes it looks at every frame.
    detect_every_s: float = 0.1
    # Boxes stand still for about so many seconds while people are cut out, so that neighbouring
    # skeletons share crops. At 30 frames per second this is 4 frames: a quarter cheaper, calmer,
    # and as near to the teacher (see docs/speed.md). 0: each frame by its own box.
    hold_s: float = 0.13
    # Frames that are worked on at a time; it changes memory and speed, not what is found.
    chunk: int = 32
    # Longest clip, in frames.
    max_frames: int = 36_000
