"""``train-action`` makes a base set and a head that work; ``evaluate-action`` measures them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from inference.__main__ import main
from inference.classify.base import load_base
from inference.classify.head import ActionHead
from inference.commands.action_answers import NOBODY, Answers, calibration
from inference.commands.action_examples import LabelledClip, read_list
from inference.errors import BadInput
from inference.poses_file import save_poses
from tests.inference.features.figures import figure

ACTIONS = {"Jump": "jump", "Sit": "sit", "Walk": "walk"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two takes of two clips for each of three actions, and one clip of each to measure on."""
    root = tmp_path / "data"
    numbers = {"Jump": 0, "Sit": 2, "Walk": 5}
    for folder in ("arid", "teacher/train", "teacher/dev"):
        (root / folder).mkdir(parents=True)
    train, dev = [], []
    for label, action in ACTIONS.items():
        for take in (1, 2):
            for clip in (1, 2):
                name = f"{label}_{take}_{clip}"
                train.append(f"{len(train)}\t{numbers[label]}\t{label}/{name}.mp4")
                poses = figure(action, seconds=1.5 + 0.2 * clip, torso_px=20.0 + 5 * take)
                save_poses(root / "teacher/train" / f"{name}.npz", poses)
        dev.append(f"{len(dev)}\t{numbers[label]}\t{len(dev)}")
        poses = figure(action, fps=Fraction(25), torso_px=40.0)
        save_poses(root / "teacher/dev" / f"{len(dev) - 1}.npz", poses)
    (root / "arid/train.txt").write_text("\n".join(train) + "\n")
    (root / "arid/dev.txt").write_text("\n".join(dev) + "\n")
    takes = [f"{label}_2" for label in ACTIONS]
    (root / "splits.json").write_text(json.dumps({"class_complete_splits": [takes]}))
    return root


def test_a_list_gives_names_labels_and_takes(data: Path) -> None:
    clips = read_list(data / "arid/train.txt", data, ["Jump", "Run", "Sit"])
    assert clips[0] == LabelledClip("Jump_1_1", "Jump", "Jump_1", data / "Jump/Jump_1_1.mp4")
    assert {clip.label for clip in clips} == {"Jump", "Sit", "5"}


def test_a_line_of_another_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("1 Jump\n")
    with pytest.raises(BadInput, match="line 1"):
        read_list(tmp_path / "list", tmp_path)
    with pytest.raises(BadInput, match="Expected a list"):
        read_list(tmp_path / "missing", tmp_path)


@pytest.mark.slow
def test_training_then_measuring(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, work = tmp_path / "out", tmp_path / "work"
    common = ["--work", str(work), "--copies", "2", "--epochs", "3"]
    train = ["train-action", "--data", str(data), "--poses", "teacher", "--out", str(out), *common]
    assert main(train) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == 1.0
    base = load_base(out / "base_features.npz")
    assert base.split.count("eval") == 3
    assert base.where("train").sample_weights.sum() == pytest.approx(12.0, abs=1e-4)
    assert ActionHead.load(out / "action.safetensors").labels == ("Jump", "Sit", "Walk")

    measure = ["evaluate-action", "--root", str(data), "--list", str(data / "arid/dev.txt")]
    measure += ["--stored", str(data / "teacher/dev"), "--json", *common]
    assert main([*measure, "--head", str(out / "action.safetensors")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["accuracy"], report["count"], report["wrong"]) == (1.0, 3, {})
    assert (report["top5"], report["map"], report["answered"]) == (1.0, 1.0, 3)
    assert {"macro_f1", "per_class", "confusion", "ece", "unsure", "seconds"} <= report.keys()

    splits = ["evaluate-action", "--root", str(data), "--list", str(data / "arid/train.txt")]
    splits += ["--stored", str(data / "teacher/train"), "--splits", str(data / "splits.json")]
    assert main([*splits, "--seeds", "1", "--json", *common]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["by_split"] == [1.0]
    assert report["spread_over_seeds"] == 0.0


def clip(name: str, label: str) -> LabelledClip:
    return LabelledClip(name, label, name.rsplit("_", 1)[0], Path(name))


def fold(take: str, sure: float) -> Answers:
    """Ten answers about one take, all ``sure`` of the first label, six of them rightly."""
    clips = [clip(f"{take}_{i}", "a" if i < 6 else "b") for i in range(10)]
    return Answers(clips, ("a", "b"), np.tile([sure, 1 - sure], (10, 1)))


def test_heads_that_claim_too_much_are_calibrated_on_other_takes() -> None:
    report = calibration([fold("one", 0.8), fold("two", 0.8)])
    assert report["ece_before"] == pytest.approx(0.2)
    assert report["ece"] < 0.02
    assert report["accuracy"] == pytest.approx(0.6)


def test_a_fold_s_own_takes_have_no_say_in_its_calibration() -> None:
    both = calibration([fold("one", 0.95), fold("one", 0.95)])
    assert both["temperatures"] == pytest.approx([1.0, 1.0])


def test_nobody_found_is_an_answer_that_is_always_wrong() -> None:
    answers = Answers([clip("x_1", "a"), clip("x_2", "a")], ("a",), np.array([[1.0], [0.0]]))
    assert answers.said == ["a", NOBODY]
    assert len(answers.given().clips) == 1
    assert answers.given(["x"]).shares.shape == (0, 1)
