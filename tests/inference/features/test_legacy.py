"""The published features and action head are rebuilt as they were."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.classify.legacy import LegacyHead
from inference.errors import ModelError
from inference.features.legacy import (
    FEATURES,
    corrected_features,
    legacy_features,
    offsets_from_head,
    torso_px,
)
from inference.skeleton import COCO17, POSETRACK15, POSETRACK17, convert
from inference.types import Poses, Tracks
from tests.inference.pose.parity import COMMITTED, SHARED, needs_shared
from thirdparty.checkpoints import published_as


def poses_of(keypoints: np.ndarray, missing: tuple[int, ...] = (), skeleton: str = "posetrack17"):
    """One person of T frames [T, 17, 3], absent in some."""
    length = len(keypoints)
    boxes = np.tile(np.array([0, 0, 10, 20], np.float32), (1, length, 1))
    keypoints = keypoints[None].copy()
    boxes[0, list(missing)] = keypoints[0, list(missing)] = np.nan
    tracks = Tracks(boxes, boxes[..., 0].copy(), np.zeros((1, length), bool))
    times = np.arange(length) / 30
    return Poses(tracks, keypoints, skeleton, Fraction(30), (320, 240), times)


def random_poses(length: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 200, (length, 17, 3)).astype(np.float32)


def test_joints_become_the_published_offsets() -> None:
    figures = np.load(COMMITTED / "legacy_offsets.npz")
    assert tuple(figures["names17"]) == POSETRACK17.joints
    assert tuple(figures["names15"]) == POSETRACK15.joints
    offsets = offsets_from_head(figures["keypoints17"], POSETRACK17)
    np.testing.assert_allclose(offsets, figures["offsets"], atol=1e-4)


@needs_shared
def test_the_published_head_gives_the_published_logits() -> None:
    head = LegacyHead.load(SHARED / "seed_mlp.pth")
    figures = np.load(SHARED / "seed_mlp.npz")
    found = head.logits(figures["offsets"].reshape(16, FEATURES))
    np.testing.assert_allclose(found, figures["logits"], atol=1e-4)
    offsets = offsets_from_head(figures["keypoints17"], POSETRACK17).reshape(16, FEATURES)
    np.testing.assert_allclose(head.logits(offsets), figures["logits_from_keypoints17"], atol=1e-4)


@needs_shared
def test_the_published_head_is_known_by_its_content() -> None:
    known = published_as(SHARED / "seed_mlp.pth")
    assert known is not None
    assert known.name == "dark-dcpose-mlp"


def test_every_fifth_of_the_first_fifty_found_is_used() -> None:
    keypoints = random_poses(80)
    vector = legacy_features(poses_of(keypoints, missing=(0, 7))).reshape(10, 14, 2)
    found = [t for t in range(80) if t not in (0, 7)]
    for sample in range(10):
        pose = keypoints[found[5 * sample]].copy()
        pose[:, :2] = np.trunc(pose[:, :2])
        np.testing.assert_array_equal(vector[sample], offsets_from_head(pose, POSETRACK17))


def test_short_clips_are_filled_with_zeros() -> None:
    vector = legacy_features(poses_of(random_poses(11))).reshape(10, 28)
    assert vector[:3].any(axis=1).all()
    assert not vector[3:].any()


def test_our_own_skeletons_serve_too() -> None:
    vector = legacy_features(poses_of(random_poses(60), skeleton=COCO17.name))
    assert vector.shape == (FEATURES,)
    assert np.isfinite(vector).all()


def test_a_head_survives_its_checkpoint(tmp_path: Path) -> None:
    head = LegacyHead()
    torch.save({"epoch": 1, "state_dict": head.state_dict()}, tmp_path / "head.pth")
    x = np.random.default_rng(0).normal(size=(3, FEATURES)).astype(np.float32)
    loaded = LegacyHead.load(tmp_path / "head.pth")
    np.testing.assert_allclose(loaded.logits(x), head.logits(x))


def test_another_networks_checkpoint_is_refused(tmp_path: Path) -> None:
    torch.save({"fc1.weight": torch.zeros(2, 2)}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match="does not fit"):
        LegacyHead.load(tmp_path / "other.pth")


def moved(keypoints: np.ndarray, scale: float = 1.0, shift: float = 0.0) -> np.ndarray:
    return (keypoints * [scale, scale, 1] + [shift, -shift, 0]).astype(np.float32)


def test_corrected_features_know_neither_place_nor_size() -> None:
    keypoints = random_poses(33)
    one = corrected_features(poses_of(keypoints))
    other = corrected_features(poses_of(moved(keypoints, 2.5, 40)))
    np.testing.assert_allclose(one, other, atol=1e-4)
    assert not np.allclose(one, legacy_features(poses_of(keypoints)), atol=1)


def test_corrected_features_span_the_whole_track() -> None:
    """The hips' middle is the origin; the first and last skeletons are the track's ends."""
    keypoints = random_poses(61)
    found = corrected_features(poses_of(keypoints, missing=(0, 60))).reshape(10, 14, 2)
    joints = convert(keypoints, POSETRACK17, POSETRACK15)[..., :2]
    torso = torso_px(convert(keypoints[1:60], POSETRACK17, POSETRACK15))
    for sample, frame in ((0, 1), (9, 59)):
        hips = joints[frame, [2, 3]].mean(axis=0)
        np.testing.assert_allclose(found[sample], (joints[frame, :14] - hips) / torso, atol=1e-4)


@pytest.mark.parametrize("length", [1, 2, 7, 10])
def test_short_clips_lose_nothing_when_corrected(length: int) -> None:
    """Between two frames joints move on straight lines; a single frame stands still."""
    found = corrected_features(poses_of(random_poses(length))).reshape(10, -1)
    assert np.abs(found).sum(axis=1).min() > 0
    if length == 1:
        np.testing.assert_array_equal(found, np.broadcast_to(found[0], found.shape))
    if length == 2:
        keypoints = convert(random_poses(2), POSETRACK17, POSETRACK15)
        step = found[1] - found[0]
        np.testing.assert_allclose(found[9] - found[0], 9 * step, atol=1e-3)
        assert torso_px(keypoints) > 1


def test_joints_that_are_lost_for_a_while_are_read_between_their_neighbours() -> None:
    keypoints = random_poses(19)
    gaps = keypoints.copy()
    gaps[1:18, 9] = np.nan
    found = corrected_features(poses_of(gaps)).reshape(10, 14, 2)
    whole = corrected_features(poses_of(keypoints)).reshape(10, 14, 2)
    wrist = POSETRACK15.index("left_wrist")
    np.testing.assert_allclose(np.delete(found, wrist, 1), np.delete(whole, wrist, 1), atol=1e-5)
    assert np.isfinite(found).all()
    gaps[:, 9] = np.nan
    assert np.isfinite(corrected_features(poses_of(gaps))).all()
