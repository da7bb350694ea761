"""Smoothing takes jumps and noise out and leaves steady motion and gaps alone."""

from __future__ import annotations

import numpy as np
import pytest

from inference.errors import ModelError
from inference.pose.smooth import SmoothConfig, smoothed

TIMES = np.arange(60) / 30.0


def walk() -> np.ndarray:
    """float32 [60, 2, 3]: two joints that move 3 px a frame, sure."""
    x = 3.0 * np.arange(60)[:, None] + np.array([0.0, 10.0])
    return np.stack((x, np.full_like(x, 50.0), np.ones_like(x)), axis=2).astype(np.float32)


def test_steady_motion_stays() -> None:
    found = smoothed(walk(), TIMES, SmoothConfig())
    np.testing.assert_allclose(found[8:-8], walk()[8:-8], atol=1e-3)


def test_a_single_jump_disappears() -> None:
    jumping = walk()
    jumping[30, 0, :2] += 80.0
    found = smoothed(jumping, TIMES, SmoothConfig())
    assert np.abs(found[:, 0, :2] - walk()[:, 0, :2])[8:-8].max() < 3.5
    np.testing.assert_allclose(found[:, 1], smoothed(walk(), TIMES, SmoothConfig())[:, 1])


def test_noise_is_halved_at_least() -> None:
    rng = np.random.default_rng(0)
    noisy = walk()
    noisy[..., :2] += rng.normal(0, 4, noisy[..., :2].shape)
    found = smoothed(noisy, TIMES, SmoothConfig())
    assert np.std((found - walk())[..., :2]) < 0.5 * np.std((noisy - walk())[..., :2])


def test_unsure_frames_count_less() -> None:
    biased = walk()
    biased[::2, :, 1] += 20.0
    biased[::2, :, 2] = 0.1
    found = smoothed(biased, TIMES, SmoothConfig(median_s=0))
    assert np.abs(found[8:-8, :, 1] - 50).max() < 2.0


def test_absent_frames_stay_absent_and_scores_stay() -> None:
    broken = walk()
    broken[20:35] = np.nan
    found = smoothed(broken, TIMES, SmoothConfig())
    np.testing.assert_array_equal(np.isnan(found), np.isnan(broken))
    np.testing.assert_array_equal(found[..., 2], broken[..., 2])
    np.testing.assert_allclose(found[19, 0, 0], 57.0, atol=6.0)


def test_what_counts_is_time_and_not_the_number_of_frames() -> None:
    slow = smoothed(walk(), 10 * TIMES, SmoothConfig())
    np.testing.assert_allclose(slow, walk(), atol=1e-3)


def test_long_tracks_take_time_in_proportion() -> None:
    many = np.tile(walk(), (300, 1, 1))
    assert smoothed(many, np.arange(len(many)) / 30.0, SmoothConfig()).shape == many.shape


def test_shapes_are_checked() -> None:
    with pytest.raises(ModelError, match="Expected keypoints"):
        smoothed(walk()[:, 0], TIMES, SmoothConfig())


def test_long_clips_are_smoothed_piece_by_piece_to_the_same_skeletons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(5)
    keypoints = rng.uniform(0, 100, (90, 4, 3)).astype(np.float32)
    keypoints[40:47] = np.nan
    times = np.cumsum(rng.uniform(0.02, 0.05, 90))
    whole = smoothed(keypoints, times, SmoothConfig())
    monkeypatch.setattr("inference.pose.smooth._BLOCK", 8)
    assert np.array_equal(smoothed(keypoints, times, SmoothConfig()), whole, equal_nan=True)
