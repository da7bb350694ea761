"""The network sees the frames that it should beside each frame, and is told how far they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from inference.errors import ModelError
from inference.pose.batch import cut_batch
from inference.pose.dcpose import DCPose
from inference.pose.estimator import EstimatorConfig, PoseEstimator
from inference.types import Clip
from tests.inference.pose.test_estimator import (  # noqa: F401
    EXACT,
    TINY,
    clip,
    make,
    network,
)

BOX = np.array([[10, 10, 40, 50]], np.float32)


@pytest.mark.parametrize(
    ("frame", "distance", "seen", "margin"),
    [
        (3, 1, [3, 2, 4], [1, 1]),
        (3, 2, [3, 1, 5], [2, 2]),
        (3, 0, [3, 3, 3], [1, 1]),
        (0, 1, [0, 0, 1], [1, 1]),
        (0, 3, [0, 0, 3], [1, 3]),
        (1, 3, [1, 0, 4], [1, 3]),
        (6, 1, [6, 5, 6], [1, 1]),
        (5, 9, [5, 0, 6], [5, 1]),
    ],
)
def test_neighbours_lie_as_far_as_wanted_or_as_the_clip_goes(
    clip: Clip,  # noqa: F811
    frame: int,
    distance: int,
    seen: list[int],
    margin: list[int],
) -> None:
    numbered = np.zeros_like(clip.frames) + np.arange(7, dtype=np.uint8)[:, None, None, None]
    batch = cut_batch(numbered, np.array([frame]), BOX, TINY, 1.25, distance)
    assert [int(batch.crops[i].max()) for i in batch.which[:, 0]] == seen
    assert len(batch.crops) == len(set(seen))
    assert batch.margin.tolist() == [margin]


def test_the_network_is_told_the_margins(
    network: DCPose,  # noqa: F811
    clip: Clip,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[list[list[float]]] = []
    refine = DCPose.refine

    def listen(self, current, previous, following, margin=None):
        told.append(margin.tolist())
        return refine(self, current, previous, following, margin)

    monkeypatch.setattr(DCPose, "refine", listen)
    estimator = make(network, replace(EXACT, distance=2))
    estimator.skeletons(clip.frames, np.array([1, 4]), np.repeat(BOX, 2, axis=0))
    assert told == [[[1, 2], [2, 2]]]
    assert estimator.reach == 2


def test_nearer_frames_weigh_more(network: DCPose) -> None:  # noqa: F811
    torch.manual_seed(3)
    maps = torch.randn(3, 1, 17, 16, 8)
    trained = DCPose(replace(TINY, residual=False)).eval()
    even, uneven = (
        trained.refine(*maps, torch.tensor([margin])) for margin in ([1.0, 1.0], [1.0, 3.0])
    )
    scaled = trained.refine(*maps, torch.tensor([[2.0, 6.0]]))
    assert (even - uneven).abs().max() > 1e-3 * even.std()
    torch.testing.assert_close(scaled, uneven)


@pytest.mark.parametrize("setting", [{"distance": -1}, {"every": 0}, {"batch": 0}, {"hold": 0}])
def test_impossible_settings_are_refused(setting: dict[str, int]) -> None:
    with pytest.raises(ModelError, match=f"{next(iter(setting))}: expected at least"):
        EstimatorConfig(**setting)


def test_large_crops_are_estimated_fewer_at_once() -> None:
    large = PoseEstimator(DCPose(replace(TINY, image=(288, 384))), "cpu", EstimatorConfig(batch=32))
    assert large.at_once == 3
    assert PoseEstimator(DCPose(TINY), "cpu", EstimatorConfig(batch=32)).at_once == 32
