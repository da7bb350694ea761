"""The mirror image's heatmaps come to lie on those of the crop itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from inference.errors import ModelError
from inference.pose.config import COMPACT, W48
from inference.pose.dcpose import DCPose
from inference.pose.decode import decode
from inference.pose.mirror import mirrored, unmirrored
from inference.skeleton import COCO17
from inference.types import Clip
from tests.inference.pose.test_estimator import EXACT, clip, make, network  # noqa: F401

CONFIG = replace(COMPACT, image=(96, 128))


def bright_at(x: float) -> Tensor:
    """[1, 128, 96, 3] with a soft spot at (x, 60)."""
    rows, columns = np.mgrid[:128, :96]
    spot = np.exp(-((columns - x) ** 2 + (rows - 60) ** 2) / (2 * 6**2))
    return torch.from_numpy(np.repeat(spot[None, ..., None], 3, axis=3))


def stand_in_heatmaps(crops: Tensor) -> Tensor:
    """[1, 17, 32, 24]: what lies at crop px 4 i lies at heatmap px i, as networks are taught."""
    return crops[:, ::4, ::4, :1].permute(0, 3, 1, 2).expand(-1, 17, -1, -1)


@pytest.mark.parametrize(("align", "off"), [("crop", 0.0), ("shift", 0.25), ("none", -0.75)])
def test_alignments_leave_what_they_should(align: str, off: float) -> None:
    for x in (30, 41, 50.5, 63):
        crops = bright_at(x)
        straight = decode(stand_in_heatmaps(crops), way="dark")[0][0, 0, 0]
        turned = stand_in_heatmaps(mirrored(crops, CONFIG, align))
        back = decode(unmirrored(turned, CONFIG, align), way="dark")[0][0, 0, 0]
        assert float(straight) == pytest.approx(x / 4, abs=0.02)
        assert float(back - straight) == pytest.approx(off, abs=0.04)


def test_left_and_right_change_places() -> None:
    maps = torch.arange(17.0)[None, :, None, None].expand(1, 17, 32, 24)
    back = unmirrored(maps, CONFIG, "crop")[0, :, 0, 0].tolist()
    assert back == list(COCO17.flip_order)


@pytest.mark.parametrize("config", [COMPACT, W48])
def test_what_is_missing_is_filled_as_the_network_is_used_to(config) -> None:
    crops = torch.full((1, 8, 8, 3), 9, dtype=torch.uint8)
    filled = mirrored(crops, config, "crop")
    assert filled.shape == crops.shape
    assert filled[0, 0, -1, 0] == (9 if config.border == "replicate" else 0)


def test_the_mean_of_both_views_is_read(network: DCPose, clip: Clip) -> None:  # noqa: F811
    tested = make(network, replace(EXACT, flip_test=True))
    box, frame = np.array([[10, 5, 45, 55]], np.float32), np.array([2])
    seen: list[Tensor] = []
    maps = tested._maps
    tested._maps = lambda *args: seen.append(maps(*args)) or seen[-1]
    found = tested.skeletons(clip.frames, frame, box)
    assert len(seen) == 2
    mean = (seen[0] + unmirrored(seen[1], network.config, "crop")) / 2
    wanted = decode(mean, "logits")[1]
    np.testing.assert_allclose(found[..., 2], wanted.numpy(), atol=1e-5)
    plain = make(network).skeletons(clip.frames, frame, box)
    assert np.abs(plain - found).max() > 1e-3


def test_turning_twice_gives_the_crop_back() -> None:
    crops = torch.randint(0, 255, (2, 8, 12, 3), dtype=torch.uint8)
    for align, kept in (("crop", 9), ("none", 12)):
        twice = mirrored(mirrored(crops, CONFIG, align), CONFIG, align)
        torch.testing.assert_close(twice[:, :, :kept], crops[:, :, :kept])


def test_an_unknown_alignment_is_refused() -> None:
    with pytest.raises(ModelError, match="flip_align"):
        mirrored(bright_at(5), CONFIG, "guess")
