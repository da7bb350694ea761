"""The pipeline works chunk by chunk: the same people at flat memory, whatever the chunks."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from inference.flow import looking_every
from inference.pipeline import Pipeline
from inference.track.config import TrackConfig
from inference.types import Clip, FrameTable
from tests.inference.fakes import FakeDetector, FakeEstimator, fake_config, fake_pipeline


def clip_of(frames, fps=30, lit=(0, None)):
    """A light upright that goes to and fro, there in frames ``lit``."""
    pixels = np.full((frames, 72, 96, 3), 12, np.uint8)
    for t in range(*slice(*lit).indices(frames)):
        left = 10 + abs((t + 30) % 60 - 30)
        pixels[t, 10:62, left : left + 18] = 200
    table = FrameTable(np.arange(frames), frames, Fraction(1, fps), Fraction(fps))
    return Clip("made", pixels, table)


class Noting(FakeDetector):
    """Keeps how many frames it was handed and which it was asked for."""

    def __init__(self):
        self.most, self.asked = 0, 0

    def detect(self, frames, *, at=None, is_cancelled):
        self.most, self.asked = max(self.most, len(frames)), self.asked + len(at)
        return super().detect(frames, at=at, is_cancelled=is_cancelled)


@pytest.mark.parametrize("chunk", [5, 32, 1000])
def test_chunks_do_not_change_what_is_found(tmp_path, chunk):
    clip = clip_of(150, lit=(20, 120))
    whole = fake_pipeline(tmp_path, chunk=64).poses(clip)
    cut = fake_pipeline(tmp_path, chunk=chunk).poses(clip)
    assert len(whole.tracks) == 1
    np.testing.assert_allclose(cut.tracks.boxes_xyxy, whole.tracks.boxes_xyxy, atol=1e-3)
    np.testing.assert_allclose(cut.keypoints, whole.keypoints, atol=1e-3)


def test_no_more_frames_are_held_for_a_longer_clip(tmp_path):
    most = []
    for frames in (150, 450):
        detector, config = Noting(), fake_config(tmp_path)
        poses = Pipeline(detector, FakeEstimator(), config).poses(clip_of(frames))
        assert poses.keypoints.shape[1] == frames
        most.append(detector.most)
    assert most[0] == most[1] < 100


def test_the_detector_looks_at_few_frames_of_a_calm_clip(tmp_path):
    detector = Noting()
    Pipeline(detector, FakeEstimator(), fake_config(tmp_path)).poses(clip_of(300))
    assert 100 <= detector.asked <= 110


@pytest.mark.parametrize(("fps", "every"), [(5, 1), (25, 2), (30, 3), (60, 6), (1, 1)])
def test_looks_come_at_equal_times_whatever_the_rate(fps, every):
    assert looking_every(0.1, Fraction(fps)) == every


def test_everybody_in_every_frame_has_a_skeleton(tmp_path):
    poses = fake_pipeline(tmp_path).poses(clip_of(100, lit=(15, 80)))
    present = poses.tracks.present
    assert present[0, 20:75].all()
    assert not present[0, :12].any()
    assert not present[0, 80 + TrackConfig().carry + 3 :].any()  # the fake always sees joints
    assert np.isfinite(poses.keypoints[present]).all()
    assert np.isnan(poses.keypoints[~present]).all()


def test_frames_are_treated_as_the_settings_say(tmp_path):
    dark = clip_of(40)
    dark.frames[:] = dark.frames // 8
    assert len(fake_pipeline(tmp_path).poses(dark).tracks) == 0
    config = replace(fake_config(tmp_path), treatment="gamma")
    poses = Pipeline(FakeDetector(), FakeEstimator(), config).poses(dark)
    assert len(poses.tracks) == 1
