"""Fits an action head to described spans: small, seeded, quick enough to wait for.

Weights are learned from the training split alone. The evaluation split only says how sure the
head may be (one temperature, Guo et al., 2017) and below which confidence an answer should be
called unsure; neither changes a first choice.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inference.classify.calibrate import best_temperature, unsure_below
from inference.classify.data import TrainingData
from inference.classify.ensemble import Ensemble
from inference.classify.head import CLIP, ActionHead
from inference.classify.metrics import Metrics, evaluate_head
from inference.errors import BadInput, Cancelled
from inference.types import Floats, IsCancelled, never_cancelled

Doubles = npt.NDArray[np.float64]
OnEpoch = Callable[[int, int, dict[str, float]], None]


@dataclass(frozen=True)
class HeadConfig:
    """The head and how it learns."""

    hidden: tuple[int, ...] = (128, 64)  # sizes of the hidden layers
    members: int = 5  # MLPs whose logits are averaged
    epochs: int = 30  # reports; the learning rate falls to 0 over them
    steps: int = 25  # batches an epoch
    batch: int = 64  # examples a batch and member
    learning_rate: float = 2e-3  # of AdamW at its highest
    weight_decay: float = 3e-2  # of AdamW
    input_dropout: float = 0.2  # share of the features that are dropped
    dropout: float = 0.4  # share of the hidden units that are dropped
    smoothing: float = 0.05  # share of the target spread over all labels
    jitter: float = 0.2  # noise on the features, in standard deviations
    mixup: float = 0.2  # alpha of mixup (Zhang et al., 2018), 0 for none
    balance: float = 0.7  # 1 draws all classes alike, 0 as they come
    trust: float = 10.0  # examples that the temperature 1 is worth when calibrating
    coverage: float = 0.8  # share of the evaluation split that is answered; the rest is unsure


@dataclass(frozen=True)
class FitResult:
    """A trained head.

    Attributes:
        head: the classifier.
        curves: one entry an epoch: ``epoch, train_loss, eval_accuracy, learning_rate``.
        metrics: figures on the evaluation split.
        seconds: how long it took.
    """

    head: ActionHead
    curves: list[dict[str, float]]
    metrics: Metrics
    seconds: float


def fit_head(
    data: TrainingData,
    config: HeadConfig | None = None,
    *,
    seed: int = 0,
    labels: Sequence[str] | None = None,
    on_epoch: OnEpoch | None = None,
    is_cancelled: IsCancelled = never_cancelled,
) -> FitResult:
    """Train an action head; the same arguments give the same head on the same machine.

    Args:
        data: examples of both splits. Those with a label outside ``labels`` are left out.
        config: the head and how it learns.
        seed: of every random draw; nothing global is seeded.
        labels: the labels that the head may have, in order; those without a training example
            get no output. None takes the labels of the training split by name.
        on_epoch: called as ``on_epoch(epoch, epochs, figures)`` after each epoch, from 1.
        is_cancelled: asked before each epoch.

    Returns:
        The head, its curves and its figures.

    Raises:
        BadInput: no training example is left.
        Cancelled: ``is_cancelled`` said so.
    """
    started = time.monotonic()
    config = config or HeadConfig()
    wanted = list(labels) if labels is not None else sorted(set(data.where("train").labels))
    data = data.take([i for i, label in enumerate(data.labels) if label in set(wanted)])
    train, held_out = data.where("train"), data.where("eval")
    if not len(train):
        raise BadInput("no_examples", "Expected at least one labelled example to train on.")
    run = _Run(train, [label for label in wanted if label in set(train.labels)], config, seed)
    curves: list[dict[str, float]] = []
    for epoch in range(1, config.epochs + 1):
        if is_cancelled():
            raise Cancelled()
        figures = {"train_loss": run.epoch(epoch), "learning_rate": run.learning_rate}
        figures["eval_accuracy"] = _accuracy(run.head(1.0), held_out)
        curves.append({"epoch": float(epoch), **figures})
        if on_epoch:
            on_epoch(epoch, config.epochs, figures)
    head = _calibrated(run.head(1.0), held_out, config)
    metrics = evaluate_head(head, held_out.features, held_out.labels)
    return FitResult(head, curves, metrics, time.monotonic() - started)


def _accuracy(head: ActionHead, data: TrainingData) -> float:
    return evaluate_head(head, data.features, data.labels)["accuracy"]


class _Run:
    """The state of one training."""

    def __init__(
        self, train: TrainingData, labels: list[str], config: HeadConfig, seed: int
    ) -> None:
        self.config, self.labels = config, labels
        self.numbers = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        weights = train.sample_weights.astype(np.float64)
        self.mean, self.scale = _moments(train.features, weights)
        standard = np.clip((train.features - self.mean) / self.scale, -CLIP, CLIP)
        self.x = torch.from_numpy(standard)
        self.y = torch.tensor([labels.index(label) for label in train.labels])
        self.chances = self._chances(train, weights)
        sizes = (train.features.shape[1], *config.hidden, len(labels))
        self.net = Ensemble(config.members, sizes, self.generator)
        self.optimiser = torch.optim.AdamW(
            [
                {"params": self.net.weights, "weight_decay": config.weight_decay},
                {"params": self.net.biases, "weight_decay": 0.0},
            ],
            lr=config.learning_rate,
        )
        self.learning_rate = config.learning_rate

    def _chances(self, train: TrainingData, weights: Doubles) -> Tensor:
        """Chance [members, S] that an example is drawn."""
        totals: Counter[str] = Counter()
        for label, weight in zip(train.labels, weights, strict=True):
            totals[label] += weight
        even = np.array([totals[label] ** -self.config.balance for label in train.labels])
        return torch.from_numpy(even * weights).expand(self.config.members, -1)

    def epoch(self, epoch: int) -> float:
        """Take ``steps`` batches; returns the mean loss."""
        with _one_thread():
            return self._epoch(epoch)

    def _epoch(self, epoch: int) -> float:
        total, config = 0.0, self.config
        for step in range(config.steps):
            done = (epoch - 1 + step / config.steps) / config.epochs
            warm = min(1.0, (done * config.epochs * config.steps + 1) / 20)
            self.learning_rate = config.learning_rate * warm * (1 + np.cos(np.pi * done)) / 2
            for group in self.optimiser.param_groups:
                group["lr"] = self.learning_rate
            loss = self._loss()
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()
            total += float(loss.detach()) / config.members
        return total / config.steps

    def _loss(self) -> Tensor:
        """Cross-entropy of one batch for every member, summed over members."""
        config, count = self.config, len(self.labels)
        drawn = torch.multinomial(self.chances, config.batch, True, generator=self.generator)
        x = self.x[drawn]
        x = x + config.jitter * torch.randn(x.shape, generator=self.generator)
        target = torch.nn.functional.one_hot(self.y[drawn], count).float()
        if config.mixup:
            shape = (config.members, config.batch, 1)
            share = self.numbers.beta(config.mixup, config.mixup, shape).astype(np.float32)
            part = torch.from_numpy(np.maximum(share, 1 - share))
            x = part * x + (1 - part) * x.roll(1, dims=1)
            target = part * target + (1 - part) * target.roll(1, dims=1)
        target = target * (1 - config.smoothing) + config.smoothing / count
        dropout = [config.input_dropout] + [config.dropout] * len(config.hidden)
        logits = self.net.forward(x, dropout)
        loss: Tensor = -(target * logits.log_softmax(-1)).sum(-1).mean(-1).sum()
        return loss

    def head(self, temperature: float) -> ActionHead:
        """What was learned so far, as a head."""
        return ActionHead(
            labels=tuple(self.labels),
            mean=self.mean,
            scale=self.scale,
            weights=tuple(w.detach().numpy().copy() for w in self.net.weights),
            biases=tuple(b.detach()[:, 0].numpy().copy() for b in self.net.biases),
            temperature=temperature,
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep torch to one thread: products this small only wait for each other on busy machines."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _moments(features: Floats, weights: Doubles) -> tuple[Floats, Floats]:
    """Weighted mean and standard deviation [F], the latter kept away from 0."""
    share = weights / weights.sum()
    mean = share @ features.astype(np.float64)
    spread = np.sqrt(share @ (features - mean) ** 2)
    return mean.astype(np.float32), np.maximum(spread, 1e-2).astype(np.float32)


def _calibrated(head: ActionHead, data: TrainingData, config: HeadConfig) -> ActionHead:
    """The head with the temperature and the threshold for "unsure" that suit these examples."""
    rows = [i for i, label in enumerate(data.labels) if label in head.labels]
    truth = [head.labels.index(data.labels[i]) for i in rows]
    logits = head.logits(data.features[rows]).astype(np.float64)
    calibrated = replace(head, temperature=best_temperature(logits, truth, config.trust))
    sure = calibrated.probabilities(data.features).max(axis=1, initial=0)
    return replace(calibrated, unsure_below=unsure_below(sure, config.coverage))
