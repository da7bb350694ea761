"""Averaging over time calms what stands still, leaves what moves, and is the same in any parts."""

import cv2
import numpy as np
import pytest

from inference.enhance.adaptive import AdaptiveExposure
from inference.enhance.denoise import REACH, averaged, rounded
from inference.errors import ModelError
from inference.tone_curve import FINE
from inference.types import Pixels


def noisy(levels: np.ndarray, spread: float = 6.0, seed: int = 0) -> Pixels:
    """Frames of levels [N, H, W] with new noise in each."""
    rng = np.random.default_rng(seed)
    grey = levels[..., None] + rng.normal(0, spread, (*levels.shape, 3))
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def still(count: int = 20) -> np.ndarray:
    room = np.full((48, 64), 30.0)
    room[:, 32:] = 60.0
    return np.repeat(room[None], count, axis=0)


def moving(count: int = 20) -> np.ndarray:
    """A bright square that walks 3 px a frame."""
    frames = still(count)
    for at, frame in enumerate(frames):
        frame[16:32, 2 + 3 * at : 2 + 3 * at + 12] = 200.0
    return frames


def test_noise_of_a_still_room_falls_to_less_than_half() -> None:
    frames = noisy(still())
    calm = averaged(frames)[8] / FINE
    assert (calm - still()[8][..., None]).std() < 0.45 * (frames[8] - still()[8][..., None]).std()


def test_the_mean_light_is_kept() -> None:
    assert averaged(noisy(still()))[8].mean() / FINE == pytest.approx(still()[8].mean(), rel=0.02)


def test_what_moves_leaves_no_ghost() -> None:
    truth = moving()
    calm = averaged(noisy(truth))[10] / FINE
    # Where the square was and will be: the room, as dark as it is.
    around = (truth[7:14] == 200).any(axis=0) & (truth[10] != 200)
    inner = cv2.erode((truth[10] == 200).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert abs(calm[around].mean() - truth[10][around].mean()) < 4
    assert calm[inner].mean() > 190


def test_means_have_finer_steps_than_frames() -> None:
    dark = np.full((20, 32, 32), 3.4)
    fine = averaged(noisy(dark, spread=0.5))[8] / FINE
    assert abs(fine.mean() - 3.4) < 0.3
    assert len(np.unique(fine)) > 10


def test_a_frame_needs_no_more_than_its_neighbours_within_reach() -> None:
    frames = noisy(moving(24))
    whole, part = averaged(frames), averaged(frames[12 - REACH : 13 + REACH])
    np.testing.assert_array_equal(part[REACH], whole[12])


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_short_clips_come_back_whole(count: int) -> None:
    frames = noisy(still(count))
    assert averaged(frames).shape == frames.shape
    if count == 1:
        np.testing.assert_array_equal(rounded(averaged(frames)), frames)


def test_frames_of_another_kind_are_refused() -> None:
    with pytest.raises(ModelError):
        averaged(np.zeros((3, 8, 8, 3), np.float32))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("eyes", "spread", "wanted"),
    [("dusk", 6.0, True), ("dusk", 0.0, False), ("night", 6.0, False), ("day", 6.0, False)],
)
def test_noisy_clips_are_averaged_for_eyes_at_dusk(eyes: str, spread: float, wanted: bool) -> None:
    stage = AdaptiveExposure(eyes)  # type: ignore[arg-type]
    stage(noisy(still(), spread))
    assert stage.decision is not None
    assert stage.decision.averaged is wanted
    assert stage.decision.as_dict()["averaged"] is wanted


def test_the_curve_brightens_averaged_frames() -> None:
    frames = noisy(still())
    seen = AdaptiveExposure("dusk")(frames)
    assert seen.dtype == np.uint8
    assert seen.mean() > 1.5 * frames.mean()
