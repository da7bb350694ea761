"""Every size of the pose network in one frozen place, so that weights can name theirs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import Any

from inference.errors import ModelError


@dataclass(frozen=True)
class DCPoseConfig:
    """Sizes of a DCPose network; the defaults are the published DCPose with HRNet-W48.

    Feng et al., Deep Dual Consecutive Network for Human Pose Estimation, CVPR 2021;
    Sun et al., Deep High-Resolution Representation Learning, CVPR 2019.
    """

    # Joint order of the heatmaps, a name in inference.skeleton, and their number.
    skeleton: str = "posetrack17"
    joints: int = 17
    # (width, height) px of a crop; both multiples of 32. Heatmaps are a quarter of it.
    image: tuple[int, int] = (288, 384)
    # Factor by which boxes grow about their middle before they are cut.
    context: float = 1.25
    # "imagenet": RGB by ImageNet's mean and deviation.
    # "standardise": each crop by its own mean and deviation.
    preprocessing: str = "imagenet"
    # Channels of one frame: 3 (RGB) or 4 (RGB and log-luma).
    input_channels: int = 3
    # What lies outside the frame: "zero" or "replicate" (the frame's edge).
    border: str = "zero"
    # True: large crops are averaged down, which takes noise away; false: sampled bilinearly.
    antialias: bool = False

    # Channels of the two strided convolutions at the start.
    stem: int = 64
    # Bottleneck blocks after the stem and their inner channels (four times that goes out).
    bottlenecks: int = 4
    bottleneck_channels: int = 64
    # Channels of the finest branch; each coarser one has twice as many.
    width: int = 48
    # Exchange modules of the stages with 2, 3 and 4 branches.
    modules: tuple[int, int, int] = (1, 4, 3)
    # Residual blocks of one branch in one module.
    blocks: int = 4

    # Channels and blocks that fuse the differences between the frames' heatmaps.
    difference_channels: int = 34
    difference_blocks: int = 2
    # Blocks that fuse the three frames' heatmaps into the support (always ``joints`` channels).
    support_blocks: int = 1
    # Channels and blocks from which offsets and masks are read.
    fusion_channels: int = 64
    fusion_blocks: int = 2
    # Width of the branches inside a fusing block, in 64ths of its input channels.
    branch_share: int = 26
    # Kernel of the convolutions that make offsets and masks: 3 as published, 1 for thin heads.
    offset_kernel: int = 3
    # px between the taps of each deformable convolution; their outputs are averaged.
    dilations: tuple[int, ...] = (3, 6, 9, 12, 15)
    # True: masks are 2 * sigmoid, thus 1 at the start; false: as they come (published).
    squash_masks: bool = False
    # True: the head's output is added to the current frame's heatmaps; false: replaces them.
    residual: bool = False

    # "gaussian": heatmaps peak at 1 (published); "logits": a softmax over the map is meant.
    heatmap_kind: str = "gaussian"

    def __post_init__(self) -> None:
        if any(side < 32 or side % 32 for side in self.image):
            raise ModelError("bad_config", f"image: expected multiples of 32 px, got {self.image}.")
        choices = {
            "preprocessing": ("imagenet", "standardise"),
            "border": ("zero", "replicate"),
            "heatmap_kind": ("gaussian", "logits"),
            "input_channels": (3, 4),
            "offset_kernel": (1, 3),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ModelError(
                    "bad_config", f"{name}: expected one of {allowed}, got {getattr(self, name)}."
                )
        if min(self.bottlenecks, self.blocks, *self.modules, len(self.dilations)) < 1:
            raise ModelError("bad_config", "Every part of the network needs at least one block.")

    @property
    def heatmap_size(self) -> tuple[int, int]:
        """(width, height) of the heatmaps."""
        return self.image[0] // 4, self.image[1] // 4

    def as_dict(self) -> dict[str, Any]:
        """A form that JSON can hold; ``from_dict`` turns it back."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> DCPoseConfig:
        """Build from ``as_dict``'s form, lists allowed for tuples.

        Raises:
            ModelError: a name that this version does not know, or a bad value.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ModelError("bad_config", f"Unknown settings of the pose network: {unknown}.")
        settings: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**settings)


W48 = DCPoseConfig()
"""The published network, 65 M parameters."""

W32 = DCPoseConfig(width=32)
"""The same with the narrower published backbone."""

W18 = DCPoseConfig(width=18, image=(96, 128))
"""A small network for checks."""

COMPACT = DCPoseConfig(
    skeleton="coco17",
    image=(96, 128),
    context=1.15,
    preprocessing="standardise",
    input_channels=4,
    border="replicate",
    antialias=True,
    stem=32,
    bottlenecks=2,
    bottleneck_channels=32,
    width=40,
    modules=(1, 1, 1),
    blocks=3,
    difference_channels=34,
    difference_blocks=1,
    support_blocks=1,
    fusion_channels=32,
    fusion_blocks=1,
    branch_share=15,
    offset_kernel=1,
    dilations=(1, 3),
    squash_masks=True,
    residual=True,
    heatmap_kind="logits",
)
"""What this project trains and ships: the same network, thin enough for a CPU."""

SIZES: dict[str, DCPoseConfig] = {
    "small": replace(COMPACT, width=24, blocks=2),
    "medium": replace(COMPACT, width=32, blocks=2),
    "large": COMPACT,
}
"""The compact network in the sizes that were measured against each other."""
