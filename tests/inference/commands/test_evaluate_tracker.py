"""The tracker's figures come from seeded scenes, with and without skeletons."""

import json
from dataclasses import replace

import numpy as np
import pytest

from inference.__main__ import main
from inference.commands import evaluate_tracker
from inference.commands.evaluate_tracker import counts_of, ways_of
from inference.errors import BadInput
from inference.track.compose import compose
from inference.track.config import TrackConfig
from inference.track.spoil import Faults, spoilt_boxes, spoilt_skeletons
from tests.inference.track.test_composing import BACKGROUND, actor


def scenes(data, count, frames, *, split, seed):
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        yield compose(BACKGROUND, [actor((200, 0, 0)), actor((0, 200, 0))], frames, rng)


@pytest.fixture(autouse=True)
def small_scenes(monkeypatch):
    monkeypatch.setattr(evaluate_tracker, "scenes_of", scenes)


def measured(capsys, *words):
    given = ("evaluate-tracker", "--degraded-only", "--clips", "2", "--frames", "40", *words)
    assert main(given) == 0
    return capsys.readouterr().out


def test_figures_before_and_after_skeletons_come_as_json(capsys):
    figures = json.loads(measured(capsys, "--json"))
    assert set(figures) == {"degraded"}
    assert set(figures["degraded"]) == {"boxes", "skeletons", "carried"}
    for row in figures["degraded"].values():
        assert {"idf1", "switches", "mota", "fragmentations"} <= set(row)
        assert row["people"] == 4
        assert 0 < row["idf1"] <= 100


def test_the_same_seed_gives_the_same_table(capsys):
    first = measured(capsys, "--seed", "5")
    assert first == measured(capsys, "--seed", "5")
    assert "carried" in first and "idf1" in first


def test_perfect_boxes_give_perfect_tracks():
    (scene,) = scenes(None, 1, 60, split=None, seed=1)
    faults = Faults(0.0, 0.0, 8, 1.1, 0.0, 0.0, 0.0)
    source = (
        spoilt_boxes(scene, faults, np.random.default_rng(0)),
        spoilt_skeletons(scene, faults, 0),
    )
    found = counts_of(scene, source, replace(ways_of(TrackConfig(), 1)["carried"], smoothing=0.0))
    assert found.idf1 > 0.97
    assert found.switches == 0


def test_a_folder_without_people_is_refused(tmp_path, monkeypatch):
    monkeypatch.undo()
    with pytest.raises(BadInput):
        list(evaluate_tracker.scenes_of(tmp_path, 1, 10, split=None, seed=0))
