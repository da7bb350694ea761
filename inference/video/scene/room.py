"""A dark place: walls, floor and furniture with textures, and one lamp that reaches part of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.types import Floats
from inference.video.scene.camera import Camera

Points = npt.NDArray[np.float64]

_FAR = 60.0


@dataclass(frozen=True)
class Lamp:
    """What lights the place.

    Attributes:
        position: [3] metres.
        power: linear RGB [3]; a surface facing it at one metre gets this much.
        ambient: linear RGB [3] that reaches every surface.
    """

    position: Points
    power: Floats
    ambient: Floats


@dataclass(frozen=True)
class Block:
    """An axis-parallel box.

    Attributes:
        low, high: corners [3], metres.
        colour: linear reflectance [3].
        texture: strength of its grain.
        glow: radiance [3] of its own (windows, screens, signs).
        period: metres from one groove to the next, 0 for none.
    """

    low: Points
    high: Points
    colour: Floats
    texture: float
    glow: float = 0.0
    period: float = 0.0


@dataclass(frozen=True)
class Backdrop:
    """The empty place as the camera sees it.

    Attributes:
        radiance: float32 [H, W, 3], linear.
        depth: float32 [H, W], metres along the camera's axis.
        points: float64 [H, W, 3], world position seen by each pixel.
    """

    radiance: Floats
    depth: Floats
    points: Points


def random_lamp(rng: np.random.Generator) -> Lamp:
    """A lamp overhead or to the side, warm to cold, with little ambient light."""
    position = np.array([rng.uniform(-4, 4), rng.uniform(2.2, 4.5), rng.uniform(0.5, 5.5)])
    warm = rng.uniform(-0.35, 0.35)
    colour = np.array([1 + warm, 1.0, 1 - warm])
    ambient = rng.uniform(0.08, 0.5) * (1 + 0.15 * rng.standard_normal(3))
    return Lamp(
        position,
        np.asarray(rng.uniform(3.0, 9.0) * colour, np.float32),
        np.asarray(np.clip(ambient, 0.03, None), np.float32),
    )


def random_blocks(rng: np.random.Generator, wall: float, behind: float) -> list[Block]:
    """Floor, back wall at depth ``wall`` metres, side walls, furniture, posters and windows.

    Furniture stands farther off than ``behind`` metres, where it hides nobody.
    """
    blocks = [
        _block(rng, (-_FAR, -1.0, -_FAR), (_FAR, 0.0, _FAR), _groove(rng, 0.5)),
        _block(rng, (-_FAR, 0.0, wall), (_FAR, 9.0, wall + 1.0), _groove(rng, 0.5)),
    ]
    for sign in (-1.0, 1.0):
        if rng.random() < 0.4:
            x = sign * rng.uniform(2.2, 4.0)
            blocks.append(_block(rng, (min(x, x + sign), 0.0, 1.0), (max(x, x + sign), 5.0, wall)))
    for _ in range(rng.integers(1, 5)):
        blocks.append(_furniture(rng, wall, behind))
    for _ in range(rng.integers(0, 4)):
        blocks.append(_on_wall(rng, wall))
    return blocks


def chair(
    rng: np.random.Generator, at: tuple[float, float], yaw: float, height: float
) -> list[Block]:
    """A seat on legs, ``height`` metres high, under a person at (x, z) who faces ``yaw``."""
    x, z = at[0] - 0.1 * np.sin(yaw), at[1] + 0.1 * np.cos(yaw)
    colour = _colour(rng)
    parts = [((x - 0.2, height - 0.05, z - 0.2), (x + 0.2, height, z + 0.2))]
    for dx in (-0.17, 0.17):
        for dz in (-0.17, 0.17):
            parts.append(
                ((x + dx - 0.02, 0.0, z + dz - 0.02), (x + dx + 0.02, height, z + dz + 0.02))
            )
    return [Block(np.array(low), np.array(high), colour, 0.1) for low, high in parts]


def look_at(blocks: list[Block], lamp: Lamp, camera: Camera, rng: np.random.Generator) -> Backdrop:
    """Cast one ray through every pixel and light what it meets."""
    rays = camera.rays()
    eye = np.array([0.0, camera.above, 0.0])
    depth = np.full(rays.shape[:2], _FAR)
    colour = np.zeros((*rays.shape[:2], 3))
    normal = np.zeros_like(colour)
    glow = np.zeros(rays.shape[:2])
    grain = _grain(rng)
    for block in blocks:
        met, axis = _meet(block, rays, eye)
        nearer = (met > 0.1) & (met < depth)
        depth[nearer] = met[nearer]
        where = eye + rays[nearer] * met[nearer][:, None]
        colour[nearer] = _surface(block, where, axis[nearer], grain)
        normal[nearer] = np.eye(3)[axis[nearer]] * -np.sign(rays[nearer])
        glow[nearer] = block.glow
    points = eye + rays * depth[..., None]
    radiance = colour * _irradiance(points, normal, lamp) + (glow * colour.any(axis=2))[..., None]
    return Backdrop(radiance.astype(np.float32), depth.astype(np.float32), points)


def _irradiance(points: Points, normal: Points, lamp: Lamp) -> Points:
    """Ambient light plus the lamp's, by the cosine and the square of the distance."""
    way = lamp.position - points
    square = np.maximum((way**2).sum(axis=-1), 0.25)
    cosine = np.clip((way * normal).sum(axis=-1) / np.sqrt(square), 0.0, 1.0)
    return np.asarray(lamp.ambient + lamp.power * (cosine / square)[..., None])


