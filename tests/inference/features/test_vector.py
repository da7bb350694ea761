"""A vector tells what a body does, and nothing of where or how it was filmed."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from inference.errors import ModelError
from inference.feature_version import FEATURE_VERSION
from inference.features.vector import FEATURE_NAMES, describe
from inference.features.windows import SegmentSpan, segments_of
from inference.skeleton import COCO17, POSETRACK17, convert
from inference.types import Floats, Poses
from tests.inference.features.figures import figure

KNOWN = Path(__file__).with_name("known_vectors.json")


SPANS_OUTSIDE = [SegmentSpan(1, 0, 5), SegmentSpan(0, 5, 5), SegmentSpan(0, 0, 61)]


def vector(poses: Poses) -> Floats:
    return describe(poses, segments_of(poses))[0]


def difference(a: Floats, b: Floats) -> float:
    return float(np.abs(a - b).mean())


def value(poses: Poses, name: str) -> float:
    return float(vector(poses)[FEATURE_NAMES.index(name)])


def test_there_is_a_finite_number_for_every_name() -> None:
    poses = figure("walk", people=2)
    features = describe(poses, segments_of(poses))
    assert features.shape == (2, len(FEATURE_NAMES))
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)


def test_no_spans_give_no_rows() -> None:
    assert describe(figure(), []).shape == (0, len(FEATURE_NAMES))


@pytest.mark.parametrize("action", ["sit", "walk", "jump"])
def test_place_and_distance_do_not_matter(action: str) -> None:
    near = vector(figure(action, torso_px=60.0, at=(400.0, 300.0)))
    far = vector(figure(action, torso_px=30.0, at=(100.0, 90.0)))
    other = vector(figure("stand"))
    assert difference(near, far) < 0.1 * difference(near, other)


@pytest.mark.parametrize("action", ["sit", "walk", "jump"])
def test_frame_rate_does_not_matter(action: str) -> None:
    base = vector(figure(action, fps=Fraction(30)))
    other = difference(base, vector(figure("stand")))
    for fps in (Fraction(15), Fraction(30000, 1001), Fraction(60)):
        assert difference(base, vector(figure(action, fps=fps))) < 0.15 * other


def test_a_hole_in_a_track_is_bridged() -> None:
    whole, holed = figure("walk"), figure("walk", missing=((20, 26),))
    assert difference(vector(whole), vector(holed)) < 0.25 * difference(
        vector(whole), vector(figure("stand"))
    )


def test_sitting_down_sinks_and_jumping_returns() -> None:
    assert value(figure("sit"), "hip_y.change") < -0.3
    assert value(figure("jump"), "hip_y.bump") > 0.4
    assert abs(value(figure("jump"), "hip_y.change")) < 0.1
    assert value(figure("walk"), "journey.net_x") > 1.5


def test_cadence_is_in_steps_a_second() -> None:
    assert value(figure("walk", seconds=3.0), "swing_x.peak_hz") == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("frames", [1, 2, 3, 5])
def test_very_short_spans_have_a_vector(frames: int) -> None:
    features = describe(figure("walk"), [SegmentSpan(0, 7, 7 + frames)])
    assert np.isfinite(features).all()


def test_a_span_without_the_person_has_a_vector() -> None:
    poses = figure("walk", missing=((10, 20),))
    assert np.isfinite(describe(poses, [SegmentSpan(0, 12, 15)])).all()


def test_lost_joints_leave_the_vector_finite() -> None:
    poses = figure("walk")
    keypoints = poses.keypoints.copy()
    keypoints[:, :, 13:] = np.nan
    assert np.isfinite(vector(replace(poses, keypoints=keypoints))).all()


def test_other_skeletons_are_read_through_their_conversion() -> None:
    poses = figure("sit")
    tracked = replace(
        poses, keypoints=convert(poses.keypoints, COCO17, POSETRACK17), skeleton="posetrack17"
    )
    at = FEATURE_NAMES.index("hip_y.change")
    assert vector(tracked)[at] == pytest.approx(vector(poses)[at], abs=1e-4)


@pytest.mark.parametrize(
    "span", [SegmentSpan(1, 0, 5), SegmentSpan(0, 5, 5), SegmentSpan(0, 0, 61)]
)
def test_a_span_outside_the_clip_is_refused(span: SegmentSpan) -> None:
    with pytest.raises(ModelError, match="Expected a span"):
        describe(figure(), [span])


def test_a_changed_vector_has_a_new_version() -> None:
    """Where this fails on purpose: give FEATURE_VERSION a new name, then write the file anew."""
    known = json.loads(KNOWN.read_text())
    assert known["feature_version"] == FEATURE_VERSION
    assert known["names"] == list(FEATURE_NAMES)
    for action, numbers in known["vectors"].items():
        np.testing.assert_allclose(vector(figure(action)), numbers, atol=2e-3)
