"""``adapt`` takes a folder of clips and says what came of it, better or not."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from inference.__main__ import main
from inference.adaptation import AdaptReport
from inference.commands import adapt as command
from tests.inference.adaptation.conftest import Cameras, cameras

__all__ = ["cameras"]


def words(cameras: Cameras, out: Path, *more: str) -> list[str]:
    given = ["--clips", str(cameras.keypoints.parent), "--out", str(out)]
    given += ["--teacher", f"keypoints:{cameras.keypoints}", "--start", str(cameras.start)]
    return ["adapt", *given, *more]


def test_json_and_curve_and_exit_status(
    cameras: Cameras, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(cameras, tmp_path, "--steps", "2", "--hold-out", "Walk_2", "--json")) == 0
    said = capsys.readouterr()
    report = json.loads(said.out)
    assert Path(report["weights"]).exists()
    assert report["clips_used"] == len(cameras.clips)
    assert report["improved"] == (report["after"]["gain"] > 0)
    lines = said.err.splitlines()
    assert [line for line in lines if not line.startswith("{")] == ["label", "train", "measure"]
    assert json.loads(lines[-2])["step"] == 2


def test_a_folder_without_clips_is_the_input_s_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adapt", "--clips", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "found none" in capsys.readouterr().err


def test_lines_say_what_was_skipped_and_that_it_is_no_better() -> None:
    before = {"pck": 70.0, "pck_low": 65.0, "pck_high": 75.0, "clips": 3.0}
    after = {"pck": 69.0, "clips": 3.0, "gain": -1.0, "gain_low": -2.0, "gain_high": 0.5}
    report = AdaptReport(
        Path("out/pose.safetensors"), before, after, False, 9, (("a.mp4", "nobody"),), 1.0
    )
    lines = command._lines(report)
    assert lines[0] == "skipped a.mp4: nobody"
    assert "70.0 (65.0 to 75.0) before, 69.0 after, gain -1.0 (-2.0 to 0.5)" in lines[1]
    assert "No better" in lines[2]


@pytest.mark.parametrize(
    ("given", "share", "names"),
    [(["0.5"], 0.5, ()), (["Jump_8"], 0.3, ("Jump_8",)), (["a", "b"], 0.3, ("a", "b"))],
)
def test_a_share_or_names_are_held_out(
    given: list[str], share: float, names: tuple[str, ...]
) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    args = parser.parse_args(["--clips", "c", "--out", "o", "--hold-out", *given])
    config = command.config_of(args)
    assert (config.held_out_share, config.held_out) == (share, names)
