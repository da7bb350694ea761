"""What heads said of labelled clips, and how well they can be calibrated on other takes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.classify.calibrate import (
    Selection,
    best_temperature,
    select,
    tempered,
    unsure_below,
)
from inference.classify.reliability import reliability
from inference.commands.action_examples import LabelledClip

Doubles = npt.NDArray[np.float64]

NOBODY = "(nobody found)"
"""Stands for the answer where no person was found; always wrong."""

COVERAGE = 0.8
"""Share of the answers that are given where the others are called unsure."""


@dataclass(frozen=True)
class Answers:
    """What one head said of S clips.

    Attributes:
        clips: which.
        labels: L labels of the head.
        shares: [S, L]; a row of zeros where nobody was found.
    """

    clips: list[LabelledClip]
    labels: tuple[str, ...]
    shares: Doubles

    @property
    def truth(self) -> list[str]:
        """The right labels."""
        return [clip.label for clip in self.clips]

    @property
    def said(self) -> list[str]:
        """The first choices."""
        best = self.shares.argmax(axis=1)
        there = self.shares.max(axis=1) > 0
        return [
            self.labels[at] if is_there else NOBODY
            for at, is_there in zip(best, there, strict=True)
        ]

    def given(self, skipped: Collection[str] = ()) -> Answers:
        """Those of clips in which somebody was found, without those of some takes."""
        rows = [
            i
            for i, clip in enumerate(self.clips)
            if self.shares[i].max() > 0 and clip.group not in skipped
        ]
        return replace(self, clips=[self.clips[i] for i in rows], shares=self.shares[rows])


def confidence_of(answers: Answers, shares: Doubles) -> tuple[Doubles, npt.NDArray[np.bool_]]:
    """How sure each first choice is, and whether it is right."""
    right = [said == truth for said, truth in zip(answers.said, answers.truth, strict=True)]
    return shares.max(axis=1, initial=0), np.array(right, bool)


def calibration(folds: list[Answers]) -> dict[str, Any]:
    """Calibrate on the other folds' clips of other takes, measure on each fold.

    Args:
        folds: at least two, of heads with the same labels, each on clips that its head never saw.

    Returns:
        Calibration error before and after one temperature; accuracy where all is answered, where
        answers below a threshold of the other folds are called unsure (``unsure``), and where the
        surest share ``COVERAGE`` of each fold is answered (``surest``).
    """
    before, after, chosen, surest = [], [], [], []
    for at, fold in enumerate(folds):
        asked = fold.given()
        known = _others(folds, at)
        temperature = _temperature(known)
        confidence, right = confidence_of(asked, tempered(asked.shares, temperature))
        threshold = unsure_below(tempered(known.shares, temperature).max(1, initial=0), COVERAGE)
        before.append(reliability(*confidence_of(asked, asked.shares))["ece"])
        after.append((confidence, right, temperature))
        chosen.append(select(confidence, right, threshold))
        surest.append(select(confidence, right, unsure_below(confidence, COVERAGE)))
    right = np.concatenate([each[1] for each in after])
    return {
        "ece_before": float(np.mean(before)),
        "ece": reliability(np.concatenate([each[0] for each in after]), right)["ece"],
        "ece_by_split": [round(reliability(c, r)["ece"], 4) for c, r, _ in after],
        "temperatures": [round(t, 3) for _, _, t in after],
        "accuracy": float(right.mean()),
        "unsure": _mean_selection(chosen),
        "surest": _mean_selection(surest),
    }


def _others(folds: list[Answers], at: int) -> Answers:
    """What the other folds' heads said of clips of takes that fold ``at`` does not have."""
    here = {clip.group for clip in folds[at].clips}
    others = [other.given(here) for i, other in enumerate(folds) if i != at]
    return Answers(
        [clip for other in others for clip in other.clips],
        folds[at].labels,
        np.concatenate([other.shares for other in others]),
    )


def _temperature(answers: Answers) -> float:
    """The temperature of least log loss on these answers."""
    rows = [i for i, name in enumerate(answers.truth) if name in answers.labels]
    logs = np.log(np.maximum(answers.shares[rows], 1e-12))
    return best_temperature(logs, [answers.labels.index(answers.truth[i]) for i in rows], trust=0.0)


def _mean_selection(selections: list[Selection]) -> dict[str, float]:
    """Coverage, accuracy and gain on average over folds."""
    return {
        name: round(float(np.mean([selection[name] for selection in selections])), 4)
        for name in ("coverage", "accuracy", "gain")
    }
