"""Over time a joint stays on the peak that moves like a body."""

import numpy as np
import pytest
import torch

from inference.errors import ModelError
from inference.pose.choose import ChooseConfig, columns, likeliest
from inference.pose.decode import decode, rivals

FRAMES = 9
TIMES = np.arange(FRAMES) / 30


def peaks(rival_score: float = 0.3) -> np.ndarray:
    """17 joints that move slowly; each has a rival 60 px beside it."""
    rng = np.random.default_rng(0)
    start = rng.uniform(50, 150, (17, 2))
    start[5:7, 1], start[11:13, 1] = 60, 100  # A torso of 40 px.
    places = start + np.arange(FRAMES)[:, None, None]
    rival = places + np.array([60, 0])
    best = np.concatenate((places, np.full((FRAMES, 17, 1), 0.5)), axis=2)
    other = np.concatenate((rival, np.full((FRAMES, 17, 1), rival_score)), axis=2)
    return np.concatenate((best, other), axis=2).astype(np.float32)


def exchanged(found: np.ndarray, frame: int, joint: int) -> np.ndarray:
    out = found.copy()
    out[frame, joint] = np.roll(found[frame, joint], 3)
    out[frame, joint, [2, 5]] = 0.5, 0.4
    return out


def test_a_jump_to_the_other_peak_and_back_is_undone() -> None:
    truth = peaks()
    found = likeliest(exchanged(truth, 4, 9), TIMES, ChooseConfig())
    np.testing.assert_array_equal(found[..., :2], truth[..., :2])
    assert found[4, 9, 2] == pytest.approx(0.4)


def test_a_much_likelier_far_peak_is_believed_when_it_stays() -> None:
    moved = peaks(rival_score=0.001)
    for frame in range(4, FRAMES):
        moved[frame, 9] = [*moved[frame, 9, 3:5], 0.9, *moved[frame, 9, :2], 0.001]
    found = likeliest(moved, TIMES, ChooseConfig())
    np.testing.assert_array_equal(found[:, 9, :2], moved[:, 9, :2])


@pytest.mark.parametrize("motion", [0.0, 0.35])
def test_skeletons_without_rivals_stay_as_they_are(motion: float) -> None:
    plain = peaks()[..., :3]
    np.testing.assert_array_equal(likeliest(plain, TIMES, ChooseConfig(motion=motion)), plain)


def test_absent_frames_stay_absent_and_count_as_time() -> None:
    found = exchanged(peaks(), 4, 9)
    found[5:7] = np.nan
    out = likeliest(found, TIMES, ChooseConfig())
    assert np.isnan(out[5:7]).all()
    np.testing.assert_array_equal(out[4, 9, :2], peaks()[4, 9, :2])


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ModelError, match="T, K, 3"):
        likeliest(np.zeros((3, 17, 4), np.float32), TIMES[:3], ChooseConfig())
    with pytest.raises(ModelError, match="and 2"):
        likeliest(np.zeros((3, 17, 6), np.float32), TIMES[:2], ChooseConfig())


def test_rivals_are_the_next_highest_peaks() -> None:
    maps = torch.full((1, 1, 32, 24), -12.0)
    maps[0, 0, 10, 5], maps[0, 0, 20, 15], maps[0, 0, 3, 18] = 3.0, 2.0, 1.0
    first, score = decode(maps, "logits")
    others, less = rivals(maps, 3)
    torch.testing.assert_close(first[0, 0], torch.tensor([5.0, 10.0]), atol=0.01, rtol=0)
    torch.testing.assert_close(
        others[0, 0, :2], torch.tensor([[15.0, 20.0], [18.0, 3.0]]), atol=0.01, rtol=0
    )
    assert score[0, 0] > less[0, 0, 0] > less[0, 0, 1] > less[0, 0, 2]
    torch.testing.assert_close(
        score.sum() + less[0, 0, :2].sum(), torch.tensor(1.0), atol=0.01, rtol=0
    )


def test_a_broad_peak_lies_at_its_mean() -> None:
    maps = torch.full((1, 1, 32, 24), -20.0)
    maps[0, 0, 10, 5:8] = torch.tensor([0.1, 0.0, 0.05])
    mean, _ = decode(maps, "logits", "mean")
    torch.testing.assert_close(mean[0, 0], torch.tensor([5.98, 10.0]), atol=0.03, rtol=0)


def test_columns_hold_every_peak() -> None:
    assert columns(0) == 3
    assert columns(3) == 12
