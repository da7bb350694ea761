"""Darkening takes light away as a camera would and is repeatable."""

import dataclasses

import numpy as np

from inference.pose.degrade import DegradeConfig, damaged, darkened, draw_damage

IMAGE = (96, 128)
CLEAN = DegradeConfig(
    curve=(1, 1), cast=0, grey=0, noisy=0, blurred=0, shrunk=0, compressed=0, covered=0
)


def grey_picture(value: int) -> np.ndarray:
    return np.full((IMAGE[1], IMAGE[0], 3), value, np.uint8)


def test_one_stop_halves_linear_light() -> None:
    config = dataclasses.replace(CLEAN, bright_stops=(1.0, 1.0))
    damage = draw_damage(True, IMAGE, config, np.random.default_rng(0))
    dark = darkened(grey_picture(200), damage, np.random.default_rng(0))
    assert np.all(np.abs(dark.astype(int) - round(200 * 0.5 ** (1 / 2.2))) <= 1)


def test_noise_grows_with_less_light() -> None:
    config = dataclasses.replace(CLEAN, noisy=1, clumped=(0, 0), bright_stops=(0.0, 0.0))
    damage = draw_damage(True, IMAGE, config, np.random.default_rng(1))
    spread = [
        darkened(grey_picture(v), damage, np.random.default_rng(0)).std() / v for v in (20, 200)
    ]
    assert spread[0] > 2 * spread[1] > 0


def test_frames_of_one_sample_differ_in_noise_alone() -> None:
    config = dataclasses.replace(CLEAN, noisy=1, bright_stops=(3.0, 3.0))
    damage = draw_damage(True, IMAGE, config, np.random.default_rng(2))
    rng = np.random.default_rng(3)
    first, second = (damaged(grey_picture(180), damage, rng) for _ in range(2))
    assert np.any(first != second)
    assert abs(float(first.mean()) - float(second.mean())) < 1


def test_same_seed_gives_the_same_picture() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (IMAGE[1], IMAGE[0], 3), dtype=np.uint8)
    pictures = []
    for _ in range(2):
        rng = np.random.default_rng(7)
        pictures.append(damaged(picture, draw_damage(True, IMAGE, DegradeConfig(), rng), rng))
    np.testing.assert_array_equal(*pictures)


def test_every_draw_keeps_shape_and_type() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        damage = draw_damage(seed % 2 == 0, IMAGE, DegradeConfig(), rng)
        out = damaged(grey_picture(120), damage, rng)
        assert out.shape == (IMAGE[1], IMAGE[0], 3)
        assert out.dtype == np.uint8


def test_averaged_samples_have_less_noise_but_for_what_moves() -> None:
    config = dataclasses.replace(CLEAN, noisy=1, clumped=(0, 0), shaded=0, bright_stops=(3.0, 3.0))
    alone = draw_damage(True, IMAGE, config, np.random.default_rng(1))
    moving = np.zeros((IMAGE[1], IMAGE[0], 1), np.float32)
    moving[:, 48:] = 1.0
    damage = dataclasses.replace(alone, frames=9, moving=moving)
    seen = darkened(grey_picture(120), damage, np.random.default_rng(0))
    ratio = seen[:, 48:].std(axis=(0, 1)) / seen[:, :48].std(axis=(0, 1))
    np.testing.assert_allclose(ratio, 3.0, rtol=0.15)
    once = dataclasses.replace(alone, frames=1, moving=None)
    noisy = darkened(grey_picture(120), once, np.random.default_rng(0))
    np.testing.assert_allclose(seen.mean(axis=(0, 1)), noisy.mean(axis=(0, 1)), atol=0.5)


def test_lifted_samples_are_brighter() -> None:
    config = dataclasses.replace(CLEAN, shaded=0, covered=0, bright_stops=(5.0, 5.0))
    scene = np.tile(np.arange(IMAGE[0], dtype=np.uint8)[None, :, None] * 2, (IMAGE[1], 1, 3))
    means = []
    for share in (0.0, 1.0):
        drawn = dataclasses.replace(config, lifted=share)
        damage = draw_damage(True, IMAGE, drawn, np.random.default_rng(2))
        means.append(damaged(scene, damage, np.random.default_rng(0)).mean())
    assert means[1] > 2 * means[0]
