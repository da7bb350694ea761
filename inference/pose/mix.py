"""Draws training batches from dark clips, bright pictures and renders in fixed shares.

A batch depends on (seed, step) alone, so a resumed run sees what an unbroken one would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from inference.errors import BadInput
from inference.pose import augment, degrade, surroundings
from inference.pose.config import DCPoseConfig
from inference.pose.cuts import Cut, CutTrack
from inference.pose.matte import matte
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
    # px of the camera for one px of the crop, for pictures; noise and damage are done to the
    # camera's pixels. Clips have their own number, held within these limits.
    grain: tuple[float, float] = (0.6, 2.2)
    view: augment.ViewConfig = field(default_factory=augment.ViewConfig)
    degrade: degrade.DegradeConfig = field(default_factory=degrade.DegradeConfig)
    surroundings: surroundings.SurroundingsConfig = field(
        default_factory=surroundings.SurroundingsConfig
    )


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
        places: uint8 [H, W, 3] each, to put people before and behind; none leaves
            everybody where they were seen.

    Raises:
        BadInput: there is nothing to draw from.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        network: DCPoseConfig,
        config: MixConfig,
        seed: int,
        places: Sequence[Pixels] = (),
    ) -> None:
        self.sources = [s for s in sources if s.tracks and s.share > 0]
        if not self.sources:
            raise BadInput("no_data", "Expected clips or pictures to train on, found none.")
        self.network = network
        self.config = config
        self.seed = seed
        self.places = places
        self._mattes: dict[int, Pixels | None] = {}
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
        cuts, margin = [track.cuts[at]], (1, 1)
        if frames == 3:
            neighbours, margin = self._neighbours(track, at, rng)
            cuts += neighbours
        mattes = self._drawn_mattes(cuts, source.bright, rng)
        cuts, mattes = self._drawn_losses(cuts, mattes, rng)
        image = self.network.image
        view = augment.random_view(cuts[0], image, self.config.context, self.config.view, rng)
        affines = [view.affine]
        if frames == 3:
            affines += self._neighbour_affines(view, len(track.cuts) == 1, rng)
        size, affines = self._as_the_camera(affines, source.bright, rng)
        pictures = [
            augment.render(cut, affine, self.network, size)
            for cut, affine in zip(cuts, affines, strict=True)
        ]
        if mattes is not None:
            pictures = self._elsewhere(pictures, cuts, affines, mattes, rng)
        damage = degrade.draw_damage(source.bright, size, self.config.degrade, rng)
        seen = [degrade.damaged(picture, damage, rng) for picture in pictures]
        images = np.stack([_resized(picture, image) for picture in seen])
        return images, augment.keypoints_in(cuts[0], view, image), margin

    def _as_the_camera(
        self, affines: list[npt.NDArray[np.float64]], bright: bool, rng: np.random.Generator
    ) -> tuple[tuple[int, int], list[npt.NDArray[np.float64]]]:
        """Size of the crop in the camera's pixels, and the maps to it."""
        low, high = self.config.grain
        if bright:
            grain = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        else:
            grain = float(np.clip(augment.native_factor(affines[0]), low, high))
        width, height = self.network.image
        size = (max(8, round(grain * width)), max(8, round(grain * height)))
        return size, [augment.enlarged(affine, size[1] / height) for affine in affines]

    def _drawn_mattes(
        self, cuts: list[Cut], bright: bool, rng: np.random.Generator
    ) -> list[Pixels] | None:
        """Mattes of all cuts, in their size, for the samples that go before another place."""
        config = self.config.surroundings
        share = config.pasted_bright if bright else config.pasted_dark
        if not self.places or rng.random() >= share:
            return None
        mattes = [self._matte(cut) for cut in cuts]
        if any(found is None for found in mattes):
            return None
        return [
            cast(Pixels, cv2.resize(found, cut.pixels.shape[1::-1]))
            for found, cut in zip(mattes, cuts, strict=True)
            if found is not None
        ]

    def _matte(self, cut: Cut) -> Pixels | None:
        """A cut's matte, found once; cuts live as long as the mix does."""
        if id(cut) not in self._mattes:
            self._mattes[id(cut)] = matte(cut)
        return self._mattes[id(cut)]

    def _drawn_losses(
        self, cuts: list[Cut], mattes: list[Pixels] | None, rng: np.random.Generator
    ) -> tuple[list[Cut], list[Pixels] | None]:
        """Some people are cut off by the frame's edge, some stand behind something."""
        config = self.config.surroundings
        drawn = rng.random()
        if drawn >= config.cut_off + config.hidden or (drawn >= config.cut_off and not self.places):
            return cuts, mattes
        cover = None
        if drawn >= config.cut_off:
            cover = surroundings.random_place(self.places, self.network.image, config, rng)
        seed = int(rng.integers(2**32))
        lost = [
            surroundings.cut_off(
                cut, mattes[i] if mattes else None, cover, config, np.random.default_rng(seed)
            )
            for i, cut in enumerate(cuts)
        ]
        kept = [found for _, found in lost if found is not None]
        return [cut for cut, _ in lost], kept if mattes else None

    def _elsewhere(
        self,
        pictures: list[Pixels],
        cuts: list[Cut],
        affines: list[npt.NDArray[np.float64]],
        mattes: list[Pixels],
        rng: np.random.Generator,
    ) -> list[Pixels]:
        config = self.config.surroundings
        height, width = pictures[0].shape[:2]
        place = surroundings.random_place(self.places, (width, height), config, rng)
        shares = [
            augment.render_matte(cut, found, affine, self.network, (width, height))
            for cut, found, affine in zip(cuts, mattes, affines, strict=True)
        ]
        return surroundings.before_place(pictures, shares, place, config, rng)

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


def _resized(picture: Pixels, size: tuple[int, int]) -> Pixels:
    """From the camera's pixels to the network's: averaged when fewer, else interpolated."""
    if picture.shape[1::-1] == size:
        return picture
    fewer = picture.shape[0] > size[1]
    how = cv2.INTER_AREA if fewer else cv2.INTER_LINEAR
    return cast(Pixels, cv2.resize(picture, size, interpolation=how))


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
