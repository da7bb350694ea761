"""PCKh is the share of annotated joints that were found."""

from __future__ import annotations

import math

import pytest

from inference.pose.posetrack.match import match
from inference.pose.posetrack.pckh import pckh
from tests.inference.pose.posetrack.scenes import found, frames, image, joints, matched, wanted


def test_scores_and_false_poses_do_not_matter(tmp_path):
    poses = [found(0, joints(900), 0.9), found(0, joints(), 0.01)]
    figures = pckh(matched(tmp_path, [image(0)], [wanted(0, joints())], poses))
    assert set(figures.values()) == {100.0}


def test_missed_people_and_far_joints_count(tmp_path):
    """15 + 15 joints are annotated; one person's, less two wrists, are found."""
    pose = joints(100)
    pose[9:11] += [0, 40, 0]
    truth = [wanted(0, joints(100)), wanted(0, joints(500))]
    figures = pckh(matched(tmp_path, [image(0)], truth, [found(0, pose)]))
    assert figures["Total"] == pytest.approx(100 * 13 / 30)
    assert (figures["Wri"], figures["Knee"]) == (0.0, 50.0)


def test_the_threshold_is_in_head_sizes(tmp_path):
    pose = joints()
    pose[:, 0] += 10
    _, scene = frames(tmp_path, [image(0)], [wanted(0, joints())], [found(0, pose)])
    assert pckh([match(scene[0], 0.5)])["Total"] == 100
    assert pckh([match(scene[0], 0.3)])["Total"] == 0


def test_nothing_annotated_has_no_figure():
    assert math.isnan(pckh([])["Total"])
