"""What the networks see is decided by measuring each clip, once, and can be looked up."""

import numpy as np
import pytest

from inference.enhance.adaptive import TREATMENTS, AdaptiveExposure, decide
from inference.enhance.measure import Exposure, measure
from inference.enhance.tone import learnt_curve, local_contrast
from inference.errors import ModelError
from inference.tone_curve import curve_of


def room(level=20, noise=0.0, frames=3, seed=0):
    """A dark room with lighter and darker areas, and noise."""
    rng = np.random.default_rng(seed)
    areas = np.kron(rng.uniform(0.3, 1.7, (6, 8)), np.ones((16, 16)))[None, ..., None]
    pixels = level * areas + rng.normal(0, 1, (frames, 96, 128, 3)) * noise
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("noise", [2.0, 5.0, 10.0])
def test_noise_is_measured_apart_from_shapes(noise):
    measured = measure(room(level=90, noise=noise)).noise * 255
    assert measured == pytest.approx(noise * np.sqrt(0.299**2 + 0.587**2 + 0.114**2), rel=0.25)


def test_brightness_is_measured():
    measured = measure(room(level=40))
    assert measured.mean == pytest.approx(40 / 255, rel=0.15)
    assert measured.low < measured.middle < measured.high
    assert measured.as_dict()["contrast"] == round(measured.contrast, 2)


def test_our_detector_always_sees_raw_frames_and_our_pose_network_dark_ones_by_the_curve():
    for level, noise in ((4, 0), (20, 6), (150, 1)):
        assert decide(measure(room(level, noise)), "night") == "raw"
        assert decide(measure(room(level, noise)), "dusk") == ("raw" if level == 150 else "curve")


def test_daylight_eyes_get_dark_clips_brightened_unless_noise_would_drown_them():
    assert decide(measure(room(15, 0.3)), "day") == "gamma"
    assert decide(measure(room(15, 9.0)), "day") == "raw"
    assert decide(Exposure(0.4, 0.1, 0.4, 0.9, 0.01), "day") == "raw"


def test_the_first_part_of_a_clip_decides_for_all_of_it():
    stage = AdaptiveExposure("day")
    first = stage(room(15, 0.3))
    decision = stage.decision
    later = stage(room(220))
    assert decision.treatment == "gamma"
    assert stage.decision is decision
    assert first.mean() > 60
    assert np.array_equal(later, TREATMENTS["gamma"](room(220)))
    assert set(decision.as_dict()) >= {"treatment", "mean", "noise", "contrast"}


def test_raw_frames_are_passed_on_without_a_copy():
    frames = room()
    stage = AdaptiveExposure("night")
    assert stage(frames) is frames
    assert stage.decision.treatment == "raw"


def test_a_treatment_can_be_asked_for():
    assert AdaptiveExposure("night", "clahe")(room(level=20)).std() > room(level=20).std()


@pytest.mark.parametrize(("brighten", "gain"), [(local_contrast, 1.1), (learnt_curve, 1.5)])
def test_dark_frames_gain_contrast_and_keep_their_shape(brighten, gain):
    frames = room(level=15)
    bright = brighten(frames)
    assert bright.shape == frames.shape
    assert bright.dtype == np.uint8
    assert bright.std() > gain * frames.std()
    assert brighten(frames[:0]).shape == (0, 96, 128, 3)
    with pytest.raises(ModelError):
        brighten(frames[0])


def test_the_curve_never_falls_and_never_darkens():
    curve = curve_of(np.random.default_rng(0).integers(3, 30, 5000).astype(np.uint8)).astype(int)
    assert (np.diff(curve) >= 0).all()
    assert (curve >= np.arange(256)).all()
    assert np.diff(curve).max() <= 13
    assert curve[16] > 90
