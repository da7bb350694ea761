"""What published pose checkpoints hold, told by the names of their weights alone.

Names are those of the programs that published HRNet (Sun et al., CVPR 2019) and DCPose (Feng et
al., CVPR 2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from thirdparty.checkpoints.loader import CheckpointError, some

BACKBONE = "rough_pose_estimation_net."
"""Where DCPose, and PoseWarper before it, keep their HRNet."""

FINAL = "final_layer."
"""HRNet's last layer, which makes the heatmaps."""

DCPOSE_HEAD = (
    "diff_temporal_fuse.",
    "support_temporal_fuse.",
    "offset_mask_combine_conv.",
    "offsets_list.",
    "masks_list.",
    "modulated_deform_conv_list.",
)
"""Parts of DCPose's head."""

CLASSIFIER = ("incre_modules.", "downsamp_modules.", "classifier.")
"""Parts that only a network trained to name ImageNet's pictures has."""

BODY = ("conv1.weight", "layer1.0.conv1.weight", "stage2.0.branches.0.0.conv1.weight")
"""Names by which an HRNet is known."""


@dataclass(frozen=True)
class Backbone:
    """The HRNet in a checkpoint.

    Attributes:
        state: weights by HRNet's own names; without ``final_layer`` where there is no heatmap.
        nested: true where it was found inside a larger network.
        heatmaps: true where its last layer makes heatmaps.
        left_out: names of weights that are no part of a pose network's HRNet.
    """

    state: dict[str, Tensor]
    nested: bool
    heatmaps: bool
    left_out: list[str]


def kind_of(state: Mapping[str, Tensor]) -> str:
    """ "dcpose" or "hrnet".

    Raises:
        CheckpointError: the names are those of neither.
    """
    if any(name.startswith(DCPOSE_HEAD) for name in state):
        return "dcpose"
    if all(name in state for name in BODY) or all(BACKBONE + name in state for name in BODY):
        return "hrnet"
    raise CheckpointError(
        f"Expected a DCPose or an HRNet, found weights named {some(sorted(state))}."
    )


def backbone_of(state: Mapping[str, Tensor]) -> Backbone:
    """The HRNet of a checkpoint, be it alone, for ImageNet, or inside a larger network.

    Left out are: everything outside it where it is nested; the classifier of a network for
    ImageNet, with the last exchange's coarser outputs, which a pose network does not have.
    """
    nested = any(name.startswith(BACKBONE) for name in state)
    inner = {
        name.removeprefix(BACKBONE): tensor
        for name, tensor in state.items()
        if name.startswith(BACKBONE) or not nested
    }
    outside = [name for name in state if nested and not name.startswith(BACKBONE)]
    heatmaps = not any(name.startswith(CLASSIFIER) for name in inner) and f"{FINAL}weight" in inner
    unused = [name for name in inner if not heatmaps and _for_imagenet(name, inner)]
    kept = {name: tensor for name, tensor in inner.items() if name not in set(unused)}
    return Backbone(kept, nested, heatmaps, sorted(outside + unused))


def _for_imagenet(name: str, state: Mapping[str, Tensor]) -> bool:
    last = max((part for part in map(_stage4_module, state) if part is not None), default=0)
    coarser = tuple(f"stage4.{last}.fuse_layers.{target}." for target in (1, 2, 3))
    return name.startswith((*CLASSIFIER, FINAL, *coarser))


def _stage4_module(name: str) -> int | None:
    parts = name.split(".")
    return int(parts[1]) if parts[0] == "stage4" and parts[1].isdecimal() else None
