"""Trains the published action head, as it was published or with its training put right."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from inference.classify.legacy import FEATURES, LegacyHead
from inference.errors import BadInput, Cancelled
from inference.skeleton import POSETRACK15
from inference.types import Floats, IsCancelled, expect, never_cancelled

OnEpoch = Callable[[int, dict[str, float]], None]


@dataclass(frozen=True)
class LegacyTrainConfig:
    """How the head learns; the defaults are the published program's."""

    # Passes over the examples, at most.
    epochs: int = 300
    # Examples a step.
    batch: int = 50
    # Of Adam.
    learning_rate: float = 1e-3
    # Epochs without a lower loss on the held-out examples after which training stops and the
    # best epoch's weights are taken; None trains to the end, as published.
    patience: int | None = None
    # Whether every second example, drawn anew each time, is mirrored: left and right exchanged.
    # Only for features about the body's own middle.
    mirror: bool = False
    # Deviation of the noise on the features, in their own measure.
    jitter: float = 0.0
    # Share of the target that is spread over all classes.
    smoothing: float = 0.0


CORRECTED_TRAINING = LegacyTrainConfig(patience=30, mirror=True, jitter=0.05, smoothing=0.1)
"""For corrected features, whose measure is the torso's length."""

_JOINTS = len(POSETRACK15) - 1
_MIRRORED = [place for place in POSETRACK15.flip_order if place != POSETRACK15.index("head_top")]
"""For each of the 14 joints the place of the one that stands there in a mirror image."""


@dataclass(frozen=True)
class Examples:
    """Labelled vectors.

    Attributes:
        features: float32 [S, 280].
        numbers: class number of each.
        groups: what must stay together when some are held out, such as one take.
    """

    features: Floats
    numbers: tuple[int, ...]
    groups: tuple[str, ...]

    def __post_init__(self) -> None:
        expect(self.features, (len(self.numbers), FEATURES), np.float32, "features")

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: Sequence[int]) -> Examples:
        """Some of the examples."""
        return Examples(
            self.features[list(rows)],
            tuple(self.numbers[row] for row in rows),
            tuple(self.groups[row] for row in rows),
        )


@dataclass(frozen=True)
class LegacyFit:
    """A trained head.

    Attributes:
        head: ready to use.
        numbers: class number of each output, rising.
        epoch: the epoch whose weights it has, from 1.
        curves: one entry an epoch: ``epoch, train_loss`` and, with held-out examples,
            ``held_out_loss, held_out_accuracy``.
    """

    head: LegacyHead
    numbers: tuple[int, ...]
    epoch: int
    curves: list[dict[str, float]]


def fit_legacy(
    train: Examples,
    held_out: Examples | None = None,
    config: LegacyTrainConfig | None = None,
    *,
    seed: int = 0,
    on_epoch: OnEpoch | None = None,
    is_cancelled: IsCancelled = never_cancelled,
) -> LegacyFit:
    """Train with Adam on cross-entropy; the same arguments give the same head on one machine.

    Args:
        train: what to learn from.
        held_out: only measured on; with ``patience`` it also says when to stop. Classes that
            ``train`` does not have count as wrong and in no loss.
        config: how.
        seed: of the first weights and the order of the examples; nothing global is seeded.
        on_epoch: called with the epoch, from 1, and its entry of the curves.
        is_cancelled: asked before each epoch.

    Raises:
        BadInput: there are no examples.
        Cancelled: ``is_cancelled`` said so.
    """
    if not len(train):
        raise BadInput("no_examples", "Expected at least one labelled clip to train on.")
    run = _Run(train, config or LegacyTrainConfig(), seed)
    best, state, least = 0, copy.deepcopy(run.head.state_dict()), float("inf")
    curves = []
    for epoch in range(1, run.config.epochs + 1):
        if is_cancelled():
            raise Cancelled()
        figures = {"epoch": float(epoch), "train_loss": run.epoch()}
        if held_out is not None and len(held_out):
            figures |= run.measure(held_out)
        curves.append(figures)
        if on_epoch:
            on_epoch(epoch, figures)
        loss = figures.get("held_out_loss")
        if run.config.patience is None or loss is None or loss < least:
            best, state = epoch, copy.deepcopy(run.head.state_dict())
            least = least if loss is None else loss
        elif epoch - best >= run.config.patience:
            break
    return LegacyFit(LegacyHead.of(state), run.numbers, best, curves)


