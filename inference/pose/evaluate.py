"""Holds the network against the teacher's keypoints on takes that it never saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from torch import Tensor

from inference.pose.choose import ChooseConfig
from inference.pose.cuts import torso_px
from inference.pose.dataset import ReadFrames
from inference.pose.dcpose import DCPose
from inference.pose.estimator import PoseEstimator
from inference.pose.settle import settled
from inference.pose.smooth import SmoothConfig
from inference.skeleton import COCO17, convert, skeleton_named
from inference.types import Bools, Floats, Ints, Pixels

LEAST_SCORE = 0.3
"""Teacher's keypoints below that do not count."""

Darken = Callable[[Pixels], Pixels]
"""Changes one frame, uint8 [H, W, 3], before the network sees it."""


@dataclass(frozen=True)
class Truth:
    """A clip and what the teacher saw in it.

    Attributes:
        name: of the clip.
        frames: uint8 [T, H, W, 3] RGB.
        frame: int64 [N], the frame of each person.
        boxes_xyxy: float32 [N, 4] px.
        keypoints: float32 [N, 17, 3]: x px, y px, score.
        person: int64 [N], who each is; frames of one person rise. Empty where that is unknown.
        fps: frames a second.
    """

    name: str
    frames: Pixels
    frame: Ints
    boxes_xyxy: Floats
    keypoints: Floats
    person: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    fps: float = 30.0


@dataclass(frozen=True)
class Agreement:
    """How far the network's keypoints agree with the teacher's.

    Attributes:
        right: bool [M], within the tolerance, one entry for each of the teacher's keypoints.
        score: float32 [M], the network's own score of it.
        joint: int64 [M], which joint.
        clip: int64 [M], index of the clip.
        either: bool [M], as ``right``, left and right exchanged where a whole skeleton agrees
            better so. The distance to ``right`` is what confusing the sides costs, be it the
            network or the teacher that errs.
    """

    right: Bools
    score: Floats
    joint: Ints
    clip: Ints
    either: Bools

    @property
    def pck(self) -> float:
        """Percentage of correct keypoints."""
        return 100.0 * float(self.right.mean()) if len(self.right) else float("nan")

    @property
    def pck_either_side(self) -> float:
        """Percentage of correct keypoints if a person's sides may be exchanged."""
        return 100.0 * float(self.either.mean()) if len(self.either) else float("nan")

    @property
    def pck_by_clip(self) -> list[float]:
        """The same for each clip that has keypoints."""
        return [100.0 * float(self.right[self.clip == c].mean()) for c in np.unique(self.clip)]

    @property
    def pck_by_joint(self) -> dict[str, float]:
        """The same by joint, left and right together."""
        parts: dict[str, list[Bools]] = {}
        for index, name in enumerate(COCO17.joints):
            short = name.removeprefix("left_").removeprefix("right_")
            parts.setdefault(short, []).append(self.right[self.joint == index])
        joined = {name: np.concatenate(values) for name, values in parts.items()}
        return {name: 100.0 * float(v.mean()) for name, v in joined.items() if len(v)}

    @property
    def score_auc(self) -> float:
        """Chance that a right keypoint has a higher score than a wrong one."""
        return ranking(self.score, self.right)


class SingleFrame(DCPose):
    """The same network with its head left out: each frame by itself."""

    def refine(
        self, current: Tensor, previous: Tensor, following: Tensor, margin: Tensor | None = None
    ) -> Tensor:
        """The current frame's heatmaps as they are."""
        return current


def single_frame(network: DCPose) -> DCPose:
    """A copy of a network that looks at single frames."""
    alone = SingleFrame(network.config)
    alone.load_state_dict(network.state_dict())
    return alone.eval()


def load_truth(clip: Path, teacher: Path, read: ReadFrames, *, stride: int = 1) -> Truth | None:
    """A clip with every ``stride``-th of its people.

    Returns:
        None where the teacher found nobody.
    """
    with np.load(teacher) as file:
        boxes, keypoints, fallback = (
            file[name] for name in ("boxes_xyxy", "keypoints", "fallback")
        )
        fps = float(file["fps"]) if "fps" in file else 30.0
    if bool(fallback.any()):
        return None
    frames = read(clip)
    person, frame = np.nonzero(~np.isnan(boxes[:, : len(frames), 0]))
    person, frame = person[::stride], frame[::stride]
    return Truth(
        clip.stem,
        frames,
        frame,
        boxes[person, frame].astype(np.float32),
        keypoints[person, frame].astype(np.float32),
        person.astype(np.int64),
        fps,
    )


