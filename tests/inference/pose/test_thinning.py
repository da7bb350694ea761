"""Between the frames that the network looks at, keypoints lie on straight lines."""

from __future__ import annotations

import numpy as np
import pytest

from inference.pose.thinning import FILLED_TRUST, chosen, filled


def line(frames: np.ndarray) -> np.ndarray:
    """[N, 2, 3]: two joints that move evenly, with falling scores."""
    x = np.stack((frames * 2.0, 50 - frames), axis=1)
    return np.stack((x, x + 7, np.tile(1 - frames[:, None] / 100, (1, 2))), axis=2).astype(
        np.float32
    )


@pytest.mark.parametrize(
    ("frames", "every", "picked"),
    [
        (range(7), 3, [0, 3, 6]),
        (range(8), 3, [0, 3, 6, 7]),
        (range(4, 9), 5, [4, 5, 8]),
        ([2, 3, 4, 9, 10, 11], 10, [2, 4, 9, 10, 11]),
        ([5], 4, [5]),
        ([], 4, []),
        (range(3), 1, [0, 1, 2]),
    ],
)
def test_every_nth_and_the_ends_of_each_stretch_are_looked_at(frames, every, picked) -> None:
    given = np.array(frames, np.int64)
    assert given[chosen(given, every)].tolist() == picked


@pytest.mark.parametrize("frames", [range(11), [0, 1, 2, 7, 8, 9, 10, 11], [3], range(2, 4)])
def test_even_movement_is_filled_in_exactly(frames) -> None:
    given = np.array(frames, np.int64)
    picked = chosen(given, 4)
    whole = filled(given, line(given)[picked], picked)
    np.testing.assert_allclose(whole[..., :2], line(given)[..., :2], atol=1e-4)
    np.testing.assert_array_equal(whole[picked], line(given)[picked])


def test_filled_in_keypoints_are_trusted_less_than_either_end() -> None:
    given = np.arange(5)
    picked = chosen(given, 4)
    whole = filled(given, line(given)[picked], picked)
    assert whole[1:4, :, 2] == pytest.approx(FILLED_TRUST * 0.96)


def test_nothing_is_filled_in_across_a_gap() -> None:
    given = np.array([0, 1, 2, 50, 51, 52])
    picked = chosen(given, 10)
    keypoints = line(given)
    keypoints[3:, :, 0] += 1000
    whole = filled(given, keypoints[picked], picked)
    assert whole[1, :, 0].max() < 100
    assert whole[4, :, 0].min() > 900
