"""A network teaches what it sees in an image and in its mirror image alike."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from inference.adaptation import Teacher
from inference.adaptation.network_teacher import NetworkTeacher
from inference.errors import BadInput
from inference.pipeline import Pipeline
from inference.pose.dcpose import DCPose
from inference.skeleton import COCO17, flip
from inference.types import Clip, never_cancelled
from inference.video.synthetic import coded_clip
from inference.weights_file import save_weights
from tests.inference.adaptation.conftest import TINY

CODED = coded_clip(3, size=(64, 48))
PIXELS = np.random.default_rng(0).integers(0, 90, (3, 48, 64, 3), dtype=np.uint8)
BOX = np.array([10, 4, 30, 44], np.float32)


def clip(frames: np.ndarray) -> Clip:
    return Clip("clip", np.ascontiguousarray(frames), CODED.table)


def teacher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, boxes: np.ndarray, skeleton: str = "coco17"
) -> NetworkTeacher:
    """A random network that is told where people are."""
    found = SimpleNamespace(tracks=SimpleNamespace(boxes_xyxy=boxes))
    pipeline = SimpleNamespace(poses=lambda clip, is_cancelled: found)
    monkeypatch.setattr(Pipeline, "load", lambda device: pipeline)
    torch.manual_seed(0)
    config = dataclasses.replace(TINY, skeleton=skeleton)
    network = DCPose(config)
    torch.nn.init.normal_(network.rough_pose_estimation_net.final_layer.weight)
    save_weights(tmp_path / "t.safetensors", network.state_dict(), {"config": config.as_dict()})
    return NetworkTeacher(tmp_path / "t.safetensors", "cpu", tolerance=1e9)


def test_the_mirrored_clip_gets_mirrored_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = np.tile(BOX, (1, 3, 1))
    boxes[0, 1] = np.nan
    plain = teacher(tmp_path, monkeypatch, boxes).label(Path("a"), clip(PIXELS), never_cancelled)
    other = boxes.copy()
    other[..., [0, 2]] = 63 - boxes[..., [2, 0]]
    mirror = teacher(tmp_path, monkeypatch, other).label(
        Path("a"), clip(PIXELS[:, :, ::-1]), never_cancelled
    )
    assert np.isnan(plain.keypoints[0, 1]).all()
    assert np.ptp(plain.keypoints[0, 0, :, 0]) > 3
    np.testing.assert_allclose(
        mirror.keypoints, flip(plain.keypoints, COCO17, 64), atol=0.05, equal_nan=True
    )


def test_eyes_are_not_taught_by_a_network_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = teacher(tmp_path, monkeypatch, np.tile(BOX, (1, 3, 1)), "posetrack17")
    labels = one.label(Path("a"), clip(PIXELS), never_cancelled)
    assert (labels.keypoints[0, :, 1:3, 2] == 0).all()
    assert (labels.keypoints[0, :, 3:, 2] > 0).all()


def test_an_empty_clip_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = teacher(tmp_path, monkeypatch, np.zeros((0, 3, 4), np.float32))
    with pytest.raises(BadInput, match="nobody"):
        empty.label(Path("a"), clip(PIXELS), never_cancelled)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("own", "own"),
        ("a/w48.safetensors", "weights"),
        ("a/movenet.onnx", "movenet"),
        ("movenet.TFLITE", "movenet"),
        ("keypoints:labels", "keypoints"),
    ],
)
def test_a_teacher_is_known_by_its_name(text: str, kind: str) -> None:
    assert Teacher.named(text).kind == kind


def test_a_teacher_of_another_kind_is_refused() -> None:
    with pytest.raises(BadInput, match=r"weights\.pth"):
        Teacher.named("weights.pth")
    with pytest.raises(BadInput, match="magic"):
        Teacher("magic", Path()).load()
