"""Long tracks are cut where the head sees another action, short ones and those without one not."""

from __future__ import annotations

import numpy as np

from inference.classify.head import ActionHead
from inference.features.vector import FEATURE_NAMES
from inference.features.windows import SegmentSpan, segments_of
from inference.pipeline import cut_tracks
from inference.types import Poses
from tests.inference.features.figures import figure


def head_that_sees_walking() -> ActionHead:
    """Two labels, told apart by how fast the hips go."""
    weights = np.zeros((1, len(FEATURE_NAMES), 2), np.float32)
    weights[0, FEATURE_NAMES.index("hip_speed.mean")] = (-3.0, 3.0)
    mean = np.zeros(len(FEATURE_NAMES), np.float32)
    mean[FEATURE_NAMES.index("hip_speed.mean")] = 1.0  # half of the speed of 2 torsos a second
    scale = np.ones(len(FEATURE_NAMES), np.float32)
    bias = np.zeros((1, 2), np.float32)
    return ActionHead(("Stand", "Walk"), mean, scale, (weights,), (bias,))


def stands_then_walks(seconds: float, walks_from_s: float) -> Poses:
    poses = figure(seconds=seconds)
    speed = np.maximum(0.0, poses.times_s - walks_from_s) * 60.0
    keypoints, boxes = poses.keypoints, poses.tracks.boxes_xyxy
    keypoints[..., 0] += speed[None, :, None].astype(np.float32)
    boxes[..., 0::2] += speed[None, :, None].astype(np.float32)
    return poses


def test_a_track_is_cut_where_another_action_begins() -> None:
    poses = stands_then_walks(16.0, 7.0)
    first, second = cut_tracks(poses, head_that_sees_walking())
    assert (first.start_frame, second.end_frame) == (0, 480)
    assert first.end_frame == second.start_frame
    assert abs(first.end_frame - 210) <= 15


def test_a_long_track_of_one_action_is_one_segment() -> None:
    poses = figure(seconds=30.0)
    assert cut_tracks(poses, head_that_sees_walking()) == [SegmentSpan(0, 0, 900)]


def test_a_short_track_is_never_cut() -> None:
    poses = stands_then_walks(4.0, 2.0)
    assert cut_tracks(poses, head_that_sees_walking()) == [SegmentSpan(0, 0, 120)]


def test_segments_do_not_reach_over_absences() -> None:
    poses = figure(seconds=20.0, missing=((200, 290),))
    spans = cut_tracks(poses, head_that_sees_walking())
    assert spans == [SegmentSpan(0, 0, 200), SegmentSpan(0, 290, 600)]


def test_every_person_is_cut_for_themselves() -> None:
    poses = figure(seconds=10.0, people=2)
    walks = np.maximum(0.0, poses.times_s - 5.0).astype(np.float32) * 60.0
    poses.keypoints[1, :, :, 0] += walks[:, None]
    poses.tracks.boxes_xyxy[1, :, 0::2] += walks[:, None]
    spans = cut_tracks(poses, head_that_sees_walking())
    assert [span.person for span in spans] == [0, 1, 1]


def test_without_a_head_long_tracks_come_in_equal_pieces() -> None:
    poses = stands_then_walks(16.0, 7.0)
    assert cut_tracks(poses) == segments_of(poses)
    assert len(cut_tracks(poses)) == 8
