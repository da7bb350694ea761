"""Skeletons for everybody in a clip: crops, batches, network, keypoints in the frame."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from inference.errors import Cancelled, ModelError, TransientError
from inference.pose.backends import make_parts
from inference.pose.batch import Batch, cut_batch
from inference.pose.choose import ChooseConfig, columns
from inference.pose.config import W48, DCPoseConfig
from inference.pose.crop import to_points
from inference.pose.dcpose import DCPose
from inference.pose.decode import decode, rivals
from inference.pose.fold import fold_batch_norms
from inference.pose.load import load_network
from inference.pose.mirror import mirrored, unmirrored
from inference.pose.preprocess import prepare
from inference.pose.thinning import chosen, filled, held
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
from thirdparty.checkpoints import CheckpointError, load_into, read_state_dict

STAGE = "pose"
"""Name of this stage in progress messages."""

BATCH_AREA = 96 * 128
"""px of a crop up to which a CPU takes ``EstimatorConfig.batch`` skeletons at once; of larger
crops it takes fewer, so that memory stays the same."""


@dataclass(frozen=True)
class EstimatorConfig:
    """How a network is put to work."""

    # Factor by which boxes grow about their middle before they are cut; None: what suits the
    # network, as its configuration says.
    context: float | None = None
    # Skeletons estimated at once; three crops each. On a CPU fewer of crops above BATCH_AREA.
    batch: int = 16
    # So many frames in a row are cut with their mean box, so that a frame's crop serves as
    # current, previous and next: n + 2 crops for n skeletons. 1: each frame by its own box,
    # 3 crops a skeleton.
    hold: int = 1
    # Frames from the current one to the previous and next that the network sees beside it; it is
    # told how far they are and weighs the nearer one more. 1: neighbours, as published (written
    # there as DISTANCE 2, exclusive). 0: the frame itself in their stead, one crop a skeleton,
    # for networks whose three-frame head is not trained.
    distance: int = 1
    # The network looks at every n-th frame of a track; keypoints between lie on straight lines,
    # with lower scores. For networks too heavy for every frame.
    every: int = 1
    # True: the mean of the heatmaps of each crop and of its mirror image; twice the work.
    flip_test: bool = False
    # How mirrored heatmaps are aligned: "crop" exactly, "shift" by one px as the published
    # HRNet, "none" as they come.
    flip_align: str = "crop"
    # How peaks are read: "quarter", "dark", "parabola"; "auto": the network's own way. See
    # inference.pose.decode. Networks taught with UDP's coordinates (Huang et al., CVPR 2020)
    # would need other crops as well; none of those that can be imported is.
    decode: str = "auto"
    # Further peaks of each joint's heatmap that are kept for choosing over time, see
    # inference.pose.choose; only of "logits" maps, and only where every frame is looked at.
    rivals: int = 0
    # How one of them is chosen.
    choose: ChooseConfig = field(default_factory=ChooseConfig)
    # Of the backbone: "float32", "bfloat16", or "auto": bfloat16 where the hardware computes
    # in it. Its last layer and the head always work in float32.
    precision: str = "auto"
    # Who computes: "eager" (PyTorch), "compile", "openvino", "onnxruntime", or "auto"; see
    # inference.pose.backends.
    backend: str = "eager"

    def __post_init__(self) -> None:
        least = {"batch": 1, "hold": 1, "distance": 0, "every": 1, "rivals": 0}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise ModelError(
                    "bad_config", f"{name}: expected at least {low}, got {getattr(self, name)}."
                )


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
        network.to(device=self.device)
        self._parts = make_parts(network, self.config.backend, self.dtype)

    @property
    def rivals(self) -> int:
        """Further peaks of each joint that skeletons carry, see ``EstimatorConfig``."""
        able = self.network_config.heatmap_kind == "logits" and self.config.every == 1
        return self.config.rivals if able else 0

    @property
    def at_once(self) -> int:
        """Skeletons in one batch: so many that memory does not depend on the crops' size."""
        width, height = self.network_config.image
        if self.device.type != "cpu":
            return self.config.batch
        return max(1, self.config.batch * BATCH_AREA // max(BATCH_AREA, width * height))

    @property
    def reach(self) -> int:
        """Frames that the network looks back and ahead."""
        return self.config.distance

    @classmethod
    def load(
        cls, weights: Path | str, device: str = "auto", config: EstimatorConfig | None = None
    ) -> PoseEstimator:
        """Read weights in our own form, ours or imported; their card says how to build it.

        Where the card says that the three-frame head is at its start values, only single frames
        are looked at (``distance`` 0): the others would change nothing.

        Raises:
            ModelError: a file is missing, broken, or does not fit the network.
        """
        network, card = load_network(weights)
        config = config or EstimatorConfig()
        if not card.get("holds", {}).get("head", True):
            config = replace(config, distance=0)
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
            Poses with keypoints float32 [P, T, K, 3] px of the frame; between the frames that
            ``EstimatorConfig.every`` picks they lie on straight lines.

        Raises:
            Cancelled: ``is_cancelled`` said so.
            TransientError: the device ran out of memory.
        """
        people, length = tracks.boxes_xyxy.shape[:2]
        if length != len(clip.frames):
            raise ModelError("bad_array", f"Expected {len(clip.frames)} boxes, got {length}.")
        keypoints = np.full((people, length, self.network_config.joints, 3), np.nan, np.float32)
        boxes_xyxy = held(tracks.boxes_xyxy, self.config.hold)
        there = [np.flatnonzero(row) for row in tracks.present]
        picked = [chosen(frames, self.config.every) for frames in there]
        wanted = np.array(
            [(p, f) for p, frames in enumerate(there) for f in frames[picked[p]]], np.int64
        ).reshape(-1, 2)
        for start in range(0, len(wanted), self.at_once):
            if is_cancelled():
                raise Cancelled
            progress(STAGE, start / len(wanted))
            person, frame = wanted[start : start + self.at_once].T
            found = self.skeletons(clip.frames, frame, boxes_xyxy[person, frame])
            keypoints[person, frame] = found[..., :3]
        for person, frames in enumerate(there):
            estimated = keypoints[person, frames[picked[person]]]
            keypoints[person, frames] = filled(frames, estimated, picked[person])
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
        """Skeletons of some boxes, of any people and frames, ``at_once`` in a batch.

        Args:
            frames: uint8 [T, H, W, 3].
            frame: int64 [B], the frame of each box.
            boxes_xyxy: float32 [B, 4] px.

        Returns:
            float32 [B, K, 3 * (1 + rivals)]: x px, y px, score, then those of each rival.
        """
        found = [np.empty((0, self.network_config.joints, columns(self.rivals)), np.float32)]
        for start in range(0, len(frame), self.at_once):
            part = slice(start, start + self.at_once)
            found.append(self._skeletons(frames, frame[part], boxes_xyxy[part]))
        return np.concatenate(found)

    def _skeletons(self, frames: np.ndarray, frame: Ints, boxes_xyxy: Floats) -> Floats:
        """One batch of ``skeletons``."""
        context = self.config.context or self.network_config.context
        distance = self.config.distance
        batch = cut_batch(frames, frame, boxes_xyxy, self.network_config, context, distance)
        try:
            positions, scores = self._run(batch)
        except torch.OutOfMemoryError as error:
            raise TransientError("out_of_memory", "The device's memory is full.") from error
        people, joints, peaks = scores.shape
        points = to_points(positions.flatten(1, 2).numpy(), batch.back)
        found = np.concatenate((points, scores.flatten(1, 2).numpy()[..., None]), axis=-1)
        return found.reshape(people, joints, 3 * peaks).astype(np.float32)

    @torch.inference_mode()
    def heatmaps(self, x: Tensor, margin: Tensor | None = None) -> Tensor:
        """Heatmaps of prepared crops, as the estimator computes them.

        Args:
            x: float32 [N, 3 * input_channels, H, W]: current, previous, next frame.
            margin: float32 [N, 2], see ``DCPose.forward``.

        Returns:
            float32 [N, K, H / 4, W / 4] on the CPU.
        """
        which = torch.arange(3 * len(x)).reshape(3, -1)
        return self._maps(torch.cat(x.chunk(3, dim=1)), which, margin).cpu()

    @torch.inference_mode()
    def _run(self, batch: Batch) -> tuple[Tensor, Tensor]:
        config, align = self.network_config, self.config.flip_align
        crops = batch.crops.to(self.device)
        heatmaps = self._maps(prepare(crops, config), batch.which, batch.margin)
        if self.config.flip_test:
            x = prepare(mirrored(crops, config, align), config)
            turned = self._maps(x, batch.which, batch.margin)
            heatmaps = (heatmaps + unmirrored(turned, config, align)) / 2
        found, score = decode(heatmaps, config.heatmap_kind, self.config.decode)
        positions, scores = found[:, :, None], score[:, :, None]
        if self.rivals:
            others, less = rivals(heatmaps, self.rivals)
            positions = torch.cat((positions, others), dim=2)
            scores = torch.cat((scores, less), dim=2)
        return positions.cpu(), scores.cpu()

    def _maps(self, x: Tensor, which: Tensor, margin: Tensor | None) -> Tensor:
        """Output heatmaps [B, K, h, w] from single prepared crops [M, C, H, W]."""
        rough = self._parts.rough(x.to(self.device))
        first, before, after = (rough[row] for row in which.to(self.device))
        margin = None if margin is None else margin.to(self.device)
        return self._parts.refine(first, before, after, margin)


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
