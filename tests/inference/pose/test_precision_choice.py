"""Half precision is chosen where the hardware computes in it, and for the backbone alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from inference.errors import ModelError
from inference.pose import estimator as module
from inference.pose.dcpose import DCPose
from inference.pose.estimator import EstimatorConfig, PoseEstimator
from tests.inference.pose.test_estimator import TINY


@pytest.mark.parametrize(("capable", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_auto_follows_the_hardware(
    monkeypatch: pytest.MonkeyPatch, capable: bool, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(module, "_computes_in_bfloat16", lambda device: capable)
    assert PoseEstimator(DCPose(TINY), "cpu").dtype == dtype


def test_heatmaps_are_made_in_full_precision() -> None:
    network = DCPose(replace(TINY, residual=False))
    PoseEstimator(network, "cpu", EstimatorConfig(precision="bfloat16"))
    halved = {n for n, p in network.named_parameters() if p.dtype == torch.bfloat16}
    assert halved
    assert all(name.startswith("rough_pose_estimation_net.") for name in halved)
    assert not any("final_layer" in name for name in halved)


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ModelError, match="float8"):
        PoseEstimator(DCPose(TINY), "cpu", EstimatorConfig(precision="float8"))
