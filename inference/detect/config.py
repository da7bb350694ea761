"""What a person detector is made of and how its output is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DetectorConfig:
    """Shape of the network and its input."""

    # Width and height of the network's input, px; multiples of 16.
    input_size: tuple[int, int] = (192, 144)
    # Planes of the input: 3 for the colours of one frame alone, 6 for these, the luma of an
    # earlier and of a later frame, and the contrast of the three against its surroundings.
    planes: int = 3
    # Frames between the frame and its earlier and later one (0.1 s at 30 a second).
    distance: int = 3
    # Mean luma (0..1) to which darker frames are lifted by a gamma before they are shrunk, which
    # keeps more of what is in their shadows; None for frames as they are.
    lift: float | None = None
    # Channels at strides 2, 4, 8, 16, 32.
    widths: tuple[int, int, int, int, int] = (16, 24, 48, 80, 112)
    # Residual blocks at strides 4, 8, 16, 32.
    blocks: tuple[int, int, int, int] = (1, 1, 1, 1)
    # Channels of the merged map at stride 8 and of the head.
    neck: int = 48


TRAINED = DetectorConfig(
    planes=6, lift=0.45, widths=(16, 24, 56, 112, 160), blocks=(1, 1, 2, 2), neck=64
)
"""What ``train-detector`` makes."""


@dataclass(frozen=True)
class DecodeConfig:
    """How boxes are read off the maps."""

    # Peaks below this score are no people; the tracker asks for more before it begins a track.
    min_score: float = 0.15
    # Of two boxes that overlap more than this (IoU), the less certain goes.
    max_overlap: float = 0.55
    # Most people in a frame.
    max_people: int = 8
    # Boxes lower than this share of the frame's height lose score in proportion: a door handle is
    # taken for somebody far away more often than somebody is far away.
    small: float = 0.3
    # Look at the mirrored frame as well and average: twice the work, steadier boxes and scores.
    mirrored: bool = True
    # Boxes lower than this share of the frame's height are dropped.
    min_height: float = 0.05


STRIDE = 8
"""Input px between two cells of the output maps."""
