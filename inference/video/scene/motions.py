"""How the eleven ARID actions look as joint angles over time, and how one runs into the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from inference.errors import BadInput
from inference.video.scene.body import Limb, Posture

_FACES_CAMERA, _FACES_RIGHT = 0.0, np.pi / 2
_BLEND_S = 0.35
_TURN_RATE = 5.0  # rad/s that a person turns at most between actions


@dataclass(frozen=True)
class Manner:
    """How one person does one action.

    Attributes:
        rate: factor on the tempo.
        size: factor on the amplitude.
        phase: where in the cycle it starts, radians.
        side: 1.0 uses the left hand or turns left, -1.0 the right.
        heading: yaw faced, radians.
    """

    rate: float
    size: float
    phase: float
    side: float
    heading: float


@dataclass(frozen=True)
class State:
    """A body at one moment: posture, (x, z) on the floor in metres, yaw in radians."""

    posture: Posture
    position: tuple[float, float]
    yaw: float


def perform(
    actions: Sequence[tuple[str, float]],
    times_s: Sequence[float],
    rng: np.random.Generator,
    *,
    start: tuple[float, float],
    reach: float,
) -> list[State]:
    """Act out a sequence.

    Args:
        actions: (name, seconds) in order; names as in ``MOTIONS``.
        times_s: moments to return, rising from 0; those past the end show the last action.
        rng: chooses tempo, amplitude, sides and headings.
        start: (x, z) where the person begins, metres.
        reach: how far from x = 0 they may walk before turning round, metres.

    Returns:
        One state for each moment.

    Raises:
        BadInput: an action that is not known, or one without length.
    """
    check_actions(actions)
    manners = [_manner(name, rng, start[0]) for name, _ in actions]
    ends = np.cumsum([seconds for _, seconds in actions])
    states: list[State] = []
    x, z = start
    yaw, heading_sign, last = manners[0].heading, 1.0, 0.0
    began, yaw_then = 0, yaw
    for now in times_s:
        step, last = now - last, now
        index = min(int(np.searchsorted(ends, now, side="right")), len(actions) - 1)
        if index != began:
            began, yaw_then = index, yaw
        name, seconds = actions[index]
        since = now - (float(ends[index]) - seconds)
        manner, motion = manners[index], MOTIONS[name]
        posture = motion.posture(since, seconds, manner)
        if index > 0 and since < _BLEND_S:
            before, lasted = actions[index - 1]
            held = MOTIONS[before].posture(lasted, lasted, manners[index - 1])
            posture = held.blend(posture, _smooth(since / _BLEND_S))
        wanted = manner.heading
        if motion.speed and abs(x) > reach and x * np.sin(wanted) * heading_sign > 0:
            heading_sign = -heading_sign
        if motion.turned:
            yaw = yaw_then + motion.turned(since, seconds, manner)
        else:
            flipped = motion.speed and heading_sign < 0
            yaw = _approach(yaw, wanted + np.pi if flipped else wanted, step)
        pace = motion.speed * manner.rate * step
        x, z = x + pace * np.sin(yaw), z - pace * np.cos(yaw)
        states.append(State(posture, (float(x), float(z)), yaw))
    return states


def check_actions(actions: Sequence[tuple[str, float]]) -> None:
    """Raise ``BadInput`` unless every action is known and lasts."""
    if not actions:
        raise BadInput("no_actions", "Expected at least one action such as Walk:2, got none.")
    for name, seconds in actions:
        if name not in MOTIONS:
            raise BadInput(
                "unknown_action", f"Expected one of {', '.join(MOTIONS)}; got action {name!r}."
            )
        if not 0 < seconds <= 600:
            raise BadInput("bad_length", f"Expected 0 to 600 s for {name}, got {seconds} s.")


def _manner(name: str, rng: np.random.Generator, x: float) -> Manner:
    heading = MOTIONS[name].heading + rng.uniform(-0.35, 0.35)
    to_the_left = x > 0 if MOTIONS[name].speed else rng.random() < 0.5
    heading = -heading if to_the_left else heading
    return Manner(
        rate=rng.uniform(0.85, 1.2),
        size=rng.uniform(0.85, 1.15),
        phase=rng.uniform(0, 2 * np.pi),
        side=1.0 if rng.random() < 0.4 else -1.0,
        heading=heading,
    )


def _approach(yaw: float, wanted: float, step: float) -> float:
    """Turn towards ``wanted`` the short way, as fast as people do."""
    gap = (wanted - yaw + np.pi) % (2 * np.pi) - np.pi
    return float(yaw + np.clip(gap, -_TURN_RATE * step, _TURN_RATE * step))


def _smooth(share: float) -> float:
    share = float(np.clip(share, 0.0, 1.0))
    return share * share * (3.0 - 2.0 * share)


# What each action does, as a posture at ``t`` seconds of ``length``.


def _gait(
    t: float, how: Manner, *, cadence: float, stride: float, knee: float, elbow: float
) -> Posture:
    """Legs in opposition, arms against the legs, the swinging leg's knee bent."""
    turn = 2 * np.pi * cadence * how.rate * t + how.phase

    def leg(angle: float) -> Limb:
        swing = stride * how.size * np.sin(angle)
        lifted = max(0.0, float(np.cos(angle - 0.35)))
        return Limb(swing=swing + 0.06, bend=0.12 + knee * lifted, point=0.25 * lifted)

    def arm(angle: float) -> Limb:
        swing = 0.75 * stride * how.size * np.sin(angle)
        return Limb(swing=swing, spread=0.14, bend=elbow + 0.25 * max(0.0, float(np.sin(angle))))

    return Posture(
        side=0.03 * float(np.sin(turn)),
        left_leg=leg(turn),
        right_leg=leg(turn + np.pi),
        left_arm=arm(turn + np.pi),
        right_arm=arm(turn),
    )


