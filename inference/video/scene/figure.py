"""A clothed body as rounded cones along its bones, ready to be painted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from inference.types import Floats
from inference.video.scene.body import Proportions

_SKIN = np.array([[0.72, 0.50, 0.38], [0.55, 0.35, 0.24], [0.35, 0.21, 0.14], [0.22, 0.13, 0.09]])
_CLOTH_LEVELS = (0.03, 0.08, 0.2, 0.5, 0.8)


@dataclass(frozen=True)
class Clothes:
    """What someone wears: linear RGB reflectances [3] in 0..1 and cuts.

    Attributes:
        skin, hair, top, trousers, shoes: colours.
        sleeve: share of the arm that is covered: 0.4 is a T-shirt, 1 is long.
        leg: share of the leg that is covered.
        pattern: strength of the cloth's pattern.
        stripes: stripes per metre along a limb, 0 for none.
        long_hair: hair to the shoulders.
    """

    skin: Floats
    hair: Floats
    top: Floats
    trousers: Floats
    shoes: Floats
    sleeve: float
    leg: float
    pattern: float
    stripes: float
    long_hair: bool


@dataclass(frozen=True)
class Cone:
    """A rounded cone along a bone.

    Attributes:
        start, end: names of the joints at the bone's ends.
        radii: radius at each end, metres.
        colour: linear reflectance [3].
        pattern: strength of the cloth's pattern, 0 for skin and hair.
        stripes: stripes per metre.
        part: the stretch of the bone that is drawn, as shares of its length.
    """

    start: str
    end: str
    radii: tuple[float, float]
    colour: Floats
    pattern: float = 0.0
    stripes: float = 0.0
    part: tuple[float, float] = (0.0, 1.0)


def random_clothes(rng: np.random.Generator) -> Clothes:
    """Someone's clothes; dark ones are common, as at night."""
    tone = rng.uniform(0, len(_SKIN) - 1.001)
    low = int(tone)
    skin = _SKIN[low] + (tone - low) * (_SKIN[low + 1] - _SKIN[low])
    return Clothes(
        skin=skin.astype(np.float32),
        hair=np.asarray(rng.uniform(0.01, 0.12) * np.array([1.0, 0.8, 0.6]), np.float32),
        top=_cloth(rng),
        trousers=_cloth(rng),
        shoes=_cloth(rng),
        sleeve=float(rng.choice([0.35, 0.45, 1.0])),
        leg=float(rng.choice([0.45, 1.0, 1.0])),
        pattern=float(rng.choice([0.05, 0.15, 0.5])),
        stripes=float(rng.choice([0.0, 0.0, 0.0, 12.0, 25.0])),
        long_hair=bool(rng.random() < 0.35),
    )


def _cloth(rng: np.random.Generator) -> Floats:
    level = rng.choice(_CLOTH_LEVELS, p=[0.2, 0.25, 0.2, 0.2, 0.15])
    tint = 1.0 + rng.uniform(0.0, 0.7) * (rng.dirichlet([2, 2, 2]) * 3 - 1)
    return np.asarray(np.clip(level * tint, 0.01, 0.95), np.float32)


def cones_of(body: Proportions, clothes: Clothes) -> list[Cone]:
    """All cones of a clothed body; radii are fractions of the height, times the build."""
    c = clothes
    cones = [
        _cloth_cone("pelvis", "neck", 0.074, 0.052, c.top, c),
        Cone("neck", "head", (0.034, 0.034), c.skin),
        Cone("chin", "head", (0.034, 0.050), c.skin),
        Cone("head", "crown", (0.055, 0.052), c.hair, part=(0.35, 1.0)),
        Cone("head", "nose", (0.046, 0.012), c.skin),
    ]
    if c.long_hair:
        cones.append(Cone("head", "neck", (0.057, 0.045), c.hair))
    for side in ("left", "right"):
        cones += _side(side, c)
    return [_sized(cone, body.height * body.build) for cone in cones]


def _side(s: str, c: Clothes) -> list[Cone]:
    """One half of the body."""
    arm, leg, low = 2 * c.sleeve, 2 * c.leg, c.trousers
    return [
        _cloth_cone(f"{s}_hip", f"{s}_shoulder", 0.066, 0.040, c.top, c),
        _cloth_cone(f"{s}_shoulder", "neck", 0.038, 0.036, c.top, c),
        *_clad(_cloth_cone(f"{s}_shoulder", f"{s}_elbow", 0.036, 0.029, c.top, c), c.skin, arm),
        *_clad(_cloth_cone(f"{s}_elbow", f"{s}_wrist", 0.028, 0.019, c.top, c), c.skin, arm - 1),
        Cone(f"{s}_wrist", f"{s}_hand", (0.019, 0.020), c.skin),
        _cloth_cone("pelvis", f"{s}_hip", 0.062, 0.064, c.trousers, c),
        *_clad(_cloth_cone(f"{s}_hip", f"{s}_knee", 0.064, 0.044, low, c), c.skin, leg),
        *_clad(_cloth_cone(f"{s}_knee", f"{s}_ankle", 0.043, 0.028, low, c), c.skin, leg - 1),
        Cone(f"{s}_heel", f"{s}_toe", (0.027, 0.020), c.shoes),
    ]


def _cloth_cone(start: str, end: str, a: float, b: float, colour: Floats, c: Clothes) -> Cone:
    return Cone(start, end, (a, b), colour, c.pattern, c.stripes)


def _clad(cone: Cone, skin: Floats, share: float) -> list[Cone]:
    """One bone of which the upper ``share`` is in cloth and the rest bare and a little thinner."""
    if share >= 1.0:
        return [cone]
    bare = replace(cone, colour=skin, pattern=0.0, stripes=0.0)
    bare = replace(bare, radii=(0.9 * cone.radii[0], 0.9 * cone.radii[1]))
    if share <= 0.0:
        return [bare]
    return [_stretch(cone, 0.0, share), _stretch(bare, share, 1.0)]


def _stretch(cone: Cone, begin: float, end: float) -> Cone:
    a, b = cone.radii
    radii = (a + begin * (b - a), a + end * (b - a))
    return replace(cone, radii=radii, part=(begin, end))


def _sized(cone: Cone, thick: float) -> Cone:
    return replace(cone, radii=(cone.radii[0] * thick, cone.radii[1] * thick))
