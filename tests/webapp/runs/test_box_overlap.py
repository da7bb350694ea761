"""How much two tracks are in the same place."""

import numpy as np
import pytest

from webapp.runs.poses import mean_box_overlap

BOX = (0.0, 0.0, 10.0, 10.0)


def track(*boxes):
    return np.array([box or (np.nan,) * 4 for box in boxes], np.float32)


@pytest.mark.parametrize(
    ("a", "b", "overlap"),
    [
        (track(BOX, BOX), track(BOX, BOX), 1.0),
        (track(BOX), track((5.0, 0.0, 15.0, 10.0)), 1 / 3),
        (track(BOX), track((20.0, 0.0, 30.0, 10.0)), 0.0),
        (track(BOX, None), track(None, BOX), 0.0),
        (track(BOX, None, BOX), track(BOX, BOX), 1.0),
    ],
)
def test_mean_overlap_of_frames_where_both_are(a, b, overlap):
    assert mean_box_overlap(a, b) == pytest.approx(overlap)
