"""Draws training batches from dark clips, bright pictures and renders in fixed shares.

A batch depends on (seed, step) alone, so a resumed run sees what an unbroken one would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inference.errors import BadInput
from inference.pose import augment, degrade
from inference.pose.config import DCPoseConfig
from inference.pose.cuts import Cut, CutTrack
from inference.types import Floats, Pixels


@dataclass(frozen=True)
class Source:
    """Tracks of one kind and how often they are drawn.

    Attributes:
        name: for the log and the card.
        tracks: drawn evenly; then one of a track's cuts, evenly.
        share: of the batch, relative to the other sources.
        bright: true for daylight pictures, which are darkened more.
    """

    name: str
    tracks: Sequence[CutTrack]
    share: float
    bright: bool


@dataclass(frozen=True)
class MixConfig:
    """How samples are made."""

    # Factor by which boxes grow before they are cut, as the estimator's.
    context: float = 1.25
    # Most frames between the current frame and its neighbours.
    reach: int = 3
    # Most shift (deviation, px of the crop) between the frames made of one picture.
    motion: float = 2.0
    view: augment.ViewConfig = field(default_factory=augment.ViewConfig)
    degrade: degrade.DegradeConfig = field(default_factory=degrade.DegradeConfig)


@dataclass(frozen=True)
class Batch:
    """Samples of one step.

    Attributes:
        images: uint8 [B, F, h, w, 3] RGB; F is 1, or 3: current, previous, next.
        keypoints: float32 [B, 17, 3]: x px, y px of the crop, weight 0..1.
        margin: float32 [B, 2]: frames to the previous and to the next one.
    """

    images: Pixels
    keypoints: Floats
    margin: Floats


class Mix:
    """Endless batches.

    Args:
        sources: at least one with tracks.
        network: gives the size of the crops and how they are sampled.
        config: how samples are made.
        seed: of everything drawn.

    Raises:
        BadInput: there is nothing to draw from.
    """

    def __init__(
        self, sources: Sequence[Source], network: DCPoseConfig, config: MixConfig, seed: int
    ) -> None:
        self.sources = [s for s in sources if s.tracks and s.share > 0]
        if not self.sources:
            raise BadInput("no_data", "Expected clips or pictures to train on, found none.")
        self.network = network
        self.config = config
        self.seed = seed
        shares = np.array([s.share for s in self.sources])
        self._shares = shares / shares.sum()

    def batch(self, step: int, size: int, frames: int, shard: int = 0) -> Batch:
        """The batch of a step.

        Args:
            step: from 0.
            size: number of samples B.
            frames: 1 or 3.
            shard: which worker's part of the step.
        """
        rng = np.random.default_rng([self.seed, frames, step, shard])
        samples = [self._sample(frames, rng) for _ in range(size)]
        return Batch(
            np.stack([images for images, _, _ in samples]),
            np.stack([keypoints for _, keypoints, _ in samples]),
            np.array([margin for _, _, margin in samples], np.float32),
        )

    def _sample(
        self, frames: int, rng: np.random.Generator
    ) -> tuple[Pixels, Floats, tuple[int, int]]:
        source = self.sources[int(rng.choice(len(self.sources), p=self._shares))]
        track = source.tracks[int(rng.integers(len(source.tracks)))]
        at = int(rng.integers(len(track.cuts)))
        cut, config, image = track.cuts[at], self.config, self.network.image
        view = augment.random_view(cut, image, config.context, config.view, rng)
        damage = degrade.draw_damage(source.bright, image, config.degrade, rng)
        cuts, margin = [cut], (1, 1)
        affines = [view.affine]
        if frames == 3:
            neighbours, margin = self._neighbours(track, at, rng)
            cuts += neighbours
            affines += self._neighbour_affines(view, len(track.cuts) == 1, rng)
        images = [
            degrade.damaged(augment.render(c, affine, self.network), damage, rng)
            for c, affine in zip(cuts, affines, strict=True)
        ]
        return np.stack(images), augment.keypoints_in(cut, view, image), margin

    def _neighbours(
        self, track: CutTrack, at: int, rng: np.random.Generator
    ) -> tuple[list[Cut], tuple[int, int]]:
        """Cuts before and after, the cut itself where there is none within reach."""
        found, margins = [], []
        for direction in (-1, 1):
            wanted = int(rng.integers(1, self.config.reach + 1))
            neighbour = neighbour_cut(track, at, direction * wanted)
            found.append(neighbour)
            margins.append(max(1, abs(neighbour.frame - track.cuts[at].frame)))
        return found, (margins[0], margins[1])

    def _neighbour_affines(
        self, view: augment.View, picture: bool, rng: np.random.Generator
    ) -> list[npt.NDArray[np.float64]]:
        """The same view for clips; a slightly moved one for frames made of one picture."""
        if not picture:
            return [view.affine, view.affine]
        amount = rng.uniform(0, self.config.motion)
        return [augment.jittered(view, self.network.image, amount, rng).affine for _ in range(2)]


def neighbour_cut(track: CutTrack, at: int, offset: int) -> Cut:
    """The cut nearest to ``offset`` frames away, on that side and not further.

    Args:
        track: cuts by rising frame number.
        at: place of the current cut.
        offset: in frames, not 0.

    Returns:
        The current cut where the track has no other on that side within reach.
    """
    current, step = track.cuts[at], 1 if offset > 0 else -1
    best = current
    place = at + step
    while 0 <= place < len(track.cuts):
        cut = track.cuts[place]
        if abs(cut.frame - current.frame) > abs(offset):
            break
        best, place = cut, place + step
    return best
