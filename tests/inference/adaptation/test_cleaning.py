"""What a teacher is unsure of is not taught."""

from __future__ import annotations

import numpy as np
import pytest

from inference.adaptation import CleanConfig
from inference.adaptation.cleaning import cleaned, frames_kept, shifted, smoothed, strays
from inference.adaptation.labels import Labels
from inference.types import Floats

RAW = CleanConfig(smoothing_reach=0)


def walker(frames: int = 20, people: int = 1) -> Labels:
    """A stiff figure of 40 px torso that moves 2 px a frame to the right."""
    keypoints = np.zeros((people, frames, 17, 3), np.float32)
    keypoints[..., 1] = np.linspace(20, 160, 17)
    keypoints[..., 5:7, 1], keypoints[..., 11:13, 1] = 60, 100
    keypoints[..., 0] = 50 + 2 * np.arange(frames)[:, None]
    keypoints[..., 2] = 0.9
    boxes = np.tile(np.array([20, 10, 120, 170], np.float32), (people, frames, 1))
    return Labels(boxes, keypoints)


def test_sure_and_steady_labels_stay_as_they_are() -> None:
    labels = walker()
    for config in (RAW, CleanConfig()):
        found = cleaned(labels, config)
        np.testing.assert_allclose(found.keypoints, labels.keypoints, atol=1e-2)
        np.testing.assert_array_equal(found.boxes_xyxy, labels.boxes_xyxy)


def test_low_scores_are_dropped() -> None:
    labels = walker()
    labels.keypoints[0, 3, 9, 2] = 0.2
    assert np.argwhere(cleaned(labels, RAW).keypoints[..., 2] == 0).tolist() == [[0, 3, 9]]


@pytest.mark.parametrize(("px", "dropped"), [(8.0, False), (12.0, True)])
def test_a_joint_that_jumps_away_for_a_frame_is_dropped(px: float, dropped: bool) -> None:
    labels = walker()
    labels.keypoints[0, 10, 9, 1] += px  # A quarter of the torso is 10 px.
    lost = np.argwhere(cleaned(labels, RAW).keypoints[..., 2] == 0).tolist()
    assert lost == ([[0, 10, 9]] if dropped else [])


def test_joints_of_no_score_are_no_neighbours() -> None:
    labels = walker(5)
    score = labels.keypoints[..., 2].copy()
    labels.keypoints[0, :4, 9, 0] += 500
    score[0, :4, 9] = 0
    assert not strays(labels.keypoints, score, RAW)[0, 4, 9]
    score[0, :4, 9] = 0.9
    assert strays(labels.keypoints, score, RAW)[0, 4, 9]


def test_smoothing_takes_noise_away_and_keeps_bends() -> None:
    rng = np.random.default_rng(0)
    labels = walker(60)
    t = np.arange(60)
    true = labels.keypoints.copy()
    true[..., 0] = (0.05 * (t - 30) ** 2)[:, None]
    noisy = true.copy()
    noisy[..., :2] += rng.normal(0, 2, noisy[..., :2].shape)
    np.testing.assert_allclose(smoothed(true, 3), true, atol=0.1)

    def error(found: Floats) -> float:
        return float(np.abs(found - true)[..., :2].mean())

    assert error(smoothed(noisy, 3)) < 0.75 * error(noisy)


def test_smoothing_reaches_over_gaps_and_not_into_them() -> None:
    labels = walker()
    gap = labels.keypoints.copy()
    gap[0, 5:8] = np.nan
    gap[0, 12, :, :2] = 999
    gap[0, 12, :, 2] = 0
    found = smoothed(gap, 3)
    assert np.isnan(found[0, 5:8]).all()
    assert (found[0, 12, :, :2] == 999).all()
    rest = [t for t in range(20) if t not in (5, 6, 7, 12)]
    np.testing.assert_allclose(found[0, rest], labels.keypoints[0, rest], atol=1e-2)


def test_frames_with_few_joints_and_people_without_frames_go() -> None:
    labels = walker(people=2)
    labels.keypoints[0, 4, 5:, 2] = 0
    labels.keypoints[1, ..., 2] = 0.1
    found = cleaned(labels, RAW)
    assert found.boxes_xyxy.shape == (1, 20, 4)
    assert np.isnan(found.boxes_xyxy[0, 4]).all() and np.isnan(found.keypoints[0, 4]).all()
    assert frames_kept(found) == 19


def test_absent_people_stay_absent() -> None:
    labels = walker()
    labels.boxes_xyxy[0, 15:], labels.keypoints[0, 15:] = np.nan, np.nan
    found = cleaned(labels, CleanConfig())
    assert np.isnan(found.keypoints[0, 15:]).all()
    assert frames_kept(found) == 15


def test_shifting_looks_ahead_and_back() -> None:
    row = np.arange(4.0)[None]
    np.testing.assert_array_equal(shifted(row, 1), [[1, 2, 3, np.nan]])
    np.testing.assert_array_equal(shifted(row, -2), [[np.nan, np.nan, 0, 1]])
    assert np.isnan(shifted(row, 9)).all()
