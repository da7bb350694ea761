"""Random views of a person: where the crop lies, how it is turned, scaled and mirrored.

One affine map does all of it; darkness and noise are made in ``degrade``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from inference.pose import crop
from inference.pose.config import DCPoseConfig
from inference.pose.cuts import Cut
from inference.skeleton import COCO17
from inference.types import Floats, Pixels

Affine = npt.NDArray[np.float64]
"""float64 [2, 3]: (x, y, 1) of the frame to (x, y) of the crop, px."""


@dataclass(frozen=True)
class ViewConfig:
    """How much the view of a training sample may differ from the plain crop."""

    # Standard deviation and most of the turn, degrees.
    turn: float = 15.0
    most_turn: float = 45.0
    # Standard deviation of the logarithm of the size, and its limits as factors.
    size: float = 0.15
    size_limits: tuple[float, float] = (0.7, 1.4)
    # Standard deviation of the shift, as a share of the crop's height.
    shift: float = 0.04
    # Standard deviations of the logarithm of width over height, and of the slant.
    stretch: float = 0.08
    slant: float = 0.06
    # Share of mirrored samples.
    mirrored: float = 0.5
    # Share of samples of which only the upper or lower half of the body fills the crop.
    half_body: float = 0.08


STILL = ViewConfig(turn=0, size=0, shift=0, stretch=0, slant=0, mirrored=0, half_body=0)
"""The plain crop, as the estimator makes it."""


@dataclass(frozen=True)
class View:
    """A chosen view.

    Attributes:
        affine: frame px to crop px.
        mirrored: true where left and right joints change places.
    """

    affine: Affine
    mirrored: bool


def random_view(
    cut: Cut,
    image: tuple[int, int],
    context: float,
    config: ViewConfig,
    rng: np.random.Generator,
) -> View:
    """Choose a view of a person.

    Args:
        cut: the person.
        image: (width, height) of the crop.
        context: factor by which the box grows, as the estimator's.
        config: how far from the plain crop.
        rng: the only source of chance.
    """
    box = cut.box_xyxy
    if rng.random() < config.half_body:
        box = _half_of_body(cut, rng)
    base = crop.place(box[None], image, context).affines(image)[0]
    angle = np.deg2rad(np.clip(rng.normal(0, config.turn), -config.most_turn, config.most_turn))
    factor = np.clip(np.exp(rng.normal(0, config.size)), *config.size_limits)
    shift = rng.normal(0, config.shift, 2) * image[1]
    mirrored = bool(rng.random() < config.mirrored)
    affine = _around_middle(base, image, float(angle), float(factor), shift, mirrored)
    return View(_out_of_shape(affine, image, config, rng), mirrored)


def jittered(view: View, image: tuple[int, int], amount: float, rng: np.random.Generator) -> View:
    """A view that is a little off another, as the same person is a few frames later.

    Args:
        view: to start from.
        image: (width, height) of the crop.
        amount: standard deviation of the shift in px of the crop.
        rng: the only source of chance.
    """
    angle = float(np.deg2rad(rng.normal(0, amount)))
    factor = float(np.exp(rng.normal(0, 0.01 * amount)))
    shift = rng.normal(0, amount, 2)
    return View(_around_middle(view.affine, image, angle, factor, shift, False), view.mirrored)


def enlarged(affine: Affine, factor: float) -> Affine:
    """The same view in a crop of ``factor`` times the size (pixels have middles)."""
    return np.column_stack((factor * affine[:, :2], factor * (affine[:, 2] + 0.5) - 0.5))


def native_factor(affine: Affine) -> float:
    """px of the frame for one px of the crop."""
    return float(1 / np.sqrt(abs(np.linalg.det(affine[:, :2]))))


def render(
    cut: Cut, affine: Affine, network: DCPoseConfig, size: tuple[int, int] | None = None
) -> Pixels:
    """A cut's pixels in a view, sampled as the estimator samples frames.

    Args:
        cut: the person.
        affine: frame px to crop px.
        network: gives the crop's size and how it is sampled.
        size: (width, height) px of the crop, where it is another than the network's.

    Returns:
        uint8 [h, w, 3].
    """
    # A pixel of a shrunk cut covers several of the frame; its middle counts.
    origin = cut.origin + (0.5 / cut.scale - 0.5)
    shift = affine[:, :2] @ origin + affine[:, 2]
    moved = np.column_stack((affine[:, :2] / cut.scale, shift))
    return crop.cut(cut.pixels, moved, network, size)


def render_matte(
    cut: Cut,
    matte: Pixels,
    affine: Affine,
    network: DCPoseConfig,
    size: tuple[int, int] | None = None,
) -> Pixels:
    """A cut's matte in a view.

    Args:
        cut: the person.
        matte: uint8 [h, w], the cut's size.
        affine: frame px to crop px.
        network: gives the crop's size and how it is sampled.
        size: see ``render``.

    Returns:
        uint8 [h, w] of the crop; what lies outside the cut counts as its edge does.
    """
    thrice = np.repeat(matte[..., None], 3, axis=2)
    return render(replace(cut, pixels=thrice), affine, network, size)[..., 0]


def keypoints_in(cut: Cut, view: View, image: tuple[int, int]) -> Floats:
    """A cut's keypoints in a view: float32 [17, 3], weight 0 where they lie outside."""
    points = cut.keypoints[:, :2].astype(np.float64) @ view.affine[:, :2].T + view.affine[:, 2]
    inside = np.all((points >= -0.5) & (points < np.array(image) - 0.5), axis=1)
    found = np.column_stack((points, cut.keypoints[:, 2] * inside)).astype(np.float32)
    return found[list(COCO17.flip_order)] if view.mirrored else found


def _around_middle(
    base: Affine,
    image: tuple[int, int],
    angle: float,
    factor: float,
    shift: npt.NDArray[np.float64],
    mirrored: bool,
) -> Affine:
    """``base`` followed by turn, size and mirror around the crop's middle, and a shift."""
    cosine, sine = factor * np.cos(angle), factor * np.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    middle = (np.array(image) - (1 if mirrored else 0)) / 2
    if mirrored:
        turn = np.diag([-1.0, 1.0]) @ turn
    offset = middle - turn @ middle + shift
    return np.column_stack((turn @ base[:, :2], turn @ base[:, 2] + offset))


def _out_of_shape(
    affine: Affine, image: tuple[int, int], config: ViewConfig, rng: np.random.Generator
) -> Affine:
    """Stouter, leaner or slanted about the crop's middle."""
    half = np.exp(0.5 * rng.normal(0, config.stretch))
    bend = np.array([[half, rng.normal(0, config.slant)], [0.0, 1 / half]])
    middle = (np.array(image) - 1) / 2
    return np.column_stack((bend @ affine[:, :2], bend @ (affine[:, 2] - middle) + middle))


def _half_of_body(cut: Cut, rng: np.random.Generator) -> Floats:
    """A box around the upper or the lower joints, or the whole box where few are seen."""
    joints = slice(0, 11) if rng.random() < 0.5 else slice(11, 17)
    seen = cut.keypoints[joints]
    seen = seen[seen[:, 2] > 0.3]
    if len(seen) < 4:
        return cut.box_xyxy
    low, high = seen[:, :2].min(axis=0), seen[:, :2].max(axis=0)
    middle, size = (low + high) / 2, high - low
    height = float(cut.box_xyxy[3] - cut.box_xyxy[1])
    half = np.maximum(size * 0.6, 0.2 * height)
    return np.concatenate((middle - half, middle + half)).astype(np.float32)
