"""Which clips are measured on, and which frames are kept of those that are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.adaptation import AdaptConfig
from inference.adaptation.clips import RUN, held_out, spread
from inference.errors import BadInput

PATHS = [
    Path(folder) / f"Walk_{take}_{number}.mp4"
    for take, folder in ((1, "yard"), (2, "gate"))
    for number in range(6)
]


def names(config: AdaptConfig) -> set[str]:
    return {path.stem for path in held_out(PATHS, config)}


@pytest.mark.parametrize("seed", range(5))
def test_a_share_takes_from_every_take(seed: int) -> None:
    held = names(AdaptConfig(held_out_share=0.3, seed=seed))
    assert len(held) == 4
    assert [sum(name.startswith(f"Walk_{take}") for name in held) for take in (1, 2)] == [2, 2]


def test_the_choice_follows_from_the_seed() -> None:
    half = AdaptConfig(held_out_share=0.5)
    assert names(half) == names(half)
    assert len({frozenset(names(replace(half, seed=seed))) for seed in range(8)}) == 2


@pytest.mark.parametrize(
    ("name", "count"), [("Walk_2", 6), ("yard", 6), ("Walk_1_3", 1), ("Walk_1_3.mp4", 1)]
)
def test_names_of_clips_takes_and_folders(name: str, count: int) -> None:
    assert len(names(AdaptConfig(held_out=(name,)))) == count


def test_a_name_that_no_clip_has_is_refused() -> None:
    with pytest.raises(BadInput, match="Walk_9"):
        names(AdaptConfig(held_out=("Walk_1", "Walk_9")))


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_there_is_always_one_to_learn_from_and_one_to_measure_on(share: float) -> None:
    held = held_out(PATHS[:2], AdaptConfig(held_out_share=share))
    assert len(held) == 1
    assert held_out(PATHS[:1], AdaptConfig(held_out_share=share)) == frozenset()


def test_kept_frames_come_in_runs_spread_over_the_clip() -> None:
    np.testing.assert_array_equal(spread(50, 1.0), np.arange(50))
    np.testing.assert_array_equal(spread(5, 0.1), np.arange(5))
    places = spread(300, 0.2)
    assert len(places) == 54
    assert (places[0], places[-1]) == (0, 299)
    lengths = [len(run) for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)]
    assert set(lengths) == {RUN}


@pytest.mark.parametrize(
    "settings", [{"held_out_share": 0.0}, {"steps": 0}, {"minutes": 0.0}, {"head_share": 1.5}]
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(BadInput, match=next(iter(settings))):
        AdaptConfig(**settings)
