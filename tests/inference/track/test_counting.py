"""Splits, swaps and misses are counted as by hand."""

import numpy as np
import pytest

from inference.track.measure import Counts, count

A, B, FAR = (0, 0, 10, 20), (40, 0, 50, 20), (80, 0, 90, 20)
NONE = (np.nan,) * 4


def rows(*people):
    return np.array(people, np.float32).reshape(len(people), -1, 4)


def test_everything_right():
    truth = rows([A] * 6, [B] * 6)
    found = count(truth, truth)
    assert (found.idf1, found.mota, found.switches, found.fragmentations) == (1, 1, 0, 0)


def test_nobody_there_and_nobody_found():
    found = count(np.zeros((0, 5, 4), np.float32), np.zeros((0, 5, 4), np.float32))
    assert (found.truths, found.found, found.idf1) == (0, 0, 0)


def test_swapped_people():
    truth = rows([A] * 6, [B] * 6)
    found = count(truth, rows([*[A] * 4, *[B] * 2], [*[B] * 4, *[A] * 2]))
    assert found.switches == 2
    assert found.misses == found.false_alarms == 0
    assert found.mota == pytest.approx(1 - 2 / 12)
    assert found.idf1 == pytest.approx(2 * 8 / 24)


def test_a_split_track():
    found = count(rows([A] * 10), rows([*[A] * 6, *[NONE] * 4], [*[NONE] * 6, *[A] * 4]))
    assert (found.switches, found.fragmentations, found.misses) == (1, 0, 0)
    assert found.idf1 == pytest.approx(2 * 6 / 20)
    assert found.mota == pytest.approx(0.9)


def test_a_gap_is_a_fragmentation_but_no_switch():
    found = count(rows([A] * 10), rows([*[A] * 3, *[NONE] * 4, *[A] * 3]))
    assert (found.switches, found.fragmentations, found.misses) == (0, 1, 4)
    assert found.mota == pytest.approx(0.6)
    assert found.idf1 == pytest.approx(2 * 6 / 16)


def test_late_beginnings_early_ends_and_real_absences_are_no_fragmentations():
    truth = rows([*[A] * 4, *[NONE] * 3, *[A] * 4])
    found = rows([NONE, *[A] * 3, *[NONE] * 3, *[A] * 3, NONE])
    assert count(truth, found).fragmentations == 0
    assert count(truth, found).misses == 2


def test_false_alarms():
    found = count(rows([A] * 5), rows([A] * 5, [FAR] * 5))
    assert (found.false_alarms, found.misses) == (5, 0)
    assert found.mota == pytest.approx(0)
    assert found.idf1 == pytest.approx(2 * 5 / 15)


def test_boxes_must_overlap_by_half():
    near, far = (0, 5, 10, 25), (0, 12, 10, 32)  # IoU 0.6 and 0.25
    assert count(rows([A]), rows([near])).misses == 0
    assert count(rows([A]), rows([far])).misses == 1


def test_a_pair_holds_on_although_another_box_fits_better():
    slightly_off = (1, 0, 11, 20)
    found = count(rows([A] * 4), rows([A, *[slightly_off] * 3], [NONE, *[A] * 3]))
    assert found.switches == 0


def test_counts_add_up():
    one, two = count(rows([A] * 5), rows([A] * 5)), count(rows([A] * 5), rows([NONE] * 5))
    both = one + two
    assert both == Counts(10, 5, 5, 0, 0, 5, 2, 2)
    assert both.as_dict()["recall"] == 50
