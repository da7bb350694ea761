"""People keep their pixels and joints where they are put before other places or cut off."""

from __future__ import annotations

import numpy as np
import pytest

from inference.pose.config import COMPACT
from inference.pose.cuts import Cut, CutTrack, cut_out
from inference.pose.mix import Mix, MixConfig, Source
from inference.pose.surroundings import (
    SurroundingsConfig,
    before_place,
    cut_off,
    place_of,
    random_place,
)
from inference.types import Pixels
from tests.inference.pose.test_matte import the_cut

CONFIG = SurroundingsConfig(lamps=0.0)


def a_cut() -> Cut:
    frame = np.full((200, 100, 3), 90, np.uint8)
    joints = np.zeros((17, 3), np.float32)
    joints[:, 0], joints[:, 1], joints[:, 2] = 50, np.linspace(30, 170, 17), 1
    return cut_out(frame, np.array([30, 20, 70, 180], np.float32), joints, 0)


def test_the_person_stays_and_the_place_changes() -> None:
    picture = np.full((40, 30, 3), 100, np.uint8)
    matte = np.zeros((40, 30), np.uint8)
    matte[10:30, 10:20] = 255
    place = np.full((40, 30, 3), 7, np.uint8)
    found = before_place(
        [picture, picture], [matte, matte], place, CONFIG, np.random.default_rng(0)
    )
    assert (found[0][10:30, 10:20] == 100).all()
    assert not (found[0][:10] == 100).all()
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize("stops", [-2.0, 0.0, 2.0])
def test_the_place_is_lit_as_asked(stops: float) -> None:
    matte = np.zeros((40, 30), np.uint8)
    matte[:20] = 255
    picture, place = np.full((40, 30, 3), 60, np.uint8), np.full((40, 30, 3), 20, np.uint8)
    config = SurroundingsConfig(contrast=(stops, stops))
    found = before_place([picture], [matte], place, config, np.random.default_rng(0))[0]
    assert float(found[20:].mean()) == pytest.approx(60 * 2 ** (stops / 2.2), abs=1.0)


def test_a_person_cut_off_by_the_frame_has_no_joints_beyond_it() -> None:
    for seed in range(20):
        cut = a_cut()
        kept, _ = cut_off(cut, None, None, CONFIG, np.random.default_rng(seed))
        end = kept.origin + np.array(kept.pixels.shape[1::-1]) / kept.scale
        points = kept.keypoints[kept.keypoints[:, 2] > 0, :2]
        assert (points >= kept.origin - 0.5).all() and (points <= end + 0.5).all()
        assert (kept.box_xyxy[:2] >= kept.origin - 0.5).all()
        assert (kept.box_xyxy[2:] <= end + 0.5).all()
        assert kept.pixels.size < cut.pixels.size


def test_a_hidden_part_counts_less_and_is_covered() -> None:
    cover = np.full((8, 8, 3), 200, np.uint8)
    cut = a_cut()
    matte = np.zeros(cut.pixels.shape[:2], np.uint8)
    kept, shown = cut_off(cut, matte, cover, CONFIG, np.random.default_rng(1))
    covered = (kept.pixels == 200).all(axis=2)
    assert kept.pixels.shape == cut.pixels.shape and covered.any()
    assert shown is not None and (shown[covered] == 255).all()
    assert set(np.unique(kept.keypoints[:, 2])) <= {np.float32(0.25), np.float32(1.0)}
    assert (cut.pixels == 90).all()


def test_a_window_of_a_place_has_the_size_that_is_wanted() -> None:
    places = [np.arange(60 * 80 * 3, dtype=np.uint8).reshape(60, 80, 3)]
    for seed in range(5):
        shown = random_place(places, (96, 128), SurroundingsConfig(), np.random.default_rng(seed))
        assert shown.shape == (128, 96, 3) and shown.dtype == np.uint8


def batch_of(places: list[Pixels], frames: int) -> Pixels:
    cut, _ = the_cut()
    source = Source("people", [CutTrack("a", (cut,))], 1.0, bright=True)
    surroundings = SurroundingsConfig(pasted_bright=1.0)
    mix = Mix([source], COMPACT, MixConfig(surroundings=surroundings), 3, places)
    return mix.batch(0, 4, frames).images


def test_batches_depend_on_the_seed_alone_and_use_the_places() -> None:
    places = [np.full((60, 80, 3), 250, np.uint8)]
    first = batch_of(places, 3)
    assert first.shape == (4, 3, 128, 96, 3)
    np.testing.assert_array_equal(first, batch_of(places, 3))
    assert (first != batch_of([], 3)).any()


def test_who_walks_through_a_clip_is_not_part_of_its_place() -> None:
    room = np.full((12, 40, 48, 3), 30, np.uint8)
    frames = room.copy()
    for t in range(12):
        frames[t, 10:30, 4 * t : 4 * t + 4] = 200
    assert np.array_equal(place_of(frames), room[0])
    assert np.array_equal(place_of(room[:1]), room[0])
