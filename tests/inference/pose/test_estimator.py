"""The estimator gives every box a skeleton, in the frame's pixels, and nothing else."""

from __future__ import annotations

import copy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.errors import Cancelled, ModelError
from inference.pose import estimator as module
from inference.pose.batch import cut_batch
from inference.pose.config import COMPACT
from inference.pose.crop import inverse, place
from inference.pose.dcpose import DCPose
from inference.pose.estimator import EstimatorConfig, PoseEstimator
from inference.pose.thinning import held
from inference.types import Clip, FrameTable, Tracks
from inference.weights_file import save_weights

TINY = replace(
    COMPACT, image=(32, 64), stem=8, bottleneck_channels=4, bottlenecks=1, width=6, blocks=1
)
EXACT = EstimatorConfig(precision="float32", batch=5)


@pytest.fixture(scope="module")
def network() -> DCPose:
    torch.manual_seed(0)
    network = DCPose(TINY)
    network(torch.randn(8, 12, 64, 32))
    with torch.no_grad():
        network.rough_pose_estimation_net.final_layer.weight.mul_(1e4)
    return network.eval()


@pytest.fixture
def clip() -> Clip:
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 40, (7, 60, 80, 3), dtype=np.uint8)
    table = FrameTable(np.arange(7, dtype=np.int64), 7, Fraction(1, 30), Fraction(30))
    return Clip("clip.mp4", frames, table)


@pytest.fixture
def tracks() -> Tracks:
    rng = np.random.default_rng(1)
    boxes = rng.uniform(0, 30, (2, 7, 4)).astype(np.float32)
    boxes[..., 2:] += 25
    boxes[0, 3] = np.nan
    boxes[1, :5] = np.nan
    scores = np.where(np.isnan(boxes[..., 0]), np.nan, 1).astype(np.float32)
    return Tracks(boxes, scores, np.zeros((2, 7), bool))


def make(network: DCPose, config: EstimatorConfig = EXACT) -> PoseEstimator:
    return PoseEstimator(copy.deepcopy(network), "cpu", config)


def test_every_box_and_only_boxes_get_a_skeleton(
    network: DCPose, clip: Clip, tracks: Tracks
) -> None:
    poses = make(network).estimate(clip, tracks)
    assert poses.keypoints.shape == (2, 7, 17, 3)
    assert poses.keypoints.dtype == np.float32
    np.testing.assert_array_equal(~np.isnan(poses.keypoints).any(axis=(2, 3)), tracks.present)
    assert poses.skeleton == "coco17"
    assert poses.size == (80, 60)
    scores = poses.keypoints[tracks.present][..., 2]
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_batches_change_nothing(network: DCPose, clip: Clip, tracks: Tracks) -> None:
    at_once = make(network, replace(EXACT, batch=100)).estimate(clip, tracks)
    one_by_one = make(network, replace(EXACT, batch=1)).estimate(clip, tracks)
    np.testing.assert_allclose(at_once.keypoints, one_by_one.keypoints, atol=2e-2)