def fit_corrected(
    train: Examples,
    held_out: Examples | None = None,
    *,
    config: LegacyTrainConfig = CORRECTED_TRAINING,
    seed: int = 0,
    on_epoch: OnEpoch | None = None,
    is_cancelled: IsCancelled = never_cancelled,
) -> LegacyFit:
    """Train and stop in time.

    Examples are varied (see ``CORRECTED_TRAINING``) and the weights of the best epoch on held-out
    examples are taken. Without those some groups of every class are held out, the best number of
    epochs is found on them, and the head is trained on everything for as many.

    Raises:
        BadInput: there are no examples.
        Cancelled: ``is_cancelled`` said so.
    """
    fit = partial(fit_legacy, seed=seed, is_cancelled=is_cancelled)
    if held_out is not None and len(held_out):
        return fit(train, held_out, config, on_epoch=on_epoch)
    learn, check = split_groups(train, seed)
    if not len(check):
        return fit(train, None, config, on_epoch=on_epoch)
    found = fit(learn, check, config, on_epoch=on_epoch)
    again = fit(train, None, replace(config, epochs=found.epoch))
    return LegacyFit(again.head, again.numbers, found.epoch, found.curves)


def split_groups(examples: Examples, seed: int, share: float = 0.2) -> tuple[Examples, Examples]:
    """Hold out whole groups, of each class at least ``share`` of its examples.

    A class with a single group keeps it for training.

    Returns:
        (to learn from, held out).
    """
    numbers = np.random.default_rng(seed)
    held: set[tuple[int, str]] = set()
    for label in sorted(set(examples.numbers)):
        groups = [g for n, g in zip(examples.numbers, examples.groups, strict=True) if n == label]
        order = numbers.permutation(sorted(set(groups)))
        count = 0
        for group in order[:-1]:
            if count >= share * len(groups):
                break
            held.add((label, str(group)))
            count += groups.count(str(group))
    pairs = list(zip(examples.numbers, examples.groups, strict=True))
    rows = [row for row, pair in enumerate(pairs) if pair not in held]
    rest = [row for row, pair in enumerate(pairs) if pair in held]
    return examples.take(rows), examples.take(rest)


def mirrored(x: Tensor) -> Tensor:
    """Features [B, 280] of the mirror image, x relative to the body's middle."""
    points = x.reshape(len(x), -1, _JOINTS, 2)[:, :, _MIRRORED]
    return (points * torch.tensor([-1.0, 1.0])).reshape(len(x), -1)


class _Run:
    """The state of one training."""

    def __init__(self, train: Examples, config: LegacyTrainConfig, seed: int) -> None:
        self.config = config
        self.numbers = tuple(sorted(set(train.numbers)))
        self._x = torch.from_numpy(train.features)
        self._y = self._targets(train)
        self._order = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.head = LegacyHead(len(self.numbers))
        self._adam = torch.optim.Adam(self.head.parameters(), lr=config.learning_rate)

    def epoch(self) -> float:
        """One pass over the examples in a new order; returns the mean loss."""
        total = 0.0
        order = torch.randperm(len(self._x), generator=self._order)
        for start in range(0, len(order), self.config.batch):
            rows = order[start : start + self.config.batch]
            self._adam.zero_grad()
            logits = self.head(self._varied(self._x[rows]))
            loss = nn.functional.cross_entropy(
                logits, self._y[rows], label_smoothing=self.config.smoothing
            )
            loss.backward()  # type: ignore[no-untyped-call]
            self._adam.step()
            total += float(loss.detach()) * len(rows)
        return total / len(self._x)

    def _varied(self, x: Tensor) -> Tensor:
        """Examples [B, 280] as they are, or mirrored and with noise."""
        if self.config.mirror:
            chosen = torch.rand(len(x), 1, generator=self._order) < 0.5
            x = torch.where(chosen, mirrored(x), x)
        if self.config.jitter:
            x = x + self.config.jitter * torch.randn(x.shape, generator=self._order)
        return x

    @torch.inference_mode()
    def measure(self, held_out: Examples) -> dict[str, float]:
        """Loss and accuracy on examples that are not trained on."""
        known = [row for row, number in enumerate(held_out.numbers) if number in self.numbers]
        if not known:
            return {"held_out_accuracy": 0.0}
        logits = self.head(torch.from_numpy(held_out.features[known]))
        truth = self._targets(held_out.take(known))
        loss = nn.functional.cross_entropy(logits, truth)
        right = int((logits.argmax(dim=1) == truth).sum())
        return {"held_out_loss": float(loss), "held_out_accuracy": right / len(held_out)}

    def _targets(self, examples: Examples) -> Tensor:
        return torch.tensor([self.numbers.index(number) for number in examples.numbers])
