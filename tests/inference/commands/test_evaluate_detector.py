"""Detection is measured as it is, darker and treated, each under its own name."""

import argparse

import numpy as np
import pytest

from inference.commands import evaluate_detector
from inference.commands.evaluate_detector import conditions, split_number
from inference.errors import BadInput

DARKEN = "def darken(frame, stops, rng):\n    return (frame / 2**stops).astype('uint8')\n"
FRAMES = np.full((2, 8, 8, 3), 64, np.uint8)


def test_every_darkness_is_measured_with_every_treatment(tmp_path):
    (tmp_path / "darken.py").write_text(DARKEN)
    changes = dict(conditions(tmp_path, [0, 2], ["auto", "gamma"]))
    assert list(changes) == [
        "original", "original gamma", "darken(0)", "darken(0) gamma", "darken(2)",
        "darken(2) gamma",
    ]  # fmt: skip
    assert (changes["original"](FRAMES, "a") == 64).all()
    assert (changes["darken(2)"](FRAMES, "a") == 16).all()
    assert changes["darken(2) gamma"](FRAMES, "a").mean() > 100


def test_noise_follows_from_the_name_of_the_clip(tmp_path):
    noisy = "def darken(f, s, rng):\n    return rng.integers(0, 9, f.shape).astype('uint8')\n"
    (tmp_path / "darken.py").write_text(noisy)
    change = dict(conditions(tmp_path, [1], ["raw"]))["darken(1) raw"]
    assert np.array_equal(change(FRAMES, "a"), change(FRAMES, "a"))
    assert not np.array_equal(change(FRAMES, "a"), change(FRAMES, "b"))


def test_darkness_without_its_definition_is_refused(tmp_path):
    with pytest.raises(BadInput):
        list(conditions(tmp_path, [1], ["raw"]))


def test_the_command_takes_its_options():
    parser = argparse.ArgumentParser()
    evaluate_detector.add_arguments(parser)
    given = ["--data", "x", "--darken", "0", "1", "2", "--enhance", "raw", "clahe"]
    args = parser.parse_args([*given, "--hold-out", "none"])
    assert (args.darken, args.enhance, args.hold_out) == ([0.0, 1.0, 2.0], ["raw", "clahe"], None)
    with pytest.raises(argparse.ArgumentTypeError):
        split_number("-1")
