"""Varied copies stay skeletons of the same people."""

from __future__ import annotations

import numpy as np
import pytest

from inference.classify.augment import AugmentConfig, vary
from tests.inference.features.figures import figure

STILL = AugmentConfig(
    mirror=0, stretch=0, tempo=0, crop=0, jitter=0, drift=0, box_jitter=0, joint_loss=0,
    frame_loss=0, score_gain=0,
)  # fmt: skip


def test_the_same_generator_gives_the_same_copy_and_leaves_the_clip_alone() -> None:
    poses = figure("walk")
    before = poses.keypoints.copy()
    first, second = (vary(poses, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.keypoints, second.keypoints)
    np.testing.assert_array_equal(poses.keypoints, before)
    assert not np.array_equal(vary(poses, np.random.default_rng(4)).times_s, first.times_s)


def test_without_any_variation_the_copy_is_the_clip() -> None:
    poses = figure("walk")
    copy = vary(poses, np.random.default_rng(0), STILL)
    np.testing.assert_allclose(copy.keypoints, poses.keypoints)
    np.testing.assert_allclose(copy.tracks.boxes_xyxy, poses.tracks.boxes_xyxy)


def test_a_mirrored_walk_goes_the_other_way_with_sides_exchanged() -> None:
    poses = figure("walk")
    config = AugmentConfig(**{**STILL.__dict__, "mirror": 1.0})
    copy = vary(poses, np.random.default_rng(0), config)
    np.testing.assert_allclose(copy.keypoints[..., 5, 0], 319 - poses.keypoints[..., 6, 0])
    boxes, mirrored = poses.tracks.boxes_xyxy, copy.tracks.boxes_xyxy
    np.testing.assert_allclose(mirrored[..., 0], 319 - boxes[..., 2])
    assert (mirrored[..., 2] > mirrored[..., 0]).all()


@pytest.mark.parametrize("seed", range(20))
def test_people_never_vanish(seed: int) -> None:
    copy = vary(figure("sit", seconds=0.5, people=2), np.random.default_rng(seed))
    assert copy.tracks.present.any(axis=1).all()
    assert (np.isnan(copy.keypoints[..., 0]).all(-1) == ~copy.tracks.present).all()
