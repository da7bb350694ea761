"""Fine-tunes a pose network on labelled people: the backbone first, then the head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from inference.adaptation.clips import Lessons
from inference.adaptation.config import AdaptConfig
from inference.pose.dcpose import DCPose
from inference.pose.mix import Mix, Source
from inference.pose.train import TrainConfig, Trainer
from inference.types import IsCancelled, Progress

STAGE = "train"
NAME = "own clips"

_LOG_EVERY = 10

OnCurve = Callable[[dict[str, float]], None]


def tuned(
    network: DCPose,
    lessons: Lessons,
    config: AdaptConfig,
    *,
    device: str,
    bfloat16: bool,
    progress: Progress,
    is_cancelled: IsCancelled,
    on_curve: OnCurve | None,
) -> tuple[DCPose, list[dict[str, Any]]]:
    """A network that goes on learning.

    Args:
        network: where to begin; changed.
        lessons: labelled people and the places of their clips.
        config: how.
        device: as torch names it.
        bfloat16: true where that is faster.
        progress: told of the stage "train".
        is_cancelled: asked before each step.
        on_curve: gets ``step`` (over both stages), ``loss``, ``rate``, ``elapsed_s``,
            ``samples`` and ``progress`` every few steps.

    Returns:
        (the averaged network, settings of each stage for the card).

    Raises:
        Cancelled: ``is_cancelled`` said so.
    """
    told: list[dict[str, Any]] = []
    begin = 0.0
    before = {"step": 0.0, "samples": 0.0, "elapsed_s": 0.0}
    for settings, share in _stages(config, bfloat16):
        trainer = Trainer(network, _mix(network, lessons, config), settings, device=device)
        trainer.on_log = _watcher(trainer, before, begin, share, progress, on_curve)
        network = trainer.run(is_cancelled)
        told.append({**trainer.settings(), "steps": trainer.step})
        if trainer.curves:
            before = {name: before[name] + trainer.curves[-1][name] for name in before}
        begin += share
    progress(STAGE, 1.0)
    return network, told


def _stages(config: AdaptConfig, bfloat16: bool) -> list[tuple[TrainConfig, float]]:
    """Settings of each stage and its share of the run."""
    common = TrainConfig(
        warmup=config.warmup,
        batch=config.batch,
        workers=config.workers,
        average=config.average,
        seed=config.seed,
        bfloat16=bfloat16,
        log_every=_LOG_EVERY,
    )
    head_steps = round(config.head_share * config.steps) if config.steps else 0
    backbone_steps = (config.steps or 0) - head_steps
    parts = (
        ("backbone", config.rate, 1 - config.head_share, backbone_steps),
        ("head", config.head_rate, config.head_share, head_steps),
    )
    if config.steps is None:
        return [
            (replace(common, stage=stage, rate=rate, minutes=share * config.minutes), share)
            for stage, rate, share, _ in parts
            if share > 0
        ]
    return [
        (replace(common, stage=stage, rate=rate, steps=steps), steps / config.steps)
        for stage, rate, _, steps in parts
        if steps > 0
    ]


def _mix(network: DCPose, lessons: Lessons, config: AdaptConfig) -> Mix:
    others = [source for source in config.rehearsal if source.tracks]
    kept = config.rehearsal_share if others else 0.0
    whole = sum(source.share for source in others) or 1.0
    sources = [Source(NAME, lessons.tracks, 1 - kept, bright=False)]
    sources += [replace(source, share=kept * source.share / whole) for source in others]
    return Mix(sources, network.config, config.mix, config.seed, lessons.places)


def _watcher(
    trainer: Trainer,
    before: dict[str, float],
    begin: float,
    share: float,
    progress: Progress,
    on_curve: OnCurve | None,
) -> OnCurve:
    """Passes a stage's log on as part of the whole run's."""

    def on_log(entry: dict[str, float]) -> None:
        done = min(1.0, begin + share * trainer.progress)
        progress(STAGE, done)
        if on_curve:
            sums = {name: entry[name] + before[name] for name in before}
            on_curve({**entry, **sums, "progress": done})

    return on_log