def _walk(t: float, length: float, how: Manner) -> Posture:
    return _gait(t, how, cadence=0.95, stride=0.45, knee=0.75, elbow=0.2)


def _run(t: float, length: float, how: Manner) -> Posture:
    gait = _gait(t, how, cadence=1.45, stride=0.75, knee=1.5, elbow=1.35)
    bounce = 0.06 * abs(np.sin(2 * np.pi * 1.45 * how.rate * t + how.phase))
    return replace(gait, lean=0.16, air=float(bounce))


def _jump(t: float, length: float, how: Manner) -> Posture:
    """Crouch with arms back, fly with arms up, land in a crouch."""
    share = (t / (1.15 / how.rate)) % 1.0
    crouch = _bump(share, 0.25, 0.2) + 0.8 * _bump(share, 0.82, 0.16)
    flight = _bump(share, 0.56, 0.19)
    depth = 1.0 * how.size * crouch
    leg = Limb(swing=0.9 * depth + 0.25 * flight, bend=1.7 * depth + 0.4 * flight, point=flight)
    arm = Limb(swing=-0.7 * crouch + 2.4 * how.size * flight, spread=0.25, bend=0.2 + 0.5 * flight)
    return Posture(
        lean=0.5 * depth,
        air=0.28 * how.size * flight,
        left_leg=leg,
        right_leg=leg,
        left_arm=arm,
        right_arm=arm,
    )


def _seated(how: Manner) -> Posture:
    leg = Limb(swing=1.48, spread=0.1, bend=1.5)
    arm = Limb(swing=0.45, spread=0.12, bend=0.95)
    return Posture(lean=0.08, left_leg=leg, right_leg=leg, left_arm=arm, right_arm=arm)


def _lowering(share: float, how: Manner) -> Posture:
    """From standing (0) to seated (1), leaning forward on the way."""
    way = Posture().blend(_seated(how), _smooth(share))
    return replace(way, lean=way.lean + 0.65 * how.size * float(np.sin(np.pi * _smooth(share))))


def _sit(t: float, length: float, how: Manner) -> Posture:
    wait = min(0.3, 0.15 * length)
    return _lowering((t - wait) / (min(1.5, 0.7 * length) / how.rate), how)


def _stand(t: float, length: float, how: Manner) -> Posture:
    wait = min(0.3, 0.15 * length)
    return _lowering(1.0 - (t - wait) / (min(1.4, 0.7 * length) / how.rate), how)


