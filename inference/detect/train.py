"""Trains the detector: seeded, resumable, on one machine's CPU or GPU."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from inference.detect.augment import Mixer
from inference.detect.network import Detector
from inference.detect.prepare import planes_of
from inference.detect.targets import PARTS, loss_of, make_target, parts_loss_of
from inference.errors import BadInput, Cancelled
from inference.types import IsCancelled, never_cancelled
from inference.whole_file import whole_file


@dataclass(frozen=True)
class TrainConfig:
    """How long and how fast to learn."""

    # Length in minutes of training; None: by ``steps``.
    minutes: float | None = None
    # Length in steps, used where no minutes are given (then the run repeats exactly).
    steps: int = 4000
    batch: int = 32
    # Highest learning rate, reached after ``warm_up`` of the run, then falling as a cosine.
    rate: float = 2e-3
    warm_up: float = 0.03
    weight_decay: float = 0.02
    # Share of the running average of the weights that stays at every step.
    averaging: float = 0.998
    seed: int = 0
    # Mixed precision in bfloat16.
    bfloat16: bool = True
    # Steps between two lines of the curve, and between two checkpoints.
    log_every: int = 100
    save_every: int = 200


Log = Callable[[dict[str, float]], None]
Batch = tuple[Tensor, ...]


class Trainer:
    """One training run; its whole state is in one checkpoint file.

    Args:
        network: changed in place.
        mixer: where samples come from.
        config: see ``TrainConfig``.
        checkpoint: file that keeps the state.
        on_log: told a line of the curve now and then.
        is_cancelled: asked at every step; the state is saved first.
        device: torch device.
    """

    def __init__(
        self,
        network: Detector,
        mixer: Mixer,
        config: TrainConfig,
        *,
        checkpoint: Path,
        on_log: Log,
        is_cancelled: IsCancelled = never_cancelled,
        device: str = "cpu",
    ) -> None:
        self.config = config
        self.curves: list[dict[str, float]] = []
        self.steps_done, self.seconds = 0, 0.0
        self._device = torch.device(device)
        self._network = network.to(self._device).to(memory_format=torch.channels_last)
        self._parts = nn.Conv2d(network.config.neck, len(PARTS), 1).to(self._device)
        nn.init.constant_(self._parts.bias, -3.0)  # type: ignore[arg-type]
        self._average = {k: v.detach().clone() for k, v in network.state_dict().items()}
        self._mixer, self._checkpoint = mixer, checkpoint
        self._on_log, self._is_cancelled = on_log, is_cancelled
        self._optimiser = torch.optim.AdamW(
            _decay_groups([network, self._parts], config.weight_decay),
            lr=config.rate,
            betas=(0.9, 0.99),
        )

    def resume(self) -> None:
        """Go on from the checkpoint.

        Raises:
            BadInput: there is none, or it is of another network.
        """
        try:
            state = torch.load(self._checkpoint, map_location=self._device, weights_only=True)
            self._network.load_state_dict(state["network"])
            self._parts.load_state_dict(state["parts"])
            self._optimiser.load_state_dict(state["optimiser"])
        except (OSError, RuntimeError, KeyError, ValueError, UnpicklingError) as error:
            raise BadInput(
                "bad_checkpoint", f"Cannot go on from {self._checkpoint}: {error}"
            ) from error
        self._average = state["average"]
        self.curves = list(state["curves"])
        self.steps_done, self.seconds = int(state["steps"]), float(state["seconds"])

    def run(self) -> dict[str, Tensor]:
        """Train to the end.

        Returns:
            The averaged weights by name, on the CPU.

        Raises:
            Cancelled: the caller asked to stop; the checkpoint holds all that was done.
        """
        self._network.train()
        last = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            for batch in self._batches(pool):
                losses = self._step(batch)
                self.steps_done += 1
                self.seconds += (now := time.monotonic()) - last
                last = now
                self._keep_books(losses)
        self._save()
        return {name: value.cpu() for name, value in self._average.items()}

    def _progress(self) -> float:
        if self.config.minutes is not None:
            return self.seconds / (60.0 * self.config.minutes)
        return self.steps_done / self.config.steps

    def _batches(self, pool: ThreadPoolExecutor) -> Iterator[Batch]:
        """Batches up to the end of the run, each made while the one before is learnt from."""
        following = pool.submit(self._make_batch, self.steps_done)
        while self._progress() < 1.0:
            batch = following.result()
            following = pool.submit(self._make_batch, self.steps_done + 1)
            yield batch

    def _make_batch(self, step: int) -> Batch:
        first = step * self.config.batch
        samples = [self._mixer.sample(first + i) for i in range(self.config.batch)]
        config = self._network.config
        inputs = np.stack([planes_of(sample.moment, config.planes) for sample in samples])
        targets = [make_target(sample.people, config.input_size) for sample in samples]
        names = ("heat", "boxes", "weight", "counts", "parts")
        wanted = (np.stack([getattr(target, name) for target in targets]) for name in names)
        return torch.from_numpy(inputs), *(torch.from_numpy(each) for each in wanted)

    def _step(self, batch: Batch) -> tuple[float, float, float]:
        frames, *wanted, parts = (tensor.to(self._device) for tensor in batch)
        for group in self._optimiser.param_groups:
            group["lr"] = self.config.rate * _schedule(self._progress(), self.config.warm_up)
        frames = frames.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self.config.bfloat16):
            shared = self._network.shared(frames)
            heat, reach = self._network.read(shared)
            guessed = self._parts(shared)
        heat_loss, box_loss = loss_of(heat, reach, *wanted)
        parts_loss = parts_loss_of(guessed, parts)
        self._optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(heat_loss + box_loss + parts_loss)
        nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
        self._optimiser.step()
        self._average_weights()
        return heat_loss.item(), box_loss.item(), parts_loss.item()

    def _average_weights(self) -> None:
        keep = min(self.config.averaging, (1 + self.steps_done) / (10 + self.steps_done))
        for name, value in self._network.state_dict().items():
            if value.is_floating_point():
                self._average[name].lerp_(value, 1.0 - keep)
            else:
                self._average[name].copy_(value)

    def _keep_books(self, losses: tuple[float, float, float]) -> None:
        if self.steps_done % self.config.log_every == 0:
            line = {
                "step": float(self.steps_done),
                "seconds": round(self.seconds, 1),
                "heat_loss": round(losses[0], 4),
                "box_loss": round(losses[1], 4),
                "parts_loss": round(losses[2], 4),
            }
            self.curves.append(line)
            self._on_log(line)
        if self.steps_done % self.config.save_every == 0:
            self._save()
        if self._is_cancelled():
            self._save()
            raise Cancelled()

    def _save(self) -> None:
        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        state: dict[str, Any] = {
            "network": self._network.state_dict(),
            "parts": self._parts.state_dict(),
            "average": self._average,
            "optimiser": self._optimiser.state_dict(),
            "curves": self.curves,
            "steps": self.steps_done,
            "seconds": self.seconds,
            "config": asdict(self.config),
        }
        with whole_file(self._checkpoint) as part:
            torch.save(state, part)


def _schedule(progress: float, warm_up: float) -> float:
    """Factor on the learning rate: a short rise, then half a cosine down to nearly nothing."""
    if progress < warm_up:
        return max(0.02, progress / warm_up)
    share = min(1.0, (progress - warm_up) / (1.0 - warm_up))
    return 0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * share))


def _decay_groups(modules: list[nn.Module], decay: float) -> list[dict[str, Any]]:
    """Weights of convolutions decay; biases and normalisation do not."""
    parameters = [p for module in modules for p in module.parameters()]
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
