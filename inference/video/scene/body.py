"""A person as a chain of bones: proportions, joint angles, and where that puts each joint.

World axes in metres: x to the camera's right, y up from the floor, z away from the camera.
A person with yaw 0 faces the camera; yaw grows towards the camera's right.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Joints = dict[str, Vector]

UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True)
class Proportions:
    """Lengths of one person in metres; fractions of height follow common body tables.

    Attributes:
        height: standing height.
        build: factor on all thicknesses.
    """

    height: float = 1.72
    build: float = 1.0

    def of(self, fraction: float) -> float:
        """A length given as a fraction of the height."""
        return fraction * self.height


@dataclass(frozen=True)
class Limb:
    """Angles of one arm or leg, radians.

    Attributes:
        swing: upper bone forward from hanging down.
        spread: upper bone outward.
        bend: elbow or knee, 0 is straight.
        lift: elbow only, 0 bends the forearm forward, 1 bends it upward.
        point: ankle only, toes down from level.
    """

    swing: float = 0.0
    spread: float = 0.06
    bend: float = 0.08
    lift: float = 0.0
    point: float = 0.0

    def blend(self, other: Limb, share: float) -> Limb:
        """The limb ``share`` of the way (0..1) towards ``other``."""
        return Limb(
            *(
                getattr(self, f.name) * (1.0 - share) + getattr(other, f.name) * share
                for f in fields(Limb)
            )
        )


@dataclass(frozen=True)
class Posture:
    """All that a body does at one moment, apart from where it stands.

    Attributes:
        lean: trunk forward, radians.
        side: trunk to its left, radians.
        nod: head forward relative to the trunk, radians.
        look: head turned to its left, radians.
        air: height of the lower foot above the floor, metres.
        left_arm, right_arm, left_leg, right_leg: see ``Limb``.
    """

    lean: float = 0.03
    side: float = 0.0
    nod: float = 0.0
    look: float = 0.0
    air: float = 0.0
    left_arm: Limb = Limb(spread=0.14)
    right_arm: Limb = Limb(spread=0.14)
    left_leg: Limb = Limb()
    right_leg: Limb = Limb()

    def blend(self, other: Posture, share: float) -> Posture:
        """The posture ``share`` of the way (0..1) towards ``other``."""

        def mix(a: float, b: float) -> float:
            return a * (1.0 - share) + b * share

        return Posture(
            lean=mix(self.lean, other.lean),
            side=mix(self.side, other.side),
            nod=mix(self.nod, other.nod),
            look=mix(self.look, other.look),
            air=mix(self.air, other.air),
            left_arm=self.left_arm.blend(other.left_arm, share),
            right_arm=self.right_arm.blend(other.right_arm, share),
            left_leg=self.left_leg.blend(other.left_leg, share),
            right_leg=self.right_leg.blend(other.right_leg, share),
        )


def place_joints(
    body: Proportions, posture: Posture, position: tuple[float, float], yaw: float
) -> Joints:
    """Where every joint is in the world.

    Args:
        body: who.
        posture: what they do.
        position: (x, z) of the pelvis on the floor plan, metres.
        yaw: direction faced, radians.

    Returns:
        Vectors [3] in metres by name: the 17 joints of COCO, and ``pelvis, neck, head, crown``,
        ``left_hand, left_toe`` and so on that drawing needs. The lower foot stands on the floor,
        or ``posture.air`` above it.
    """
    forward = np.array([np.sin(yaw), 0.0, -np.cos(yaw)])
    left = np.array([np.cos(yaw), 0.0, np.sin(yaw)])
    joints = _trunk(body, posture, forward, left)
    for name, sign in (("left", 1.0), ("right", -1.0)):
        out = sign * left
        joints |= _arm(body, getattr(posture, f"{name}_arm"), joints, name, forward, out)
        joints |= _leg(body, getattr(posture, f"{name}_leg"), joints, name, forward, out)
    lowest = min(joints[n][1] for n in ("left_toe", "right_toe", "left_heel", "right_heel"))
    shift = np.array([position[0], posture.air - lowest + 0.02, position[1]])
    return {name: point + shift for name, point in joints.items()}


def _trunk(body: Proportions, posture: Posture, forward: Vector, left: Vector) -> Joints:
    spine = _unit(
        np.cos(posture.lean) * UP + np.sin(posture.lean) * forward + np.sin(posture.side) * left
    )
    chest = _unit(forward - (forward @ spine) * spine)
    neck = body.of(0.295) * spine
    joints = {"pelvis": np.zeros(3), "neck": neck}
    for name, sign in (("left", 1.0), ("right", -1.0)):
        joints[f"{name}_shoulder"] = neck + sign * body.of(0.108) * left - body.of(0.012) * spine
        joints[f"{name}_hip"] = sign * body.of(0.055) * left - body.of(0.01) * spine
    return joints | _head(body, posture, neck, spine, chest, left)


def _head(
    body: Proportions, posture: Posture, neck: Vector, spine: Vector, chest: Vector, left: Vector
) -> Joints:
    up = _unit(np.cos(posture.nod) * spine + np.sin(posture.nod) * chest)
    face = _unit(chest - (chest @ up) * up)
    front = np.cos(posture.look) * face + np.sin(posture.look) * left
    ear = np.cos(posture.look) * left - np.sin(posture.look) * face
    centre = neck + body.of(0.105) * up + body.of(0.012) * front
    joints = {
        "head": centre,
        "crown": centre + body.of(0.045) * up,
        "chin": centre - body.of(0.045) * up + body.of(0.02) * front,
        "nose": centre + body.of(0.062) * front - body.of(0.006) * up,
    }
    for name, sign in (("left", 1.0), ("right", -1.0)):
        joints[f"{name}_eye"] = (
            centre + body.of(0.052) * front + sign * body.of(0.018) * ear + body.of(0.012) * up
        )
        joints[f"{name}_ear"] = centre + sign * body.of(0.044) * ear
    return joints


def _arm(
    body: Proportions, arm: Limb, joints: Joints, name: str, forward: Vector, out: Vector
) -> Joints:
    upper = _upper_bone(arm, forward, out)
    wanted = (1.0 - arm.lift) * forward + arm.lift * UP + 0.05 * forward
    lower = _bent(upper, wanted, arm.bend)
    elbow = joints[f"{name}_shoulder"] + body.of(0.172) * upper
    wrist = elbow + body.of(0.152) * lower
    return {
        f"{name}_elbow": elbow,
        f"{name}_wrist": wrist,
        f"{name}_hand": wrist + body.of(0.075) * lower,
    }


def _leg(
    body: Proportions, leg: Limb, joints: Joints, name: str, forward: Vector, out: Vector
) -> Joints:
    upper = _upper_bone(leg, forward, out)
    lower = _bent(upper, -np.cos(leg.swing) * forward - np.sin(leg.swing) * UP, leg.bend)
    knee = joints[f"{name}_hip"] + body.of(0.245) * upper
    ankle = knee + body.of(0.246) * lower
    sole = _unit(np.cos(leg.point) * forward - np.sin(leg.point) * UP + 0.15 * out)
    heel = ankle - body.of(0.035) * UP - body.of(0.02) * sole
    return {
        f"{name}_knee": knee,
        f"{name}_ankle": ankle,
        f"{name}_heel": heel,
        f"{name}_toe": heel + body.of(0.13) * sole,
    }


def _upper_bone(limb: Limb, forward: Vector, out: Vector) -> Vector:
    along = -np.cos(limb.swing) * UP + np.sin(limb.swing) * forward
    return _unit(np.cos(limb.spread) * along + np.sin(limb.spread) * out)


def _bent(bone: Vector, towards: Vector, angle: float) -> Vector:
    """``bone`` turned by ``angle`` in the plane that holds ``towards``."""
    across = towards - (towards @ bone) * bone
    return np.asarray(np.cos(angle) * bone + np.sin(angle) * _unit(across))


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-9 else vector