def _turn(t: float, length: float, how: Manner) -> Posture:
    """Small steps on the spot."""
    return _gait(t, how, cadence=1.0, stride=0.16, knee=0.45, elbow=0.2)


def _one_arm(how: Manner, arm: Limb, base: Posture) -> Posture:
    return replace(base, left_arm=arm) if how.side > 0 else replace(base, right_arm=arm)


def _wave(t: float, length: float, how: Manner) -> Posture:
    swing = 0.55 * how.size * np.sin(2 * np.pi * 1.7 * how.rate * t + how.phase)
    raised = _smooth(t / 0.4)
    arm = Limb(swing=0.25, spread=1.25, bend=1.35 + swing, lift=1.0)
    return _one_arm(how, Limb(spread=0.14).blend(arm, raised), Posture())


def _drink(t: float, length: float, how: Manner) -> Posture:
    up = _bump((t / 2.2 * how.rate) % 1.0, 0.5, 0.42)
    arm = Limb(swing=0.25 + 0.75 * up, spread=0.2, bend=0.7 + 1.65 * up, lift=0.25 * up)
    return _one_arm(how, arm, Posture(nod=-0.3 * up))


def _pick(t: float, length: float, how: Manner) -> Posture:
    down = _bump((t / 2.2 * how.rate) % 1.0, 0.5, 0.42)
    leg = Limb(swing=0.75 * down, bend=0.1 + 1.2 * down)
    base = Posture(lean=0.05 + 1.15 * how.size * down, left_leg=leg, right_leg=leg)
    return _one_arm(how, Limb(swing=0.25 * down, spread=0.1, bend=0.1), base)


def _pour(t: float, length: float, how: Manner) -> Posture:
    tip = _bump((t / 2.4 * how.rate) % 1.0, 0.5, 0.45)
    arm = Limb(swing=0.6 + 0.3 * tip, spread=0.2 + 0.5 * tip, bend=1.1)
    other = Limb(swing=0.5, spread=0.1, bend=1.2)
    base = Posture(lean=0.12, nod=0.25, left_arm=other, right_arm=other)
    return _one_arm(how, arm, base)


def _push(t: float, length: float, how: Manner) -> Posture:
    out = 0.5 - 0.5 * np.cos(2 * np.pi * 0.8 * how.rate * t)
    arm = Limb(swing=0.7 + 0.75 * out, spread=0.1, bend=1.6 * (1 - out) + 0.1)
    step = Limb(swing=0.35, bend=0.45)
    back = Limb(swing=-0.3, bend=0.15, point=0.2)
    return Posture(
        lean=0.1 + 0.35 * out, left_arm=arm, right_arm=arm, left_leg=step, right_leg=back
    )


def _bump(share: float, centre: float, width: float) -> float:
    """A smooth hill of height 1 around ``centre``, 0 beyond ``width`` from it."""
    distance = abs(share - centre) / width
    return float(np.cos(np.pi / 2 * distance) ** 2) if distance < 1 else 0.0


def _half_turn(t: float, length: float, how: Manner) -> float:
    return how.side * np.pi * how.size * _smooth(t / max(0.6, min(2.5, length)))


@dataclass(frozen=True)
class Motion:
    """An action: posture over time, metres a second, direction faced, turning on the spot."""

    posture: Callable[[float, float, Manner], Posture]
    speed: float = 0.0
    heading: float = 0.4
    turned: Callable[[float, float, Manner], float] | None = None


MOTIONS = {
    "Drink": Motion(_drink),
    "Jump": Motion(_jump, heading=0.6),
    "Pick": Motion(_pick, heading=0.9),
    "Pour": Motion(_pour),
    "Push": Motion(_push, heading=_FACES_RIGHT),
    "Run": Motion(_run, speed=2.2, heading=_FACES_RIGHT),
    "Sit": Motion(_sit, heading=0.8),
    "Stand": Motion(_stand, heading=0.8),
    "Turn": Motion(_turn, heading=0.2, turned=_half_turn),
    "Walk": Motion(_walk, speed=1.15, heading=_FACES_RIGHT),
    "Wave": Motion(_wave, heading=_FACES_CAMERA),
}
