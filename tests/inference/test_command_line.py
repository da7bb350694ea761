"""Commands say what they do, keep going past bad clips, and end with an honest status."""

import json
import subprocess
import sys

import numpy as np
import pytest

from inference.__main__ import main
from inference.commands import COMMANDS, SUMMARIES
from inference.errors import ModelError
from inference.poses_file import load_poses
from inference.video.frames import read_clip
from tests.inference.fakes import fake_pipeline
from tests.inference.test_pipeline import clip_of, written


@pytest.fixture
def predict(tmp_path, monkeypatch, capsys):
    """Runs ``predict`` with stand-ins; returns status, stdout lines, stderr."""
    monkeypatch.setattr(
        "inference.commands.predict.load_pipeline", lambda args, action: fake_pipeline(tmp_path)
    )

    def run(*words):
        status = main(["predict", *map(str, words)])
        out, err = capsys.readouterr()
        return status, out.splitlines(), err

    return run


def test_predict_writes_one_json_object_a_clip(predict, tmp_path):
    walk, empty = written(tmp_path, clip_of()), written(tmp_path, clip_of(0), "empty.mp4")
    status, lines, err = predict(walk, empty, "--json")
    one, two = map(json.loads, lines)
    assert status == 0
    assert err == ""
    assert set(one) == {
        "path", "frames", "fps", "size", "tracks", "label", "probabilities", "timings_s", "models",
        "exposure",
    }  # fmt: skip
    assert (one["path"], one["frames"], one["fps"], one["size"]) == (str(walk), 40, 30.0, [96, 72])
    (track,) = one["tracks"]
    assert set(track) == {"track", "start_frame", "end_frame", "segments"}
    assert set(track["segments"][0]) == {"start_frame", "end_frame", "label", "probabilities"}
    assert (two["label"], two["tracks"], two["probabilities"]) == (None, [], {})


def test_predict_goes_on_past_a_bad_clip_and_ends_with_2(predict, tmp_path):
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"#EXTM3U\nsecret.ts\n")
    status, lines, err = predict(
        bad, written(tmp_path, clip_of()), tmp_path / "absent.mp4", "--json"
    )
    first, second, third = map(json.loads, lines)
    assert status == 2
    assert first["path"] == str(bad)
    assert first["error"]["code"] == "not_a_video"
    assert second["label"]
    assert third["error"]["code"] == "unreadable"
    assert len(err.splitlines()) == 2
    assert "not_a_video" in err


def test_predict_in_words(predict, tmp_path):
    walk, empty = written(tmp_path, clip_of()), written(tmp_path, clip_of(0), "empty.mp4")
    status, lines, _ = predict(walk, empty)
    assert status == 0
    assert "1 person, 40 frames" in lines[0]
    assert lines[1].endswith("nobody found")


def test_poses_writes_a_file_of_the_teachers_layout(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "inference.commands.poses.load_pipeline", lambda args: fake_pipeline(tmp_path)
    )
    clip = written(tmp_path, clip_of())
    assert main(["poses", str(clip), "--out", str(tmp_path / "p.npz")]) == 0
    with np.load(tmp_path / "p.npz") as arrays:
        assert arrays["boxes_xyxy"].shape == (1, 40, 4)
        assert arrays["keypoints"].shape == (1, 40, 17, 3)
        assert (float(arrays["fps"]), arrays["size"].tolist()) == (30.0, [96, 72])
        assert str(arrays["skeleton"]) == "coco17"
    (tmp_path / "bad.mp4").write_bytes(b"nothing")
    assert main(["poses", str(tmp_path / "bad.mp4"), "--out", str(tmp_path / "q.npz")]) == 2
    assert capsys.readouterr().err.startswith("not_a_video: ")
    assert main(["poses", str(clip), "--out", str(tmp_path / "no" / "q.npz")]) == 1


def test_our_own_faults_end_with_1_and_one_line(monkeypatch, capsys):
    def broken(args, action):
        raise ModelError("missing_weights", "Expected weights, found none.")

    monkeypatch.setattr("inference.commands.predict.load_pipeline", broken)
    assert main(["predict", "a.mp4"]) == 1
    assert capsys.readouterr().err == "missing_weights: Expected weights, found none.\n"


def test_render_writes_a_clip_and_its_truth(tmp_path):
    clip, truth = tmp_path / "demo.mp4", tmp_path / "truth.npz"
    words = ["render", clip, "--actions", "Walk:0.2,Wave:0.2", "--size", "96x72", "--fps", "10"]
    assert main([*map(str, words), "--seed", "3", "--truth", str(truth)]) == 0
    assert len(read_clip(clip).table) == 4
    assert load_poses(truth).keypoints.shape == (1, 4, 17, 3)


@pytest.mark.parametrize(
    "words",
    [["--actions", "Fly:1"], ["--actions", "Walk"], ["--size", "9"], ["--actions", "Walk:x"]],
)
def test_render_refuses_what_it_cannot_draw(tmp_path, words, capsys):
    try:
        status = main(["render", str(tmp_path / "x.mp4"), *words])
    except SystemExit as stopped:
        status = stopped.code
    assert status == 2
    assert capsys.readouterr().err
    assert not (tmp_path / "x.mp4").exists()


def test_the_overview_names_every_command(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert set(COMMANDS) == set(SUMMARIES)
    assert all(name in out for name in COMMANDS)


def test_unknown_commands_end_with_2(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["fly"])
    assert stopped.value.code == 2


def test_decoding_needs_no_torch():
    code = (
        "import sys; import inference.video.frames, inference.video.proxy, inference.video.poster,"
        "inference.video.synthetic, inference.poses_file; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
