"""What counts as a right keypoint when the network is held against the teacher."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.pose.config import COMPACT
from inference.pose.dcpose import DCPose
from inference.pose.estimator import PoseEstimator
from inference.pose.evaluate import (
    Truth,
    agreement,
    darkened,
    is_near,
    judged,
    load_truth,
    ranking,
    single_frame,
)
from inference.pose.export import compact
from inference.skeleton import COCO17

TINY = dataclasses.replace(
    COMPACT, image=(64, 64), stem=8, bottlenecks=1, bottleneck_channels=4, width=4, blocks=1
)


def skeleton(torso: float) -> np.ndarray:
    keypoints = np.zeros((1, 17, 3), np.float32)
    keypoints[:, 11:13, 1] = torso
    return keypoints


def truth(frames: int = 6) -> Truth:
    rng = np.random.default_rng(0)
    return Truth(
        "clip",
        rng.integers(0, 60, (frames, 48, 64, 3), dtype=np.uint8),
        np.array([1, 4]),
        np.array([[10, 5, 30, 45], [12, 5, 32, 45]], np.float32),
        np.concatenate((skeleton(20), skeleton(20))) + np.float32([20, 20, 1]),
    )


@pytest.mark.parametrize(("distance", "right"), [(3.9, True), (4.1, False)])
def test_keypoint_is_right_within_a_fifth_of_the_torso(distance: float, right: bool) -> None:
    found = skeleton(20)
    found[:, 9, 0] += distance
    assert bool(is_near(found, skeleton(20), 0.2)[0, 9]) is right


def test_ranking_is_the_chance_that_right_ones_score_higher() -> None:
    right = np.array([True, True, False, False])
    assert ranking(np.array([0.9, 0.5, 0.5, 0.1]), right) == pytest.approx(3.5 / 4)
    assert np.isnan(ranking(np.array([0.9]), np.array([True])))


def test_only_sure_keypoints_of_the_teacher_count() -> None:
    clip = truth()
    clip.keypoints[:, :10, 2] = 0.3
    network = DCPose(TINY)
    assert len(agreement(PoseEstimator(network, "cpu"), [clip]).right) == 2 * 7


def test_darkening_changes_every_frame() -> None:
    clip = truth()
    changed = np.any(darkened(clip, lambda f: f + 1).frames != clip.frames, axis=(1, 2, 3))
    assert changed.all()


def test_single_frame_network_ignores_the_neighbours() -> None:
    network = DCPose(TINY).eval()
    for warp in network.modulated_deform_conv_list:
        torch.nn.init.normal_(warp.get_parameter("deform_conv.weight"))
    x = torch.randn(1, 12, 64, 64)
    with torch.no_grad():
        rough, refined = network(x)
        alone, same = single_frame(network)(x)
    torch.testing.assert_close(alone, rough)
    torch.testing.assert_close(same, rough)
    assert not torch.allclose(refined, rough)


def test_clip_where_the_teacher_found_nobody_is_left_out(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "a.npz",
        boxes_xyxy=np.zeros((1, 2, 4), np.float32),
        keypoints=np.zeros((1, 2, 17, 3), np.float32),
        fallback=np.array(True),
    )
    assert load_truth(tmp_path / "a.mp4", tmp_path / "a.npz", lambda _: truth().frames) is None


def test_compact_weights_fit_the_network_and_halve_the_kernels() -> None:
    network = DCPose(TINY)
    small = compact(network.state_dict())
    assert {v.dtype for v in small.values() if v.ndim == 4} == {torch.float16}
    assert small["rough_pose_estimation_net.bn1.running_var"].dtype == torch.float32
    DCPose(TINY).load_state_dict(small, strict=True)


def test_confused_sides_are_told_apart_from_wrong_places() -> None:
    rng = np.random.default_rng(3)
    truth = rng.uniform(0, 200, (2, 17, 3)).astype(np.float32)
    truth[..., 2] = 0.9
    found = truth.copy()
    found[0] = truth[0, list(COCO17.flip_order)]  # One person's sides are confused,
    found[1, :4, 0] += 1000  # and of the other four joints lie elsewhere.
    frames = np.zeros((1, 8, 8, 3), np.uint8)
    boxes = np.zeros((2, 4), np.float32)
    clip = Truth("clip", frames, np.zeros(2, np.int64), boxes, truth)
    measured = judged([found], [clip])
    assert measured.pck == pytest.approx(100 * (1 + 13) / 34)
    assert measured.pck_either_side == pytest.approx(100 * (17 + 13) / 34)
