"""What an adaptation may be told, and what it tells in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inference.errors import BadInput
from inference.pose.mix import MixConfig, Source


@dataclass(frozen=True)
class CleanConfig:
    """Which of the teacher's joints are believed; distances in torso lengths."""

    # Joints with a lower score are not learnt from.
    least_score: float = 0.3
    # Most distance between a joint and the same joint found in the mirror image.
    mirror_tolerance: float = 0.25
    # Most distance between a joint and the median of its neighbours in time, and how many
    # frames on each side those are.
    time_tolerance: float = 0.25
    time_reach: int = 2
    # Frames on each side that the smoothing over time looks at, 0 for none.
    smoothing_reach: int = 3
    # Fewer believed joints in a frame and the frame is left out.
    least_joints: int = 6
    # Fewer such frames in a clip and the clip is left out.
    least_frames: int = 5


@dataclass(frozen=True)
class AdaptConfig:
    """How the network is adapted; the defaults are those of the measured figures."""

    # Length of the training: minutes of wall time, or steps (repeatable to the digit).
    minutes: float = 5.0
    steps: int | None = None
    # Of the samples and of the choice of held-out clips.
    seed: int = 0
    # Share of the clips that are never trained on ...
    held_out_share: float = 0.3
    # ... or which: names of clips, of takes ("Jump_8" for Jump_8_4.mp4) or of folders.
    held_out: tuple[str, ...] = ()
    # Share of the training that goes to the three-frame head, after the backbone.
    head_share: float = 0.25
    # Highest learning rates; both fall to 0.
    rate: float = 3e-4
    head_rate: float = 3e-4
    warmup: int = 20
    # Samples a step, shared out between the workers (threads that help a CPU).
    batch: int = 32
    workers: int = 1
    # Share of the former average of the weights kept at each step.
    average: float = 0.99
    # How samples are made, and which of the teacher's joints are believed.
    mix: MixConfig = field(default_factory=MixConfig)
    clean: CleanConfig = field(default_factory=CleanConfig)
    # Other people to train on beside the clips, so that nothing is forgotten, and their share.
    rehearsal: Sequence[Source] = ()
    rehearsal_share: float = 0.3
    # Most people times frames that are kept for training, and that are measured: bounds memory
    # and time. Evenly spread over the clips.
    most_cuts: int = 6000
    most_measured: int = 1200
    # "auto", "cpu", "cuda" or as torch names it.
    device: str = "auto"

    def __post_init__(self) -> None:
        _expect(0 < self.held_out_share < 1, "held_out_share", "between 0 and 1")
        _expect(0 <= self.head_share <= 1, "head_share", "0 to 1")
        _expect(0 <= self.rehearsal_share < 1, "rehearsal_share", "0 to below 1")
        _expect(self.steps is None or self.steps >= 1, "steps", "at least 1")
        _expect(self.steps is not None or self.minutes > 0, "minutes", "more than 0")
        _expect(min(self.most_cuts, self.most_measured) >= 1, "most_cuts", "at least 1")


@dataclass(frozen=True)
class AdaptReport:
    """What came of it.

    Attributes:
        weights: the adapted network; its card lies beside it.
        before: figures of the network as it was, on the held-out clips: ``pck`` (percentage of
            the teacher's joints hit within 0.2 torso lengths), ``pck_low`` and ``pck_high``
            (95 % bootstrap over clips, from two clips on), ``keypoints``, ``clips``.
        after: the same of the adapted network, and ``gain`` with its interval.
        improved: whether it hits more than before.
        clips_used: clips trained on or measured on.
        clips_skipped: (name, why) of those that gave nothing.
        seconds: of all of it.
    """

    weights: Path
    before: dict[str, float]
    after: dict[str, float]
    improved: bool
    clips_used: int
    clips_skipped: tuple[tuple[str, str], ...]
    seconds: float


def _expect(holds: bool, name: str, wanted: str) -> None:
    if not holds:
        raise BadInput("bad_argument", f"{name}: expected {wanted}.")
