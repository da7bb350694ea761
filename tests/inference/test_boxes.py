"""Boxes cover each other as far as the definition says, in any float and without a warning."""

import numpy as np
import pytest

from inference.boxes import areas, overlaps


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_overlaps_are_those_of_the_definition(kind):
    a = np.array([[0, 0, 10, 10]], kind)
    b = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30], [3, 3, 3, 9]], kind)
    found = overlaps(a, b)
    assert found.dtype == kind
    assert found[0] == pytest.approx([1, 1 / 3, 0, 0])


def test_empty_boxes_and_no_boxes_overlap_nothing():
    nothing = np.array([[3, 3, 3, 3], [5, 5, 4, 4]], np.float64)
    assert (overlaps(nothing, nothing) == 0).all()
    assert (areas(nothing) == 0).all()
    assert overlaps(nothing, np.zeros((0, 4))).shape == (2, 0)
