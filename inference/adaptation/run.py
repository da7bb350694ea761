"""The whole adaptation: label, fine-tune, measure, write."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from inference.adaptation import clips as labelled
from inference.adaptation import measure, tuning
from inference.adaptation.clips import LabelledClips
from inference.adaptation.config import AdaptConfig, AdaptReport
from inference.adaptation.teacher import Teacher
from inference.config import PipelineConfig
from inference.errors import BadInput
from inference.pose.dcpose import DCPose
from inference.pose.estimator import PoseEstimator
from inference.pose.export import compact
from inference.pose.load import load_network
from inference.pose.train import start_network
from inference.skeleton import COCO17
from inference.types import IsCancelled, Progress, never_cancelled, no_progress
from inference.weights_file import Card, save_weights

STAGES = (labelled.STAGE, tuning.STAGE, measure.STAGE)
"""Names of the stages in progress messages, in order."""

WEIGHTS = "pose.safetensors"
"""Name of the written file."""


def adapt(
    clips: Sequence[Path],
    out: Path,
    *,
    teacher: Teacher,
    start: Path | None = None,
    config: AdaptConfig = AdaptConfig(),  # noqa: B008  frozen
    progress: Progress = no_progress,
    is_cancelled: IsCancelled = never_cancelled,
    on_curve: Callable[[dict[str, float]], None] | None = None,
) -> AdaptReport:
    """Fine-tune a pose network on somebody's own clips, labelled by a teacher.

    The teacher sees the clips at its best (enhanced, mirrored); the network learns from them as
    they are and darker. Some clips are held out, and both networks are measured on them.

    Args:
        clips: video files.
        out: folder for ``pose.safetensors`` and its card.
        teacher: who labels.
        start: weights in our form to begin with, COCO joints; those that come with the library
            if not given.
        config: length, seed, held-out clips and the rest.
        progress: told of ``STAGES``.
        is_cancelled: asked between clips and steps.
        on_curve: gets an entry of the training's curve every few steps.

    Returns:
        What came of it. Weights are written even where they are no better, with that said in
        their card.

    Raises:
        BadInput: too few clips with people; unsuitable start or teacher.
        ModelError: weights are missing or broken.
        Cancelled: ``is_cancelled`` said so; nothing is written.
    """
    began = time.monotonic()
    device = _device(config.device)
    parent, parent_card = _network(start or PipelineConfig().pose)
    labeller = teacher.load(device, config.clean.mirror_tolerance)
    found = labelled.label_clips(clips, labeller, config, progress, is_cancelled)
    before = PoseEstimator(_network(start or PipelineConfig().pose)[0], device)
    network, recipe = tuning.tuned(
        parent,
        labelled.cut_lessons(found.learnt, config.most_cuts, is_cancelled),
        config,
        device=device,
        bfloat16=before.dtype == torch.bfloat16,
        progress=progress,
        is_cancelled=is_cancelled,
        on_curve=on_curve,
    )
    state = compact(network.cpu().state_dict())
    start_network(network, {name: value.float() for name, value in state.items()})
    hits = measure.hits_on(
        [before, PoseEstimator(network, device)],
        found.held_out,
        config.most_measured,
        progress,
        is_cancelled,
    )
    report = AdaptReport(
        weights=out / WEIGHTS,
        before=measure.figures(hits[0]),
        after=measure.figures(hits[1]) | measure.gain(*hits),
        improved=bool(hits[1].right.sum() > hits[0].right.sum()),
        clips_used=len(found.learnt) + len(found.held_out),
        clips_skipped=found.skipped,
        seconds=round(time.monotonic() - began, 1),
    )
    save_weights(report.weights, state, _card(parent_card, found, teacher, recipe, config, report))
    return report


def _network(weights: Path) -> tuple[DCPose, Card]:
    """A network and its card.

    Raises:
        BadInput: it has other joints than COCO's.
    """
    network, card = load_network(weights)
    if network.config.skeleton != COCO17.name:
        raise BadInput(
            "wrong_weights",
            f"Expected weights with {COCO17.name} joints to start from, "
            f"{weights.name} has {network.config.skeleton}.",
        )
    return network, card


def _device(name: str) -> str:
    if name != "auto":
        return name
    return "cuda" if torch.cuda.is_available() else "cpu"


def _card(
    parent: Card,
    found: LabelledClips,
    teacher: Teacher,
    recipe: list[dict[str, Any]],
    config: AdaptConfig,
    report: AdaptReport,
) -> Card:
    return {
        "name": f"{str(parent.get('name', 'pose network')).removesuffix(' (adapted)')} (adapted)",
        "task": parent.get("task", ""),
        "note": _note(report),
        "config": parent["config"],
        "parent": {"name": parent.get("name"), "sha256": parent.get("sha256")},
        "data": [
            *parent.get("data", []),
            {"name": tuning.NAME, "licence": "the clips' owner's; listed under clips"},
        ],
        "teacher": teacher.as_dict(),
        "clips": _clips(found),
        "recipe": {
            "kind": "adaptation",
            "seed": config.seed,
            "held_out_names": list(config.held_out),
            "held_out_share": config.held_out_share,
            "stages": recipe,
        },
        "figures": {
            "held out clips, teacher's boxes and joints": {
                "before": report.before,
                "after": report.after,
            }
        },
        "improved": report.improved,
        "torch": torch.__version__,
        "date": datetime.now(UTC).date().isoformat(),
    }


def _note(report: AdaptReport) -> str:
    figures = f"PCK@0.2 {report.before['pck']} before, {report.after['pck']} after"
    if report.improved:
        return f"Adapted to somebody's own clips: {figures}, on held-out clips."
    return f"Adapted to somebody's own clips, and no better for it: {figures}, on held-out clips."


def _clips(found: LabelledClips) -> list[dict[str, str]]:
    parts = {"learnt": found.learnt, "held out": found.held_out}
    used = [
        {"name": clip.path.name, "sha256": clip.sha256, "use": use}
        for use, part in parts.items()
        for clip in part
    ]
    return [*used, *({"name": n, "use": "skipped", "why": why} for n, why in found.skipped)]
