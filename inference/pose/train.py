"""Trains DCPose in two stages: the backbone on frames, then the head on three frames each.

The second stage starts from the first one's averaged weights and leaves the backbone as it is.
"""

from __future__ import annotations

import copy
import math
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inference.errors import BadInput, Cancelled
from inference.pose.checkpoint import RunState, State, load_run, save_run
from inference.pose.dcpose import DCPose
from inference.pose.loss import joint_loss
from inference.pose.mix import Batch, Mix
from inference.pose.preprocess import prepare
from inference.types import IsCancelled, never_cancelled

STAGES = ("backbone", "head")
BACKBONE = "rough_pose_estimation_net"

Measure = Callable[[DCPose], dict[str, float]]
"""Figures of a network with averaged weights, for the curves only."""

OnLog = Callable[[dict[str, float]], None]


@dataclass(frozen=True)
class TrainConfig:
    """How one stage is trained."""

    # "backbone": single frames; "head": three frames, backbone kept.
    stage: str = "backbone"
    # Length of the run: steps, or minutes of wall time (then not repeatable to the digit).
    steps: int = 6000
    minutes: float | None = None
    # Samples a step, shared out evenly between the workers.
    batch: int = 64
    # Threads that each take their share of a step through a copy of the network; on a CPU
    # two of them do far more than one with two threads inside each operation.
    workers: int = 1
    # Highest learning rate; rises over the first steps, then falls to 0 as a cosine.
    rate: float = 2e-3
    warmup: int = 150
    weight_decay: float = 0.02
    # Longest gradient.
    clip_norm: float = 1.0
    # Share of the former average kept at each step.
    average: float = 0.995
    # Deviation of the target bumps, px of the heatmap.
    sigma: float = 1.0
    # Seed of the weights and of the samples.
    seed: int = 0
    # True: convolutions in bfloat16.
    bfloat16: bool = False
    # Steps between entries of the curves; minutes between checkpoints and between measurements.
    log_every: int = 50
    save_minutes: float = 3.0
    measure_minutes: float = 5.0

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise BadInput("bad_stage", f"stage: expected one of {STAGES}, got {self.stage!r}.")
        if self.workers < 1 or self.batch % self.workers:
            raise BadInput(
                "bad_batch", f"{self.batch} samples cannot be shared by {self.workers} workers."
            )


