"""Adapting raises the hits on clips that were held out, and says what it did."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest

from inference.adaptation import STAGES, AdaptConfig, AdaptReport, Teacher, adapt
from inference.errors import BadInput, Cancelled
from inference.pose.estimator import PoseEstimator
from inference.weights_file import load_card, load_weights
from tests.inference.adaptation.conftest import QUICK, Cameras


@dataclasses.dataclass
class Watched:
    report: AdaptReport
    progress: list[tuple[str, float]]
    curve: list[dict[str, float]]


def adapted(cameras: Cameras, out: Path, config: AdaptConfig) -> AdaptReport:
    teacher = Teacher.from_keypoints(cameras.keypoints)
    return adapt(cameras.clips, out, teacher=teacher, start=cameras.start, config=config)


@pytest.fixture(scope="module")
def run(cameras: Cameras, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    progress: list[tuple[str, float]] = []
    curve: list[dict[str, float]] = []
    report = adapt(
        cameras.clips,
        tmp_path_factory.mktemp("out"),
        teacher=Teacher.from_keypoints(cameras.keypoints),
        start=cameras.start,
        config=QUICK,
        progress=lambda stage, share: progress.append((stage, share)),
        on_curve=curve.append,
    )
    return Watched(report, progress, curve)


def test_hits_on_held_out_clips_rise(run: Watched) -> None:
    before, after = run.report.before, run.report.after
    assert run.report.improved
    assert after["pck"] > before["pck"] + 10
    assert after["gain"] == pytest.approx(after["pck"] - before["pck"], abs=0.02)
    assert after["pck_low"] <= after["pck"] <= after["pck_high"]
    assert after["gain_low"] > 0


def test_written_weights_work_and_are_another_s_child(run: Watched, cameras: Cameras) -> None:
    PoseEstimator.load(run.report.weights)
    card = load_card(run.report.weights)
    assert card["parent"]["sha256"] == load_card(cameras.start)["sha256"]
    assert card["improved"] is True
    figures = next(iter(card["figures"].values()))
    assert figures == {"before": run.report.before, "after": run.report.after}


def test_the_card_names_every_clip_by_what_it_holds(run: Watched, cameras: Cameras) -> None:
    clips = load_card(run.report.weights)["clips"]
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in cameras.clips}
    assert {clip["name"]: clip["sha256"] for clip in clips} == hashes
    assert sorted(clip["use"] for clip in clips) == ["held out"] * 2 + ["learnt"] * 4


def test_no_path_of_the_machine_is_in_the_card(run: Watched, cameras: Cameras) -> None:
    assert str(cameras.keypoints.parent) not in json.dumps(load_card(run.report.weights))


def test_progress_goes_through_the_stages_to_their_ends(run: Watched) -> None:
    assert list(dict.fromkeys(stage for stage, _ in run.progress)) == list(STAGES)
    for stage in STAGES:
        shares = [share for name, share in run.progress if name == stage]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


def test_the_curve_counts_over_both_stages(run: Watched) -> None:
    steps = [entry["step"] for entry in run.curve]
    assert steps == sorted(set(steps))
    assert steps[-1] == QUICK.steps
    assert run.curve[-1]["progress"] == pytest.approx(1.0)


def test_the_same_seed_and_steps_give_the_same_weights(cameras: Cameras, tmp_path: Path) -> None:
    short = dataclasses.replace(QUICK, steps=3)
    reports = [adapted(cameras, tmp_path / name, short) for name in "ab"]
    states = [load_weights(report.weights)[0] for report in reports]
    assert all(states[0][name].equal(states[1][name]) for name in states[0])


def test_a_network_that_is_no_better_is_written_and_said_so(
    cameras: Cameras, tmp_path: Path
) -> None:
    still = dataclasses.replace(QUICK, steps=2, rate=0.0, head_rate=0.0, head_share=1.0)
    report = adapted(cameras, tmp_path, still)
    assert not report.improved
    assert report.after["gain"] <= 0
    assert "no better" in load_card(report.weights)["note"]


def test_a_whole_take_can_be_held_out(cameras: Cameras, tmp_path: Path) -> None:
    config = dataclasses.replace(QUICK, steps=1, held_out=("Walk_2",))
    uses = {
        c["name"]: c["use"] for c in load_card(adapted(cameras, tmp_path, config).weights)["clips"]
    }
    assert {name for name, use in uses.items() if use == "held out"} == {
        f"Walk_2_{number}.mp4" for number in range(3)
    }


def test_clips_without_people_are_skipped_and_named(cameras: Cameras, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    unlabelled = tmp_path / "unlabelled.mp4"
    unlabelled.write_bytes(cameras.clips[0].read_bytes())
    report = adapt(
        [*cameras.clips, broken, unlabelled],
        tmp_path / "out",
        teacher=Teacher.from_keypoints(cameras.keypoints),
        start=cameras.start,
        config=dataclasses.replace(QUICK, steps=1),
    )
    assert [name for name, _ in report.clips_skipped] == ["broken.mp4", "unlabelled.mp4"]
    assert "unlabelled.npz" in report.clips_skipped[1][1]
    assert report.clips_used == len(cameras.clips)


def test_one_clip_is_too_few(cameras: Cameras, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="one to measure on"):
        adapt(
            cameras.clips[:1],
            tmp_path,
            teacher=Teacher.from_keypoints(cameras.keypoints),
            start=cameras.start,
            config=QUICK,
        )


def test_a_cancelled_run_writes_nothing(cameras: Cameras, tmp_path: Path) -> None:
    asked = iter(range(1000))
    with pytest.raises(Cancelled):
        adapt(
            cameras.clips,
            tmp_path / "out",
            teacher=Teacher.from_keypoints(cameras.keypoints),
            start=cameras.start,
            config=QUICK,
            is_cancelled=lambda: next(asked) > 20,
        )
    assert not (tmp_path / "out").exists()
