"""The network's input does not tell how bright the clip was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from inference.errors import ModelError
from inference.pose.config import COMPACT, W48
from inference.pose.preprocess import prepare


@pytest.fixture
def crops() -> torch.Tensor:
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.integers(20, 255, (3, 16, 12, 3), dtype=np.uint8))


def test_imagenet_is_the_published_normalisation(crops: torch.Tensor) -> None:
    x = prepare(crops, W48)
    assert x.shape == (3, 3, 16, 12)
    wanted = (crops[1, 5, 4].numpy() / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(x[1, :, 5, 4].numpy(), wanted, rtol=1e-4)


def test_standardised_crops_have_log_luma_as_fourth_channel(crops: torch.Tensor) -> None:
    x = prepare(crops, COMPACT)
    assert x.shape == (3, 4, 16, 12)
    np.testing.assert_allclose(x.mean(dim=(2, 3)).numpy(), 0, atol=1e-5)
    np.testing.assert_allclose(x[:, 3].std(dim=(1, 2), correction=0).numpy(), 1, rtol=1e-4)
    assert prepare(crops, replace(COMPACT, input_channels=3)).shape == (3, 3, 16, 12)


def test_exposure_and_colour_offset_vanish(crops: torch.Tensor) -> None:
    bright = crops.float() * 0.5
    dark = bright * 0.1 + torch.tensor([1.0, 0.0, 3.0])
    colour = replace(COMPACT, input_channels=3)
    torch.testing.assert_close(prepare(dark, colour), prepare(bright, colour), atol=1e-4, rtol=1e-3)


def test_each_crop_stands_for_itself(crops: torch.Tensor) -> None:
    torch.testing.assert_close(prepare(crops[1:2], COMPACT), prepare(crops, COMPACT)[1:2])


def test_a_black_crop_stays_finite_and_zero() -> None:
    assert prepare(torch.zeros(1, 8, 8, 3, dtype=torch.uint8), COMPACT).abs().max() == 0


def test_planes_instead_of_pixels_are_refused() -> None:
    with pytest.raises(ModelError, match=r"\[N, H, W, 3\]"):
        prepare(torch.zeros(1, 3, 8, 8), COMPACT)