def darkened(truth: Truth, darken: Darken) -> Truth:
    """The same clip, all of it darkened."""
    return replace(truth, frames=np.stack([darken(frame) for frame in truth.frames]))


def agreement(
    estimator: PoseEstimator,
    truths: Sequence[Truth],
    *,
    tolerance: float = 0.2,
    batch: int = 32,
) -> Agreement:
    """Compare on the teacher's own boxes.

    A keypoint is right if it lies within ``tolerance`` torso lengths (middle of the shoulders
    to middle of the hips, the teacher's) of the teacher's. Yang and Ramanan, Articulated Human
    Detection with Flexible Mixtures of Parts, PAMI 2013 (PCK).

    Args:
        estimator: the network at work.
        truths: clips.
        tolerance: in torso lengths.
        batch: skeletons at once.
    """
    found = [skeletons(estimator, truth, batch) for truth in truths]
    return judged(found, truths, tolerance=tolerance)


def judged(
    found: Sequence[Floats], truths: Sequence[Truth], *, tolerance: float = 0.2
) -> Agreement:
    """Compare skeletons with the teacher's; see ``agreement``.

    Args:
        found: float32 [N, 17, 3] for each clip, NaN where nobody was found (counts as wrong).
        truths: clips.
        tolerance: in torso lengths.
    """
    right, score, joint, clips, either = [], [], [], [], []
    for number, (skeleton, truth) in enumerate(zip(found, truths, strict=True)):
        near = is_near(skeleton, truth.keypoints, tolerance)
        wanted = truth.keypoints[..., 2] > LEAST_SCORE
        people, joints = np.nonzero(wanted)
        turned = is_near(skeleton[:, list(COCO17.flip_order)], truth.keypoints, tolerance)
        worse = (near & wanted).sum(axis=1) < (turned & wanted).sum(axis=1)
        either.append(np.where(worse[:, None], turned, near)[people, joints])
        right.append(near[people, joints])
        score.append(np.nan_to_num(skeleton[people, joints, 2]))
        joint.append(joints.astype(np.int64))
        clips.append(np.full(len(joints), number, np.int64))
    return Agreement(
        np.concatenate(right),
        np.concatenate(score),
        np.concatenate(joint),
        np.concatenate(clips),
        np.concatenate(either),
    )


def steadied(
    found: Floats, truth: Truth, config: SmoothConfig, choose: ChooseConfig | None = None
) -> Floats:
    """Skeletons of a clip chosen among their peaks and smoothed over time, person by person.

    Args:
        found: float32 [N, 17, 3], or more columns where rival peaks are known.
        truth: whose they are.
        config: how far neighbours have a say.
        choose: how ways through the peaks are judged.

    Returns:
        float32 [N, 17, 3].
    """
    out = found[..., :3].copy()
    for person in np.unique(truth.person):
        own = truth.person == person
        times_s = truth.frame[own] / truth.fps
        out[own] = settled(found[own], times_s, choose or ChooseConfig(), config)
    return out


def is_near(found: Floats, wanted: Floats, tolerance: float) -> Bools:
    """Which keypoints lie within ``tolerance`` torso lengths.

    Args:
        found, wanted: float32 [N, 17, 2 or more] px; the torso is that of ``wanted``.
        tolerance: in torso lengths.

    Returns:
        bool [N, 17].
    """
    apart = np.linalg.norm(found[..., :2] - wanted[..., :2], axis=-1)
    return np.asarray(apart <= tolerance * torso_px(wanted)[:, None], np.bool_)


def ranking(score: npt.NDArray[np.floating], right: Bools) -> float:
    """Area under the ROC curve, ties counted half; NaN where all are right or all wrong."""
    _, places, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    good, bad = int(right.sum()), int((~right).sum())
    if not good or not bad:
        return float("nan")
    return float((ranks[right].sum() - good * (good + 1) / 2) / (good * bad))


def skeletons(estimator: PoseEstimator, truth: Truth, batch: int = 32) -> Floats:
    """The network's skeletons on the teacher's boxes, float32 [N, 17, 3 or more].

    In COCO order; a network of COCO's own order may give rival peaks in further columns.
    """
    parts = [
        estimator.skeletons(
            truth.frames, truth.frame[i : i + batch], truth.boxes_xyxy[i : i + batch]
        )
        for i in range(0, len(truth.frame), batch)
    ]
    order = skeleton_named(estimator.network_config.skeleton)
    found = np.concatenate(parts)
    return found if order == COCO17 else convert(found[..., :3], order, COCO17)
