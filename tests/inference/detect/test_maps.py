"""What the network is taught reads back as the boxes it was taught from."""

import numpy as np
import pytest
import torch

from inference.boxes import overlaps
from inference.detect.config import DecodeConfig, DetectorConfig
from inference.detect.dataset import People
from inference.detect.decode import read_boxes
from inference.detect.network import Detector, cell_centres
from inference.detect.targets import loss_of, make_target, parts_loss_of
from inference.errors import ModelError

SIZE = (192, 144)


def maps_of(boxes):
    """The maps of a network that has learnt its lesson."""
    target = make_target(People.of(np.array(boxes, np.float32).reshape(-1, 4)), SIZE)
    heat = torch.logit(torch.from_numpy(target.heat) * 0.98 + 0.005)[None, None]
    corners = torch.from_numpy(target.boxes)
    centres = cell_centres(*target.heat.shape)
    reach = torch.cat([centres - corners[:2], corners[2:] - centres])[None]
    return target, heat, reach


def wanted_of(target):
    names = ("heat", "boxes", "weight", "counts")
    return [torch.from_numpy(getattr(target, name))[None] for name in names]


@pytest.mark.parametrize(
    "boxes",
    [
        [],
        [[20, 30, 60, 130]],
        [[0, 0, 190, 143]],
        [[5, 5, 18, 40], [100, 20, 150, 140]],
        [[20, 30, 60, 130], [70, 30, 110, 130], [130, 60, 150, 90]],
    ],
)
def test_targets_decode_to_their_boxes(boxes):
    _, heat, reach = maps_of(boxes)
    ((found, scores),) = read_boxes(heat, reach, DecodeConfig())
    assert len(found) == len(boxes)
    if boxes:
        shared = overlaps(found, np.array(boxes, np.float32))
        assert shared.max(axis=0).min() > 0.99
        assert scores.min() > 0.9


def test_perfect_maps_cost_almost_nothing_and_shifted_ones_more():
    target, heat, reach = maps_of([[20, 30, 60, 130]])
    wanted = wanted_of(target)
    right = loss_of(heat, reach, *wanted)
    wrong = loss_of(heat.roll(4, 3), reach + 10, *wanted)
    assert right[0] < 0.2
    assert right[1] < 1e-3
    assert wrong[0] > 5 * right[0]
    assert wrong[1] > 0.1


def test_frames_without_people_have_a_finite_loss():
    target, heat, reach = maps_of([])
    wanted = wanted_of(target)
    losses = loss_of(heat, reach, *wanted)
    assert all(torch.isfinite(loss) for loss in losses)
    assert losses[1] == 0


def test_what_is_found_on_an_unsure_person_costs_nothing():
    box = np.array([[40, 20, 90, 120]], np.float32)
    found = torch.full((1, 1, 18, 24), -9.0)
    found[0, 0, 8, 8] = 5.0
    reach = torch.full((1, 4, 18, 24), 20.0)
    unsure = make_target(People.of(box, sure=np.array([False])), SIZE)
    nobody = make_target(People.of(box[:0]), SIZE)
    assert loss_of(found, reach, *wanted_of(unsure))[0] < 1e-3
    assert loss_of(found, reach, *wanted_of(nobody))[0] > 1


def test_joints_in_the_right_place_cost_less():
    want = torch.zeros(1, 6, 18, 24)
    want[0, 2, 9, 9] = 1.0
    right = torch.where(want > 0, 6.0, -6.0)
    assert parts_loss_of(right, want) < 0.5 * parts_loss_of(right.roll(3, 3), want)


def test_of_overlapping_boxes_the_surest_stays():
    heat = torch.full((1, 1, 18, 24), -9.0)
    heat[0, 0, 9, 10], heat[0, 0, 9, 13] = 3.0, 1.0
    reach = torch.full((1, 4, 18, 24), 60.0)
    ((boxes, scores),) = read_boxes(heat, reach, DecodeConfig())
    assert len(boxes) == 1
    assert scores[0] == pytest.approx(torch.sigmoid(torch.tensor(3.0)).item())


def test_maps_have_a_cell_for_eight_pixels_and_positive_reach():
    network = Detector(DetectorConfig()).eval()
    with torch.inference_mode():
        heat, reach = network(torch.randn(2, 3, 144, 192))
    assert heat.shape == (2, 1, 18, 24)
    assert reach.shape == (2, 4, 18, 24)
    assert reach.min() >= 0


def test_input_sizes_that_do_not_divide_are_refused():
    with pytest.raises(ModelError):
        Detector(DetectorConfig(input_size=(200, 150)))
