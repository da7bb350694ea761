"""Splits a pose network into what any backend can compute and what only PyTorch can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inference.pose.backends.choice import choose
from inference.pose.backends.runner import Runner, runner_for
from inference.pose.dcpose import DCPose


@dataclass(frozen=True)
class Parts:
    """A network ready to work.

    Attributes:
        backend: who computes it.
        rough: prepared crops float32 [M, C, H, W] to the backbone's heatmaps float32
            [M, K, h, w].
        refine: heatmaps of the current, previous and next frame, each float32 [N, K, h, w], and
            margin [N, 2] or None to output heatmaps; see ``DCPose.refine``.
    """

    backend: str
    rough: Callable[[Tensor], Tensor]
    refine: Callable[[Tensor, Tensor, Tensor, Tensor | None], Tensor]


def make_parts(network: DCPose, backend: str, dtype: torch.dtype) -> Parts:
    """Give a network to a backend, which makes it its own.

    Args:
        network: in evaluation mode, batch normalisation folded, on its device.
        backend: see ``choose``.
        dtype: of the backbone's arithmetic, float32 or bfloat16; "onnxruntime" always works in
            float32, so does the head.

    Raises:
        ModelError: see ``choose``.
    """
    device = next(network.parameters()).device
    name = choose(backend, device)
    backbone = network.rough_pose_estimation_net
    width, height = network.config.image
    if name in ("eager", "compile"):
        backbone.to(memory_format=torch.channels_last).to(dtype=dtype)
        backbone.final_layer.to(dtype=torch.float32)
    if name == "eager":
        return Parts(name, lambda x: backbone(_laid_out(x, dtype)).contiguous(), network.refine)
    sample = torch.zeros(2, network.config.input_channels, height, width, device=device)
    if name == "compile":
        sample = _laid_out(sample, dtype)
    run = runner_for(name, backbone, (sample,), dtype)
    if name == "compile":
        return Parts(name, lambda x: run(_laid_out(x, dtype))[0].contiguous(), _head(network, name))
    return Parts(name, lambda x: run(x)[0], _head(network, name))


class Fields(nn.Module):
    """All of the head in front of its deformable convolutions.

    Args:
        network: whose head it is.
    """

    def __init__(self, network: DCPose) -> None:
        super().__init__()
        self.diff_temporal_fuse = network.diff_temporal_fuse
        self.support_temporal_fuse = network.support_temporal_fuse
        self.offset_mask_combine_conv = network.offset_mask_combine_conv
        self.offsets_list, self.masks_list = network.offsets_list, network.masks_list
        self.config = network.config

    def forward(
        self, current: Tensor, previous: Tensor, following: Tensor, margin: Tensor
    ) -> tuple[Tensor, ...]:
        """(support, offsets and masks of each dilation in turn), see ``DCPose.fuse``."""
        support, features = DCPose.fuse(self, current, previous, following, margin)  # type: ignore[arg-type]
        fields = [support]
        for index in range(len(self.offsets_list)):
            fields += DCPose.field(self, index, features)  # type: ignore[arg-type]
        return tuple(fields)


def _head(network: DCPose, name: str) -> Callable[[Tensor, Tensor, Tensor, Tensor | None], Tensor]:
    """``DCPose.refine`` with all but the deformable convolutions given to a backend."""
    width, height = network.config.heatmap_size
    device = next(network.parameters()).device
    maps = torch.zeros(2, network.config.joints, height, width, device=device)
    margin = torch.ones(2, 2, device=device)
    run: Runner = runner_for(name, Fields(network), (maps, maps, maps, margin), torch.float32)

    def refine(
        current: Tensor, previous: Tensor, following: Tensor, margin: Tensor | None
    ) -> Tensor:
        near = current.new_ones((len(current), 2)) if margin is None else margin
        support, *fields = run(current, previous, following, near)
        pairs = zip(fields[::2], fields[1::2], strict=True)
        warped = [network.warp(i, support, *pair) for i, pair in enumerate(pairs)]
        return network.joined(current, warped)

    return refine


def _laid_out(x: Tensor, dtype: torch.dtype) -> Tensor:
    return x.to(dtype=dtype, memory_format=torch.channels_last)
