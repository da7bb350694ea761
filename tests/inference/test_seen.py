"""What is shown as seen by the pose network is what the network was given, pixel for pixel."""

from fractions import Fraction

import numpy as np
import pytest

from inference.errors import BadInput
from inference.pipeline import Pipeline
from inference.types import FrameTable
from inference.video.proxy import write_frames
from tests.inference.fakes import FakeDetector, FakeEstimator, fake_config

FRAMES = 50
CURVE = {"treatment": "curve", "averaged": False}


class WatchedEstimator(FakeEstimator):
    """Keeps the newest picture of each frame that it was given; frames tell themselves apart."""

    def __init__(self):
        self.given = {}

    def skeletons(self, frames, frame, boxes_xyxy):
        for index in frame:
            self.given[number_of(frames[index])] = frames[index].copy()
        return super().skeletons(frames, frame, boxes_xyxy)


def number_of(picture):
    """Where the light upright stands."""
    columns = picture[12:60].mean(axis=(0, 2))
    return int(np.flatnonzero(columns > 0.85 * columns.max())[0]) - 10


def decision_of(poses):
    """What a run keeps of it."""
    return {name: poses.exposure["pose"][name] for name in ("treatment", "averaged")}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A light upright walks through a noisy dark room that grows lighter."""
    chance = np.random.default_rng(5)
    pixels = (
        6 + 0.3 * np.arange(FRAMES)[:, None, None, None] + chance.normal(0, 4, (FRAMES, 72, 96, 3))
    )
    for t in range(FRAMES):
        pixels[t, 10:62, 10 + t : 28 + t] = 200
    table = FrameTable(np.arange(FRAMES), FRAMES, Fraction(1, 30), Fraction(30))
    path = tmp_path_factory.mktemp("clips") / "noisy.mp4"
    write_frames(path, iter(np.clip(pixels, 0, 255).astype(np.uint8)), table, options={"crf": "4"})
    return path


@pytest.mark.parametrize(
    "settings", [{}, {"treatment": "curve", "average": True}, {"treatment": "gamma"}]
)
def test_it_is_what_the_network_was_given(tmp_path, path, settings):
    estimator = WatchedEstimator()
    config = fake_config(tmp_path, chunk=16, **settings)
    pipeline = Pipeline(FakeDetector(), estimator, config)
    decided = decision_of(pipeline.poses(path))
    assert len(estimator.given) == FRAMES
    for frame in (0, 7, 15, 16, 31, 33, 49):
        np.testing.assert_array_equal(pipeline.seen(path, frame, **decided), estimator.given[frame])


def test_curves_of_other_parts_would_show(tmp_path, path):
    """The check above means something: parts of this clip are treated unlike."""
    pipeline = Pipeline(FakeDetector(), WatchedEstimator(), fake_config(tmp_path, chunk=16))
    whole = Pipeline(FakeDetector(), WatchedEstimator(), fake_config(tmp_path, chunk=64))
    assert (pipeline.seen(path, 0, **CURVE) != whole.seen(path, 0, **CURVE)).any()


@pytest.mark.parametrize("frame", [-1, FRAMES])
def test_a_frame_that_is_not_there_is_refused(tmp_path, path, frame):
    with pytest.raises(BadInput, match=f"below {FRAMES}, got {frame}"):
        Pipeline(FakeDetector(), WatchedEstimator(), fake_config(tmp_path)).seen(
            path, frame, **CURVE
        )