class Trainer:
    """One stage's run.

    Args:
        network: trained in place.
        mix: where batches come from.
        config: how.
        checkpoint: file to keep the run in; None keeps nothing.
        device: as torch names it.
        measure: called now and then with a copy that has the averaged weights.
        on_log: called with each entry of the curves.
    """

    def __init__(
        self,
        network: DCPose,
        mix: Mix,
        config: TrainConfig,
        *,
        checkpoint: Path | None = None,
        device: str = "cpu",
        measure: Measure | None = None,
        on_log: OnLog | None = None,
    ) -> None:
        self.config, self.mix, self.checkpoint = config, mix, checkpoint
        self.device = torch.device(device)
        self.network = network.to(self.device).to(memory_format=torch.channels_last)
        self._copies = [self.network] + [
            copy.deepcopy(self.network) for _ in range(config.workers - 1)
        ]
        self.measure, self.on_log = measure, on_log
        self.optimiser = torch.optim.AdamW(
            _parameter_groups(self._trained(self.network), config.weight_decay),
            lr=config.rate,
            fused=True,
        )
        self.step, self.elapsed_s = 0, 0.0
        self.average = _copied(network.state_dict())
        self.curves: list[dict[str, float]] = []

    def resume(self) -> None:
        """Go on from the checkpoint.

        Raises:
            BadInput: there is none, or it is another stage's.
        """
        if self.checkpoint is None:
            raise BadInput("no_checkpoint", "Expected the name of a checkpoint to resume.")
        state = load_run(self.checkpoint)
        if state.stage != self.config.stage:
            raise BadInput(
                "bad_checkpoint", f"Expected a run of {self.config.stage}, got {state.stage}."
            )
        self.network.load_state_dict(state.network)
        self.optimiser.load_state_dict(state.optimiser)
        self.average = {name: value.to(self.device) for name, value in state.average.items()}
        self.step, self.elapsed_s, self.curves = state.step, state.elapsed_s, state.curves

    def run(self, is_cancelled: IsCancelled = never_cancelled) -> DCPose:
        """Train to the end.

        Returns:
            A copy of the network with averaged weights, in evaluation mode.

        Raises:
            Cancelled: ``is_cancelled`` said so; the checkpoint is up to date.
        """
        self._training_mode()
        with ThreadPoolExecutor(self.config.workers) as pool:
            self._run(pool, is_cancelled)
        self.save()
        return self.averaged()

    def _run(self, pool: ThreadPoolExecutor, is_cancelled: IsCancelled) -> None:
        saved = measured = self.elapsed_s
        losses: list[float] = []
        while self.progress < 1.0:
            if is_cancelled():
                self.save()
                raise Cancelled
            started = time.monotonic()
            losses.append(self._train_step(pool))
            self.elapsed_s += time.monotonic() - started
            if self.step % self.config.log_every == 0 or self.progress >= 1.0:
                entry = self._entry(losses)
                losses.clear()
                if self.measure and self._due(measured, self.config.measure_minutes):
                    entry |= self.measure(self.averaged())
                    measured = self.elapsed_s
                self.curves.append(entry)
                if self.on_log:
                    self.on_log(entry)
            if self._due(saved, self.config.save_minutes):
                self.save()
                saved = self.elapsed_s

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0..1."""
        if self.config.minutes is not None:
            return min(1.0, self.elapsed_s / (60 * self.config.minutes))
        return min(1.0, self.step / self.config.steps)

    def averaged(self) -> DCPose:
        """A copy of the network with averaged weights, in evaluation mode."""
        network: DCPose = copy.deepcopy(self.network)
        network.load_state_dict(self.average)
        return network.eval()

    def save(self) -> None:
        """Write the checkpoint, if there is to be one."""
        if self.checkpoint is None:
            return
        state = RunState(
            stage=self.config.stage,
            step=self.step,
            elapsed_s=self.elapsed_s,
            network=self.network.state_dict(),
            average=self.average,
            optimiser=self.optimiser.state_dict(),
            curves=self.curves,
            settings=self.settings(),
        )
        save_run(self.checkpoint, state)

    def settings(self) -> dict[str, Any]:
        """What the card tells of the run, as JSON can hold it."""
        return {
            "train": asdict(self.config),
            "mix": asdict(self.mix.config),
            "sources": [
                {"name": s.name, "share": s.share, "tracks": len(s.tracks)}
                for s in self.mix.sources
            ],
        }

    def _trained(self, network: DCPose) -> dict[str, nn.Parameter]:
        backbone = self.config.stage == "backbone"
        return {
            name: parameter
            for name, parameter in network.named_parameters()
            if name.startswith(BACKBONE) == backbone
        }

    def _training_mode(self) -> None:
        for network in self._copies:
            network.load_state_dict(self.network.state_dict())
            network.train()
            if self.config.stage == "head":
                network.rough_pose_estimation_net.eval().requires_grad_(False)

    def _train_step(self, pool: ThreadPoolExecutor) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        losses = list(pool.map(self._shard, range(self.config.workers)))
        trained: list[list[Tensor]] = [
            list(self._trained(network).values()) for network in self._copies
        ]
        gradients = [p.grad for p in trained[0] if p.grad is not None]
        for other in trained[1:]:
            torch._foreach_add_(gradients, [p.grad for p in other if p.grad is not None])
        torch._foreach_div_(gradients, float(len(trained)))
        nn.utils.clip_grad_norm_(trained[0], self.config.clip_norm)
        self.optimiser.step()
        for other in trained[1:]:
            with torch.no_grad():
                torch._foreach_copy_(other, trained[0])
        self.step += 1
        self._update_average()
        return sum(losses) / len(losses)

    def _shard(self, worker: int) -> float:
        """One worker's share of a step: gradients in its copy; returns the loss."""
        if self.config.workers > 1:
            torch.set_num_threads(1)
        config, network = self.config, self._copies[worker]
        frames = 1 if config.stage == "backbone" else 3
        batch = self.mix.batch(self.step, config.batch // config.workers, frames, worker)
        heatmaps = self._heatmaps(network, batch)
        keypoints = torch.from_numpy(batch.keypoints).to(self.device)
        loss = joint_loss(heatmaps, keypoints, config.sigma)
        network.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    def _heatmaps(self, network: DCPose, batch: Batch) -> Tensor:
        images = torch.from_numpy(batch.images).to(self.device)
        samples, frames = images.shape[:2]
        x = prepare(images.transpose(0, 1).flatten(0, 1), network.config)
        x = x.contiguous(memory_format=torch.channels_last)
        single = self.config.stage == "backbone"
        with (
            torch.set_grad_enabled(single),
            torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.bfloat16),
        ):
            rough = network.heatmaps(x).float()
        if single:
            return rough
        rough = rough.contiguous().reshape(frames, samples, *rough.shape[1:])
        current, previous, following = rough
        margin = torch.from_numpy(batch.margin).to(self.device)
        return network.refine(current, previous, following, margin)

    def _rate(self) -> float:
        warm = min(1.0, (self.step + 1) / max(1, self.config.warmup))
        return self.config.rate * warm * 0.5 * (1 + math.cos(math.pi * self.progress))

    @torch.no_grad()
    def _update_average(self) -> None:
        keep = min(self.config.average, (1 + self.step) / (10 + self.step))
        state = self.network.state_dict()
        moving = [name for name, value in state.items() if value.is_floating_point()]
        torch._foreach_lerp_(
            [self.average[name] for name in moving], [state[name] for name in moving], 1 - keep
        )
        for name in state.keys() - set(moving):
            self.average[name].copy_(state[name])

    def _entry(self, losses: list[float]) -> dict[str, float]:
        return {
            "step": self.step,
            "samples": self.step * self.config.batch,
            "elapsed_s": round(self.elapsed_s, 1),
            "loss": round(sum(losses) / max(1, len(losses)), 4),
            "rate": self._rate(),
        }

    def _due(self, last_s: float, minutes: float) -> bool:
        return self.elapsed_s - last_s >= 60 * minutes


