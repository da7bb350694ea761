"""Skeletons for everybody in a clip: crops, batches, network, keypoints in the frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from inference.errors import Cancelled, ModelError, TransientError
from inference.pose.config import W48, DCPoseConfig
from inference.pose.crop import Doubles, cut, inverse, place, to_points
from inference.pose.dcpose import DCPose
from inference.pose.decode import decode
from inference.pose.fold import fold_batch_norms
from inference.pose.preprocess import prepare
from inference.types import (
    Clip,
    Floats,
    Ints,
    IsCancelled,
    Poses,
    Progress,
    Tracks,
    never_cancelled,
    no_progress,
)
from inference.weights_file import load_weights
from thirdparty.checkpoints import CheckpointError, load_into, read_state_dict

STAGE = "pose"
"""Name of this stage in progress messages."""


@dataclass(frozen=True)
class EstimatorConfig:
    """How a network is put to work."""

    # Factor by which boxes grow about their middle before they are cut.
    context: float = 1.25
    # Skeletons estimated at once; three crops each.
    batch: int = 32
    # So many frames in a row are cut with their mean box, so that a frame's crop serves as
    # current, previous and next: n + 2 crops for n skeletons. 1: each frame by its own box,
    # 3 crops a skeleton.
    hold: int = 1
    # Of the backbone: "float32", "bfloat16", or "auto": bfloat16 where the hardware computes
    # in it. Its last layer and the head always work in float32.
    precision: str = "auto"


@dataclass(frozen=True)
class _Batch:
    """Crops of some skeletons, each crop once.

    Attributes:
        crops: uint8 [M, H, W, 3].
        which: int64 [3, B]: current, previous and next crop of each skeleton.
        back: float64 [B, 2, 3]: heatmap px to frame px.
    """

    crops: Tensor
    which: Tensor
    back: Doubles


class PoseEstimator:
    """A DCPose network ready to work.

    Args:
        network: its weights; the estimator makes the network its own.
        device: "auto", "cpu", "cuda" or as torch names it.
        config: how to work.
    """

    def __init__(
        self, network: DCPose, device: str = "auto", config: EstimatorConfig | None = None
    ) -> None:
        self.network_config = network.config
        self.config = config or EstimatorConfig()
        self.device = _device(device)
        self.dtype = _dtype(self.config.precision, self.device)
        network = network.eval().requires_grad_(False)
        fold_batch_norms(network)
        self._network = network.to(device=self.device)
        backbone = network.rough_pose_estimation_net
        backbone.to(memory_format=torch.channels_last).to(dtype=self.dtype)
        backbone.final_layer.to(dtype=torch.float32)

    @classmethod
    def load(
        cls, weights: Path | str, device: str = "auto", config: EstimatorConfig | None = None
    ) -> PoseEstimator:
        """Read our own weights; their card's ``config`` says how the network is built.

        Raises:
            ModelError: a file is missing, broken, or does not fit the network.
        """
        state, card = load_weights(weights)
        network = DCPose(DCPoseConfig.from_dict(card.get("config", {})))
        try:
            network.load_state_dict(state, strict=True)
        except RuntimeError as error:
            raise ModelError(
                "wrong_weights", f"{Path(weights).name} does not fit the network of its card."
            ) from error
        return cls(network, device, config)

    @classmethod
    def load_published(
        cls,
        checkpoint: Path | str,
        network_config: DCPoseConfig = W48,
        device: str = "auto",
        config: EstimatorConfig | None = None,
    ) -> PoseEstimator:
        """Read a published DCPose checkpoint, which does not say how its network is built.

        Raises:
            ModelError: it cannot be read safely or does not fit ``network_config``.
        """
        network = DCPose(network_config)
        try:
            load_into(network, read_state_dict(checkpoint))
        except CheckpointError as error:
            raise ModelError("wrong_weights", str(error)) from error
        return cls(network, device, config)

    def estimate(
        self,
        clip: Clip,
        tracks: Tracks,
        *,
        progress: Progress = no_progress,
        is_cancelled: IsCancelled = never_cancelled,
    ) -> Poses:
        """A skeleton for every box.

        Args:
            clip: frames [T, H, W, 3]; the network sees each frame's neighbours too, at the
                clip's ends the frame itself in their stead.
            tracks: boxes [P, T, 4] px, NaN where absent.
            progress: told of the stage "pose".
            is_cancelled: asked before each batch.

        Returns:
            Poses with keypoints float32 [P, T, K, 3] px of the frame.

        Raises:
            Cancelled: ``is_cancelled`` said so.
            TransientError: the device ran out of memory.
        """
        people, length = tracks.boxes_xyxy.shape[:2]
        if length != len(clip.frames):
            raise ModelError("bad_array", f"Expected {len(clip.frames)} boxes, got {length}.")
        keypoints = np.full((people, length, self.network_config.joints, 3), np.nan, np.float32)
        boxes_xyxy = held(tracks.boxes_xyxy, self.config.hold)
        wanted = np.argwhere(tracks.present)
        for start in range(0, len(wanted), self.config.batch):
            if is_cancelled():
                raise Cancelled
            progress(STAGE, start / len(wanted))
            person, frame = wanted[start : start + self.config.batch].T
            keypoints[person, frame] = self.skeletons(clip.frames, frame, boxes_xyxy[person, frame])
        progress(STAGE, 1.0)
        return Poses(
            tracks=tracks,
            keypoints=keypoints,
            skeleton=self.network_config.skeleton,
            fps=clip.table.fps,
            size=clip.size,
            times_s=clip.table.times_s,
        )

    def skeletons(self, frames: np.ndarray, frame: Ints, boxes_xyxy: Floats) -> Floats:
        """Skeletons of some boxes, in one batch.

        Args:
            frames: uint8 [T, H, W, 3].
            frame: int64 [B], the frame of each box.
            boxes_xyxy: float32 [B, 4] px.

        Returns:
            float32 [B, K, 3]: x px, y px, score.
        """
        batch = self._cut(frames, frame, boxes_xyxy)
        try:
            positions, scores = self._run(batch)
        except torch.OutOfMemoryError as error:
            raise TransientError("out_of_memory", "The device's memory is full.") from error
        points = to_points(positions.numpy(), batch.back)
        return np.concatenate((points, scores.numpy()[..., None]), axis=-1).astype(np.float32)

    def _cut(self, frames: np.ndarray, frame: Ints, boxes_xyxy: Floats) -> _Batch:
        config = self.network_config
        placement = place(boxes_xyxy, config.image, self.config.context)
        affines = placement.affines(config.image)
        places: dict[tuple[int, bytes], int] = {}
        crops: list[np.ndarray] = []
        which = np.empty((3, len(frame)), dtype=np.int64)
        for column, (index, affine) in enumerate(zip(frame, affines, strict=True)):
            for row, neighbour in enumerate(_neighbours(int(index), len(frames))):
                key = (neighbour, affine.tobytes())
                if key not in places:
                    places[key] = len(crops)
                    crops.append(cut(frames[neighbour], affine, config))
                which[row, column] = places[key]
        back = inverse(placement.affines(config.heatmap_size))
        return _Batch(torch.from_numpy(np.stack(crops)), torch.from_numpy(which), back)

    @torch.inference_mode()
    def _run(self, batch: _Batch) -> tuple[Tensor, Tensor]:
        x = prepare(batch.crops.to(self.device), self.network_config)
        x = x.to(dtype=self.dtype, memory_format=torch.channels_last)
        rough = self._network.heatmaps(x).contiguous()
        which = batch.which.to(self.device)
        heatmaps = self._network.refine(rough[which[0]], rough[which[1]], rough[which[2]])
        positions, scores = decode(heatmaps, self.network_config.heatmap_kind)
        return positions.cpu(), scores.cpu()


def held(boxes_xyxy: Floats, frames: int) -> Floats:
    """Boxes that stand still for so many frames at a time, each time at their mean.

    Args:
        boxes_xyxy: float32 [P, T, 4] px, NaN where absent; stays NaN there.
        frames: length of a time, counted from the clip's first frame.
    """
    if frames <= 1:
        return boxes_xyxy
    length = boxes_xyxy.shape[1]
    starts = np.arange(0, length, frames)
    there = ~np.isnan(boxes_xyxy[..., :1])
    total = np.add.reduceat(np.where(there, boxes_xyxy, 0), starts, axis=1)
    count = np.add.reduceat(there, starts, axis=1, dtype=np.float32)
    mean = np.repeat(total / np.maximum(count, 1), frames, axis=1)[:, :length]
    return np.where(there, mean, np.nan).astype(np.float32)


def _neighbours(index: int, length: int) -> Iterator[int]:
    """Current, previous and next frame; the current one in the stead of what is not there."""
    yield index
    yield index - 1 if index > 0 else index
    yield index + 1 if index + 1 < length else index


def _device(name: str) -> torch.device:
    if name != "auto":
        return torch.device(name)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _dtype(precision: str, device: torch.device) -> torch.dtype:
    if precision != "auto":
        if precision not in ("float32", "bfloat16"):
            raise ModelError("bad_config", f"precision: got {precision!r}.")
        return torch.bfloat16 if precision == "bfloat16" else torch.float32
    return torch.bfloat16 if _computes_in_bfloat16(device) else torch.float32


def _computes_in_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is done by the hardware; elsewhere it is slower than float32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type != "cpu":
        return False
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
