"""Courses are cut where a chain of windows says so, exactly and without flicker."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from inference.classify.segments import ChainConfig, Stretch, best_stretches
from inference.errors import ModelError

SHORT, LONG = 3, 6


def windows_over(cells: int) -> np.ndarray:
    pairs = [(a, a + n) for a in range(cells) for n in range(SHORT, LONG + 1) if a + n <= cells]
    return np.array(pairs, np.int64)


def seen(windows: np.ndarray, truth: list[int], sure: float = 0.9) -> np.ndarray:
    """A head that is sure of windows within one action and splits itself over others."""
    rows = np.array([np.bincount(truth[a:b], minlength=3) / (b - a) for a, b in windows])
    return (sure * rows + (1 - sure) / 3).astype(np.float32)


def half_seconds(windows: np.ndarray) -> np.ndarray:
    return (0.5 * (windows[:, 1] - windows[:, 0])).astype(np.float32)


def cut(truth: list[int], **settings: float) -> list[Stretch]:
    windows = windows_over(len(truth))
    config = ChainConfig(**settings)
    return best_stretches(windows, half_seconds(windows), seen(windows, truth), config)


def test_boundaries_are_found_where_actions_change() -> None:
    truth = [0] * 8 + [2] * 4 + [1] * 20
    assert cut(truth) == [Stretch(0, 8, 0), Stretch(8, 12, 2), Stretch(12, 32, 1)]


@pytest.mark.parametrize("cells", [3, 6, 7, 40])
def test_one_action_is_one_stretch_of_any_length(cells: int) -> None:
    assert cut([1] * cells) == [Stretch(0, cells, 1)]


def test_what_is_shorter_than_any_window_is_absorbed() -> None:
    assert cut([0] * 10 + [1] + [0] * 10) == [Stretch(0, 21, 0)]


def test_a_higher_cost_of_changes_leaves_fewer_of_them() -> None:
    rng = np.random.default_rng(0)
    windows = windows_over(60)
    given = rng.dirichlet(np.full(3, 0.5), len(windows)).astype(np.float32)
    counts = [
        len(best_stretches(windows, half_seconds(windows), given, ChainConfig(change_s=cost)))
        for cost in (0.0, 0.5, 2.0, 100.0)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1] == 1


def test_stretches_touch_and_neighbours_differ() -> None:
    rng = np.random.default_rng(1)
    windows = windows_over(50)
    given = rng.dirichlet(np.full(3, 0.3), len(windows)).astype(np.float32)
    found = best_stretches(windows, half_seconds(windows), given)
    assert (found[0].start, found[-1].end) == (0, 50)
    for before, after in pairwise(found):
        assert before.end == after.start
        assert before.label != after.label


@pytest.mark.parametrize("seed", range(5))
def test_no_other_chain_is_better(seed: int) -> None:
    cells, config = 9, ChainConfig(change_s=0.3, window_s=0.1)
    windows = windows_over(cells)
    rng = np.random.default_rng(seed)
    given = rng.dirichlet(np.full(2, 0.7), len(windows)).astype(np.float32)
    found = best_stretches(windows, half_seconds(windows), given, config)
    best = max(_all_chains(windows, given, config, cells), key=lambda pair: pair[0])
    assert found == best[1]


def _all_chains(windows, given, config, cells):
    """Score and merged stretches of every chain and labelling, by brute force."""

    def chains(start):
        if start == cells:
            yield []
        for number, (a, b) in enumerate(windows):
            if a == start:
                yield from ([number, *rest] for rest in chains(b))

    for chain in chains(0):
        for labels in product(range(2), repeat=len(chain)):
            score, merged = 0.0, []
            for number, label in zip(chain, labels, strict=True):
                a, b = (int(cell) for cell in windows[number])
                chance = max(float(given[number, label]), config.least_probability)
                score += 0.5 * (b - a) * np.log(chance) - config.window_s
                if merged and merged[-1].label == label:
                    merged[-1] = Stretch(merged[-1].start, b, label)
                    continue
                score -= config.change_s if merged else 0.0
                merged.append(Stretch(a, b, label))
            yield score, merged


def test_windows_that_leave_a_hole_are_refused() -> None:
    windows = np.array([[0, 3], [4, 7]], np.int64)
    with pytest.raises(ModelError, match="covers the course"):
        best_stretches(windows, half_seconds(windows), np.full((2, 2), 0.5, np.float32))


def test_arrays_that_do_not_fit_are_refused() -> None:
    windows = windows_over(6)
    with pytest.raises(ModelError):
        best_stretches(windows, half_seconds(windows), np.full((2, 2), 0.5, np.float32))
    with pytest.raises(ModelError):
        best_stretches(
            np.zeros((0, 2), np.int64), np.zeros(0, np.float32), np.zeros((0, 2), np.float32)
        )