def test_a_skeleton_lies_where_the_heatmap_peaks(
    network: DCPose, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def peak_at_5_9(heatmaps: torch.Tensor, *ways: str) -> tuple[torch.Tensor, torch.Tensor]:
        count = heatmaps.shape[:2]
        return torch.tensor([5.0, 9.0]).expand(*count, 2), torch.ones(count)

    monkeypatch.setattr(module, "decode", peak_at_5_9)
    box = np.array([[20, 10, 50, 55]], np.float32)
    found = make(network).skeletons(clip.frames, np.array([2]), box)
    back = inverse(place(box, TINY.image, TINY.context).affines(TINY.heatmap_size))[0]
    np.testing.assert_allclose(found[0, 3, :2], back @ (5, 9, 1), atol=1e-4)


def test_held_boxes_are_the_mean_of_those_that_are_there(tracks: Tracks) -> None:
    boxes = held(tracks.boxes_xyxy, 4)
    np.testing.assert_array_equal(np.isnan(boxes), np.isnan(tracks.boxes_xyxy))
    np.testing.assert_allclose(boxes[0, 1], tracks.boxes_xyxy[0, :3].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(boxes[0, 5], tracks.boxes_xyxy[0, 4:].mean(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(held(tracks.boxes_xyxy, 1), tracks.boxes_xyxy)


def test_held_boxes_share_their_crops(network: DCPose, clip: Clip, tracks: Tracks) -> None:
    boxes = held(tracks.boxes_xyxy, 3)[0]
    batch = cut_batch(clip.frames, np.array([0, 1, 2]), boxes[:3], TINY, 1.25, 1)
    assert len(batch.crops) == 4  # Frames 0 to 3; what lies before frame 0 is frame 0.
    found = make(network, replace(EXACT, hold=3)).estimate(clip, tracks).keypoints
    np.testing.assert_array_equal(~np.isnan(found[..., 0]).any(axis=2), tracks.present)


def test_one_frame_is_enough(network: DCPose, clip: Clip) -> None:
    table = FrameTable(np.zeros(1, dtype=np.int64), 1, Fraction(1, 30), Fraction(30))
    boxes = np.array([[[10, 10, 40, 50]]], np.float32)
    tracks = Tracks(boxes, np.ones((1, 1), np.float32), np.zeros((1, 1), bool))
    poses = make(network).estimate(Clip("one", clip.frames[:1], table), tracks)
    assert np.isfinite(poses.keypoints).all()


def test_nobody_there_gives_no_skeleton(network: DCPose, clip: Clip) -> None:
    nobody = Tracks(
        np.zeros((0, 7, 4), np.float32), np.zeros((0, 7), np.float32), np.zeros((0, 7), bool)
    )
    assert make(network).estimate(clip, nobody).keypoints.shape == (0, 7, 17, 3)


def test_progress_rises_to_one(network: DCPose, clip: Clip, tracks: Tracks) -> None:
    told: list[tuple[str, float]] = []
    make(network).estimate(clip, tracks, progress=lambda *step: told.append(step))
    assert {stage for stage, _ in told} == {"pose"}
    fractions = [fraction for _, fraction in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def test_cancelling_stops_between_batches(network: DCPose, clip: Clip, tracks: Tracks) -> None:
    asked: list[int] = []

    def after_one() -> bool:
        asked.append(1)
        return len(asked) > 1

    with pytest.raises(Cancelled):
        make(network, replace(EXACT, batch=1)).estimate(clip, tracks, is_cancelled=after_one)
    assert len(asked) == 2


def test_weights_and_card_are_all_it_needs(
    network: DCPose, clip: Clip, tracks: Tracks, tmp_path: Path
) -> None:
    path = tmp_path / "pose.safetensors"
    save_weights(path, network.state_dict(), {"name": "tiny", "config": TINY.as_dict()})
    loaded = PoseEstimator.load(path, "cpu", EXACT)
    assert loaded.network_config == TINY
    wanted = make(network).estimate(clip, tracks).keypoints
    np.testing.assert_allclose(loaded.estimate(clip, tracks).keypoints, wanted, atol=1e-3)


def test_a_published_checkpoint_serves_too(
    network: DCPose, clip: Clip, tracks: Tracks, tmp_path: Path
) -> None:
    state = {f"module.{name}": tensor for name, tensor in network.state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / "published.pth")
    loaded = PoseEstimator.load_published(tmp_path / "published.pth", TINY, "cpu", EXACT)
    wanted = make(network).estimate(clip, tracks).keypoints
    np.testing.assert_allclose(loaded.estimate(clip, tracks).keypoints, wanted, atol=1e-3)
    with pytest.raises(ModelError, match="does not fit the network"):
        PoseEstimator.load_published(
            tmp_path / "published.pth", replace(TINY, width=8), "cpu", EXACT
        )


def test_weights_of_another_network_are_refused(network: DCPose, tmp_path: Path) -> None:
    path = tmp_path / "pose.safetensors"
    other = replace(TINY, width=8)
    save_weights(path, network.state_dict(), {"config": other.as_dict()})
    with pytest.raises(ModelError, match="does not fit"):
        PoseEstimator.load(path, "cpu")


def test_tracks_of_another_clip_are_refused(network: DCPose, clip: Clip, tracks: Tracks) -> None:
    short = Tracks(tracks.boxes_xyxy[:, :5], tracks.scores[:, :5], tracks.interpolated[:, :5])
    with pytest.raises(ModelError, match="Expected 7"):
        make(network).estimate(clip, short)


def test_half_precision_gives_nearly_the_same_skeletons(
    network: DCPose, clip: Clip, tracks: Tracks
) -> None:
    exact = make(network).estimate(clip, tracks).keypoints[tracks.present]
    half = make(network, replace(EXACT, precision="bfloat16")).estimate(clip, tracks)
    moved = np.abs(half.keypoints[tracks.present] - exact)[..., :2].max(axis=-1)
    assert np.median(moved) < 0.5
