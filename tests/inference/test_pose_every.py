"""A pipeline whose pose network looks at every n-th frame gives skeletons for all."""

from __future__ import annotations

import numpy as np
import pytest

from inference.pipeline import Pipeline
from inference.pose.estimator import EstimatorConfig
from inference.pose.thinning import FILLED_TRUST
from tests.inference.fakes import FakeDetector, FakeEstimator, fake_config
from tests.inference.test_pipeline import clip_of


class Counting(FakeEstimator):
    """Notes the boxes that it is asked for."""

    def __init__(self, every: int) -> None:
        self.config = EstimatorConfig(every=every)
        self.asked = []  # The pipeline works with a copy, which shares this list.

    def skeletons(self, frames, frame, boxes_xyxy):
        self.asked.append(len(frame))
        return super().skeletons(frames, frame, boxes_xyxy)


def poses_of(folder, every: int):
    estimator = Counting(every)
    pipeline = Pipeline(FakeDetector(), estimator, fake_config(folder))
    return pipeline.poses(clip_of(frames=60)), sum(estimator.asked)


def test_less_is_asked_and_as_much_is_given(tmp_path) -> None:
    whole, asked_whole = poses_of(tmp_path, 1)
    thin, asked = poses_of(tmp_path, 5)
    assert 0 < asked < 0.6 * asked_whole
    np.testing.assert_array_equal(np.isnan(thin.keypoints), np.isnan(whole.keypoints))
    there = ~np.isnan(whole.keypoints[..., 0])
    apart = np.abs(thin.keypoints - whole.keypoints)[..., :2][there]
    assert apart.max() < 2
    scores = thin.keypoints[..., 2][there]
    assert scores.min() == pytest.approx(0.8 * FILLED_TRUST)
    assert scores.max() == pytest.approx(0.8)