def _meet(block: Block, rays: Points, eye: Points) -> tuple[Points, npt.NDArray[np.intp]]:
    """Distance along each ray to the box (``inf`` where it misses) and the axis of the face."""
    safe = np.where(np.abs(rays) < 1e-9, 1e-9, rays)
    one, two = (block.low - eye) / safe, (block.high - eye) / safe
    near, far = np.minimum(one, two), np.maximum(one, two)
    enter = near.max(axis=2)
    hit = (enter <= far.min(axis=2)) & (enter > 0)
    return np.where(hit, enter, np.inf), near.argmax(axis=2)


def _surface(block: Block, where: Points, axis: npt.NDArray[np.intp], grain: Floats) -> Points:
    """Reflectance [N, 3] with grain and grooves laid along the face."""
    u = np.where(axis == 0, where[:, 2], where[:, 0])
    v = np.where(axis == 1, where[:, 2], where[:, 1])
    size = len(grain)
    fine = grain[(u * 40).astype(int) % size, (v * 40).astype(int) % size]
    coarse = grain[(u * 5).astype(int) % size, (v * 5).astype(int) % size]
    level = 1.0 + block.texture * (0.6 * fine + coarse)
    if block.period:
        level *= np.where((u / block.period) % 1.0 < 0.08, 0.45, 1.0)
    return np.asarray(block.colour * np.clip(level, 0.1, 3.0)[:, None])


def _grain(rng: np.random.Generator, size: int = 256) -> Floats:
    """Smooth noise of unit spread that repeats at its borders."""
    noise = rng.standard_normal((size, size)).astype(np.float32)
    smooth = cv2.GaussianBlur(np.tile(noise, (3, 3)), (0, 0), 1.5)[size : 2 * size, size : 2 * size]
    return np.asarray(smooth / smooth.std(), np.float32)


def _block(
    rng: np.random.Generator,
    low: tuple[float, float, float],
    high: tuple[float, float, float],
    period: float = 0.0,
) -> Block:
    texture = float(rng.uniform(0.02, 0.16))
    return Block(np.array(low), np.array(high), _colour(rng), texture, 0.0, period)


def _groove(rng: np.random.Generator, chance: float) -> float:
    return float(rng.uniform(0.12, 1.2)) if rng.random() < chance else 0.0


def _colour(rng: np.random.Generator) -> Floats:
    level = rng.uniform(0.06, 0.7)
    tint = 1.0 + rng.uniform(0.0, 0.25) * (rng.dirichlet([2, 2, 2]) * 3 - 1)
    return np.asarray(np.clip(level * tint, 0.02, 0.95), np.float32)


def _furniture(rng: np.random.Generator, wall: float, behind: float) -> Block:
    """Something on the floor near the back wall, or to the side."""
    width, height = rng.uniform(0.3, 1.6), rng.uniform(0.4, 2.0)
    x, z = rng.uniform(-3.5, 3.5), rng.uniform(behind + 0.2, wall)
    deep = min(float(rng.uniform(0.3, 0.8)), z - behind)
    return _block(rng, (x, 0.0, z - deep), (x + width, height, z), _groove(rng, 0.4))


def _on_wall(rng: np.random.Generator, wall: float) -> Block:
    """A poster, or a lit window or sign."""
    x, y = rng.uniform(-3.0, 3.0), rng.uniform(1.0, 2.4)
    size = rng.uniform(0.15, 1.0, 2)
    glow = float(rng.uniform(1.0, 6.0)) if rng.random() < 0.4 else 0.0
    return Block(
        np.array([x, y, wall - 0.03]),
        np.array([x + size[0], y + size[1], wall]),
        _colour(rng),
        0.4,
        glow,
    )
