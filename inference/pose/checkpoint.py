"""Keeps a training run on disk, so that it goes on where it was broken off."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from inference.errors import BadInput
from inference.whole_file import whole_file

State = dict[str, Tensor]


@dataclass
class RunState:
    """All that a run needs to go on; batches need no more than the step.

    Attributes:
        stage: which part is trained.
        step: steps done.
        elapsed_s: seconds spent in training so far.
        network: weights as trained.
        average: weights averaged over the last steps: those that are used.
        optimiser: the optimiser's own state.
        curves: one entry every few steps.
        settings: of the run, for the card and to notice a resume with others.
    """

    stage: str
    step: int
    elapsed_s: float
    network: State
    average: State
    optimiser: dict[str, Any]
    curves: list[dict[str, float]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)


def save_run(path: Path, state: RunState) -> None:
    """Write a checkpoint; a run killed meanwhile leaves the former one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        torch.save(vars(state), part)


def load_run(path: Path) -> RunState:
    """Read a checkpoint.

    Raises:
        BadInput: there is none, or the file is no checkpoint of ours.
    """
    if not path.exists():
        raise BadInput("no_checkpoint", f"Expected a checkpoint at {path}, there is none.")
    try:
        return RunState(**torch.load(path, map_location="cpu", weights_only=True))
    except (RuntimeError, TypeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise BadInput("bad_checkpoint", f"{path} is no checkpoint of this program.") from error
