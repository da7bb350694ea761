"""Decides for each clip, by measuring it, what the networks get to see of its frames.

The rule rests on figures (docs/models.md): ``evaluate-detector --enhance`` measures what each
treatment does at each darkness, ``evaluate-pose --enhance`` the same for the pose network. Our
detector takes the exposure out by itself, by a gamma of its own before it shrinks a frame, which
found more people than CLAHE or a learnt curve did; so it is given raw frames. Our pose network
hits more joints after the learnt curve, above all in the darkest clips, and in noisy clips when
frames are averaged over time before that; averaged frames lose our detector people. Networks that
were trained on daylight, such as a teacher, want frames brightened while there is little noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from inference.enhance.denoise import averaged, rounded
from inference.enhance.gamma import adaptive_gamma
from inference.enhance.measure import Exposure, measure
from inference.enhance.tone import learnt_curve, learnt_curve_fine, local_contrast
from inference.types import Pixels

Treatment = Literal["raw", "gamma", "clahe", "curve"]
"""What can be done to frames."""

Eyes = Literal["night", "dusk", "day"]
"""Whether a network takes raw dark frames (our detector), dark frames brightened by the learnt
curve (our pose network), or was trained on daylight (a teacher)."""


def _as_they_are(frames: Pixels) -> Pixels:
    return frames


TREATMENTS: dict[Treatment, Callable[[Pixels], Pixels]] = {
    "raw": _as_they_are,
    "gamma": adaptive_gamma,
    "clahe": local_contrast,
    "curve": learnt_curve,
}
"""By name: frames uint8 [N, H, W, 3] RGB → the same."""


@dataclass(frozen=True)
class AdaptiveConfig:
    """When daylight eyes get brightened frames."""

    # Above this mean luma (0..1) a clip is bright enough.
    bright: float = 0.3
    # Contrast over noise under which brightening shows more noise than shapes.
    least_contrast: float = 8.0
    # Noise from pixel to pixel (spread of luma, 0..1) from which eyes at dusk get averaged frames.
    # Most of ARID, compressed, has 0.001 to 0.002; darken(0) makes 0.01 of it.
    noisy: float = 0.005


@dataclass(frozen=True)
class Decision:
    """What was measured on a clip, and what follows.

    Attributes:
        exposure: the measurement.
        treatment: how the network sees it brightened.
        averaged: whether frames are averaged over time before that.
    """

    exposure: Exposure
    treatment: Treatment
    averaged: bool = False

    def as_dict(self) -> dict[str, float | str | bool]:
        """For a prediction's record."""
        said = {"treatment": self.treatment, "averaged": self.averaged}
        return {**said, **self.exposure.as_dict()}


def decide(exposure: Exposure, eyes: Eyes, config: AdaptiveConfig | None = None) -> Treatment:
    """The treatment for a clip.

    Args:
        exposure: what ``measure`` found.
        eyes: what the network was trained on.
        config: thresholds.
    """
    settings = config or AdaptiveConfig()
    if eyes == "night" or exposure.mean >= settings.bright:
        return "raw"
    if eyes == "dusk":
        return "curve"
    return "gamma" if exposure.contrast >= settings.least_contrast else "raw"


def wants_average(exposure: Exposure, eyes: Eyes, config: AdaptiveConfig | None = None) -> bool:
    """Whether a network should see a clip's frames averaged over time, as our pose network."""
    settings = config or AdaptiveConfig()
    return eyes == "dusk" and exposure.noise >= settings.noisy


class AdaptiveExposure:
    """Treats the frames of one clip, which may come in parts; the first part decides.

    Args:
        eyes: what the network was trained on.
        treatment: None to decide by measuring, or always the same.
        average: the same for averaging over time.
        config: thresholds.
    """

    def __init__(
        self,
        eyes: Eyes = "night",
        treatment: Treatment | None = None,
        average: bool | None = None,
        config: AdaptiveConfig | None = None,
    ) -> None:
        self._eyes: Eyes = eyes
        self._treatment, self._average, self._config = treatment, average, config
        self.decision: Decision | None = None

    def __call__(self, frames: Pixels) -> Pixels:
        """Frames uint8 [N, H, W, 3] RGB as the network should see them.

        Raises:
            ModelError: frames of another shape or dtype.
        """
        decision = self.decision = self.decision or self._decide(frames)
        if not decision.averaged:
            return TREATMENTS[decision.treatment](frames)
        fine = averaged(frames)
        if decision.treatment == "curve":
            return learnt_curve_fine(fine)
        return TREATMENTS[decision.treatment](rounded(fine))

    def _decide(self, frames: Pixels) -> Decision:
        exposure = measure(frames)
        average = self._average
        if average is None:
            average = wants_average(exposure, self._eyes, self._config)
        treatment = self._treatment or decide(exposure, self._eyes, self._config)
        return Decision(exposure, treatment, average)