def start_network(network: DCPose, weights: State) -> None:
    """Give a network the weights of an earlier stage, or of a network with fewer blocks.

    Residual blocks that the earlier backbone lacks begin as identity, so that the network starts
    as good as the earlier one was. A head of other sizes begins anew.

    Raises:
        BadInput: the backbones do not fit.
    """
    wanted = network.state_dict()
    fits = {n: v for n, v in weights.items() if n in wanted and wanted[n].shape == v.shape}
    lost = [n for n in weights if n.startswith(BACKBONE) and n not in fits]
    new = [n for n in wanted if n.startswith(BACKBONE) and n not in fits]
    if lost or not all(_ADDED_BLOCK.search(name) for name in new):
        raise BadInput("wrong_weights", "The earlier stage's network is another.")
    network.load_state_dict(wanted | fits)
    for name, value in network.named_parameters():
        if name in new and name.endswith(".bn2.weight"):
            nn.init.zeros_(value)


_ADDED_BLOCK = re.compile(r"\.branches\.\d+\.[1-9]\d*\.(conv|bn)[12]\.")
"""Weights of a branch's second or later residual block."""


def _parameter_groups(parameters: dict[str, nn.Parameter], decay: float) -> list[dict[str, Any]]:
    """Kernels decay, biases and normalisations do not."""
    kernels = [p for p in parameters.values() if p.ndim > 1]
    others = [p for p in parameters.values() if p.ndim <= 1]
    return [
        {"params": kernels, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]


def _copied(state: State) -> State:
    return {name: value.detach().clone() for name, value in state.items()}
