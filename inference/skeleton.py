"""Which joint is which: the orders that skeletons come in, and the ways between them.

Torch-free, so that anything may read it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.errors import ModelError
from inference.types import Floats


@dataclass(frozen=True)
class Skeleton:
    """A named order of joints.

    Attributes:
        name: as stored beside keypoints.
        joints: name of each joint; index is the place in keypoint arrays.
        limbs: pairs of joint indices that are drawn as a line.
        flip_pairs: pairs of joint indices that change places in a mirror image.
    """

    name: str
    joints: tuple[str, ...]
    limbs: tuple[tuple[int, int], ...]
    flip_pairs: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.joints)

    def index(self, joint: str) -> int:
        """Place of a joint.

        Raises:
            ModelError: this order has no such joint.
        """
        if joint not in self.joints:
            raise ModelError("unknown_joint", f"{self.name} has no joint {joint!r}.")
        return self.joints.index(joint)

    @property
    def flip_order(self) -> tuple[int, ...]:
        """For each place, the place whose joint stands there in a mirror image."""
        order = list(range(len(self)))
        for left, right in self.flip_pairs:
            order[left], order[right] = right, left
        return tuple(order)


def _skeleton(name: str, joints: str, limbs: str) -> Skeleton:
    """Limbs as ``a-b`` of joint names; ``@shoulder`` stands for the left and then the right."""
    names = tuple(joints.split())
    place = {joint: i for i, joint in enumerate(names)}
    pairs = []
    for limb in limbs.split():
        for side in dict.fromkeys(limb.replace("@", which) for which in ("left_", "right_")):
            start, end = side.split("-")
            pairs.append((place[start], place[end]))
    mirrored = tuple(
        (place[joint], place["right_" + joint.removeprefix("left_")])
        for joint in names
        if joint.startswith("left_")
    )
    return Skeleton(name, names, tuple(pairs), mirrored)


_BODY = """
@shoulder-@elbow @elbow-@wrist @shoulder-@hip @hip-@knee @knee-@ankle left_hip-right_hip
"""

COCO17 = _skeleton(
    "coco17",
    """nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow
    right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle
    right_ankle""",
    "nose-@eye @eye-@ear @ear-@shoulder left_shoulder-right_shoulder " + _BODY,
)
"""COCO keypoints: the order of our own weights."""

POSETRACK17 = _skeleton(
    "posetrack17",
    """nose head_bottom head_top left_ear right_ear left_shoulder right_shoulder left_elbow
    right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle
    right_ankle""",
    "head_top-nose nose-head_bottom head_bottom-@shoulder " + _BODY,
)
"""The order of the published DCPose checkpoints: the head's ends where COCO has the eyes."""

POSETRACK15 = _skeleton(
    "posetrack15",
    """right_ankle right_knee right_hip left_hip left_knee left_ankle right_wrist right_elbow
    right_shoulder left_shoulder left_elbow left_wrist head_bottom nose head_top""",
    "head_top-nose nose-head_bottom head_bottom-@shoulder " + _BODY,
)
"""PoseTrack's own order, without ears."""

BY_NAME = {skeleton.name: skeleton for skeleton in (COCO17, POSETRACK17, POSETRACK15)}


def skeleton_named(name: str) -> Skeleton:
    """The skeleton of that name.

    Raises:
        ModelError: there is none.
    """
    if name not in BY_NAME:
        raise ModelError(
            "unknown_skeleton", f"Expected one of {sorted(BY_NAME)}, got skeleton {name!r}."
        )
    return BY_NAME[name]


def flip(keypoints: Floats, skeleton: Skeleton, width: float) -> Floats:
    """Keypoints as they are in the mirrored image.

    Args:
        keypoints: float32 [..., K, 2 or more], x px first.
        skeleton: their order.
        width: px of the image; pixel 0 becomes pixel width - 1.

    Returns:
        A new array of the same shape.
    """
    _expect_joints(keypoints, skeleton)
    mirrored = keypoints[..., list(skeleton.flip_order), :].copy()
    mirrored[..., 0] = width - 1 - mirrored[..., 0]
    return mirrored


def convert(keypoints: Floats, source: Skeleton, target: Skeleton) -> Floats:
    """Keypoints in another order.

    Joints that the source lacks are derived: the head's bottom is the middle of the
    shoulders, its top lies as far above the nose as the nose lies above its bottom, the eyes
    lie between the nose and the ears. A derived joint has the lowest score of its parts.

    Args:
        keypoints: float32 [..., K, 3]: x px, y px, score; NaN where absent.
        source, target: the orders.

    Returns:
        float32 [..., K of the target, 3].

    Raises:
        ModelError: keypoints do not have the source's joints.
    """
    _expect_joints(keypoints, source)
    columns = [
        keypoints[..., source.index(joint), :]
        if joint in source.joints
        else _derived(keypoints, source, joint)
        for joint in target.joints
    ]
    return np.stack(columns, axis=-2).astype(np.float32)


_RECIPES: dict[str, tuple[tuple[str, float], ...]] = {
    "head_bottom": (("left_shoulder", 0.5), ("right_shoulder", 0.5)),
    "head_top": (("nose", 2.0), ("left_shoulder", -0.5), ("right_shoulder", -0.5)),
    "left_eye": (("nose", 0.5), ("left_ear", 0.5)),
    "right_eye": (("nose", 0.5), ("right_ear", 0.5)),
    "left_ear": (("nose", 1.0),),
    "right_ear": (("nose", 1.0),),
}


def _derived(keypoints: Floats, source: Skeleton, joint: str) -> Floats:
    parts = [
        (weight, keypoints[..., source.index(name), :]) for name, weight in _recipe(source, joint)
    ]
    position = sum(weight * part[..., :2] for weight, part in parts)
    score = np.min([part[..., 2] for _, part in parts], axis=0)
    return np.concatenate((position, score[..., None]), axis=-1)


def _recipe(source: Skeleton, joint: str) -> tuple[tuple[str, float], ...]:
    recipe = _RECIPES.get(joint, ())
    if recipe and all(name in source.joints for name, _ in recipe):
        return recipe
    if "eye" in joint and "nose" in source.joints:
        return (("nose", 1.0),)
    raise ModelError("unknown_joint", f"{joint} cannot be derived from {source.name}.")


def _expect_joints(keypoints: Floats, skeleton: Skeleton) -> None:
    if keypoints.ndim < 2 or keypoints.shape[-2] != len(skeleton):
        raise ModelError(
            "bad_array",
            f"Expected [..., {len(skeleton)}, 3] keypoints of {skeleton.name}, "
            f"got {list(keypoints.shape)}.",
        )
