"""Paints bodies into a backdrop: rounded cones with light, cloth and a depth for each pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.types import Bools, Floats
from inference.video.scene.body import Joints
from inference.video.scene.camera import Camera
from inference.video.scene.figure import Cone
from inference.video.scene.room import Backdrop, Lamp

Points = npt.NDArray[np.float64]

_SHADOW_M = 0.28
_SHADOW_DEPTH = 0.65


@dataclass
class Canvas:
    """A picture in the making: linear radiance [H, W, 3], depth [H, W] metres, figure [H, W]."""

    radiance: Floats
    depth: Floats
    covered: Bools


def empty_canvas(backdrop: Backdrop) -> Canvas:
    """The backdrop alone."""
    return Canvas(
        backdrop.radiance.copy(), backdrop.depth.copy(), np.zeros(backdrop.depth.shape, np.bool_)
    )


def paint_shadow(canvas: Canvas, backdrop: Backdrop, camera: Camera, joints: Joints) -> None:
    """Darken the floor around the feet and below the body."""
    for foot in ("left_ankle", "right_ankle", "pelvis"):
        spot = joints[foot]
        ends = np.array([[spot[0] - 0.6, 0, spot[2] - 0.6], [spot[0] + 0.6, 0, spot[2] + 0.6]])
        window = _window(camera.project(ends), np.array([4.0, 4.0]), canvas.depth.shape)
        if window is None:
            continue
        gap = backdrop.points[window] - spot
        shade = np.exp(-(gap[..., 0] ** 2 + gap[..., 2] ** 2) / _SHADOW_M**2)
        shade *= np.abs(backdrop.points[window][..., 1]) < 0.01
        shade *= _SHADOW_DEPTH / (1.0 + max(0.0, float(spot[1]) - 0.1))
        canvas.radiance[window] *= (1.0 - shade[..., None]).astype(np.float32)


def paint_body(
    canvas: Canvas,
    camera: Camera,
    joints: Joints,
    cones: Sequence[Cone],
    lamp: Lamp,
    weave: Floats,
) -> None:
    """Paint all cones, nearer over farther.

    Args:
        canvas: changed in place.
        camera: view of the canvas's size.
        joints: see ``body.place_joints``.
        cones: see ``figure.cones_of``.
        lamp: light.
        weave: float32 [N, N] noise of unit spread, the cloth's pattern.
    """
    for number, cone in enumerate(cones):
        a, b = joints[cone.start], joints[cone.end]
        ends = np.stack([a + share * (b - a) for share in cone.part])
        _paint_cone(canvas, camera, ends, cone, lamp, np.roll(weave, 17 * number, axis=0))


def _paint_cone(
    canvas: Canvas, camera: Camera, ends: Points, cone: Cone, lamp: Lamp, weave: Floats
) -> None:
    seen = camera.project(ends)
    if seen[:, 2].min() < 0.3:
        return
    radii = camera.focal * np.array(cone.radii) / seen[:, 2]
    window = _window(seen, radii, canvas.depth.shape)
    if window is None:
        return
    ys, xs = np.mgrid[window]
    along, gap_x, gap_y = _nearest_on_axis(xs, ys, seen)
    radius = radii[0] + along * (radii[1] - radii[0])
    inside = gap_x**2 + gap_y**2 < radius**2
    across = np.hypot(gap_x, gap_y) / radius
    facing = np.sqrt(np.clip(1.0 - across**2, 0.0, 1.0))
    thick = cone.radii[0] + along * (cone.radii[1] - cone.radii[0])
    depth = seen[0, 2] + along * (seen[1, 2] - seen[0, 2]) - thick * facing
    inside &= depth < canvas.depth[window]
    normal = np.stack([gap_x / radius, -gap_y / radius, -facing], axis=-1)[inside]
    metres = along[inside] * float(np.linalg.norm(ends[1] - ends[0]))
    colour = _cloth(cone, metres, across[inside] * np.sign(gap_x[inside] + gap_y[inside]), weave)
    canvas.radiance[window][inside] = colour * _light(normal, ends.mean(axis=0), lamp)
    canvas.depth[window][inside] = depth[inside]
    canvas.covered[window] |= inside


def _window(seen: Points, radii: Points, shape: tuple[int, ...]) -> tuple[slice, slice] | None:
    """The part of the picture that a cone can touch."""
    low = np.floor((seen[:, :2] - radii[:, None]).min(axis=0)).astype(int)
    high = np.ceil((seen[:, :2] + radii[:, None]).max(axis=0)).astype(int) + 1
    x0, y0 = max(0, low[0]), max(0, low[1])
    x1, y1 = min(shape[1], high[0]), min(shape[0], high[1])
    return (slice(y0, y1), slice(x0, x1)) if x0 < x1 and y0 < y1 else None


def _nearest_on_axis(
    xs: npt.NDArray[np.intp], ys: npt.NDArray[np.intp], seen: Points
) -> tuple[Points, Points, Points]:
    """Share along the bone of the nearest axis point, and the way from it to the pixel."""
    (x0, y0), (x1, y1) = seen[0, :2], seen[1, :2]
    square = max((x1 - x0) ** 2 + (y1 - y0) ** 2, 1e-6)
    along = np.clip(((xs - x0) * (x1 - x0) + (ys - y0) * (y1 - y0)) / square, 0.0, 1.0)
    return along, xs - x0 - along * (x1 - x0), ys - y0 - along * (y1 - y0)


def _cloth(cone: Cone, metres: Points, across: Points, weave: Floats) -> Points:
    size = len(weave)
    rows, columns = (metres * 90).astype(int) % size, (across * 12).astype(int) % size
    level = 1.0 + cone.pattern * weave[rows, columns]
    if cone.stripes and cone.pattern:
        level *= np.where((metres * cone.stripes) % 1.0 < 0.5, 0.55, 1.0)
    return np.asarray(cone.colour * np.clip(level, 0.2, 3.0)[:, None])


def _light(normal: Points, at: Points, lamp: Lamp) -> Points:
    way = lamp.position - at
    square = max(float(way @ way), 0.25)
    cosine = np.clip(normal @ (way / np.sqrt(square)), 0.0, 1.0)
    return np.asarray(
        lamp.ambient * (0.7 + 0.3 * -normal[:, 2:]) + lamp.power * (cosine / square)[:, None]
    )
