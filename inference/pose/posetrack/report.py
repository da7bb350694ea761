"""All figures of one evaluation in one object that JSON can hold, and as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from inference.pose.posetrack.ap import as_text, joint_figures, table
from inference.pose.posetrack.match import NEAR, match, without_head
from inference.pose.posetrack.oks import oks_figures
from inference.pose.posetrack.pckh import pckh
from inference.pose.posetrack.prepare import FramePair, pairs
from inference.pose.posetrack.types import PoseSet
from inference.skeleton import COCO17, POSETRACK15


def evaluate_sets(truths: Mapping[str, PoseSet], found: Mapping[str, PoseSet]) -> dict[str, Any]:
    """Measure predictions, all files together.

    Args:
        truths: annotations by file name; one order of joints in all.
        found: predictions under the same names, with the same frames.

    Returns:
        ``frames``, ``people``, ``poses`` that count; ``oks`` (see ``oks_figures``); unless the
        joints are COCO's, ``ap``, ``precision``, ``recall``, ``pckh`` by column of PoseTrack's
        table, ``ap_by_joint``, ``without_head`` people left out and ``without_scores`` poses.
        Percent; None where there is nothing to measure.
    """
    skeleton = next(iter(truths.values())).skeleton
    frames = [pair for name, truth in truths.items() for pair in pairs(truth, found[name])]
    report: dict[str, Any] = {
        "frames": len(frames),
        "people": sum(len(pair.truth) for pair in frames),
        "poses": sum(len(pair.found) for pair in frames),
    }
    if skeleton != COCO17:
        report |= _joints(frames)
    plain: dict[str, Any] = _plain(report | {"oks": oks_figures(frames, skeleton)})
    return plain


def as_lines(report: Mapping[str, Any]) -> str:
    """The report for people to read."""
    lines = ["{frames} frames, {people} people, {poses} poses".format(**report)]
    if report.get("without_head"):
        lines.append(f"{report['without_head']} people without a head's box left out")
    if report.get("without_scores"):
        lines.append(f"{report['without_scores']} poses without scores: sorted last")
    if "ap" in report:
        names = {"AP": "ap", "precision": "precision", "recall": "recall", "PCKh": "pckh"}
        lines.append(as_text({name: _numbers(report[key]) for name, key in names.items()}))
    oks = ", ".join(f"{name} {value:.1f}" for name, value in _numbers(report["oks"]).items())
    return "\n".join([*lines, f"OKS: {oks}"])


def _joints(frames: Sequence[FramePair]) -> dict[str, Any]:
    matched = [match(pair, NEAR) for pair in frames]
    figures = joint_figures(matched)
    return {
        "ap": table(figures.ap),
        "precision": table(figures.precision),
        "recall": table(figures.recall),
        "pckh": pckh(matched),
        "ap_by_joint": dict(zip(POSETRACK15.joints, figures.ap.tolist(), strict=True)),
        "without_head": sum(without_head(pair) for pair in frames),
        "without_scores": sum(
            bool(math.isnan(person.scores[person.given].sum()))
            for pair in frames
            for person in pair.found
        ),
    }


def _plain(value: Any) -> Any:
    """Rounded, None for NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value


def _numbers(figures: Mapping[str, float | None]) -> dict[str, float]:
    return {name: float("nan") if value is None else value for name, value in figures.items()}
