"""Average precision by joint is what PoseTrack's definition gives by hand."""

from __future__ import annotations

import numpy as np
import pytest

from inference.pose.posetrack.ap import TOTAL, as_text, joint_figures, table
from inference.pose.posetrack.match import match, without_head
from inference.skeleton import POSETRACK15
from tests.inference.pose.posetrack.scenes import (
    NEAR_PX,
    column,
    found,
    frames,
    image,
    joints,
    matched,
    wanted,
)


def aps(*scene) -> np.ndarray:
    return joint_figures(matched(*scene)).ap


def test_perfect_poses_have_100_everywhere(tmp_path):
    people = [joints(100), joints(500)]
    truth = [wanted(0, p) for p in people] + [wanted(1, people[0])]
    poses = [found(0, people[1]), found(0, people[0]), found(1, people[0])]
    figures = joint_figures(matched(tmp_path, [image(0), image(1)], truth, poses))
    for values in (figures.ap, figures.precision, figures.recall):
        np.testing.assert_allclose(values, 100)
    assert set(table(figures.ap).values()) == {100.0}


def test_one_of_two_people_missed_halves_recall_and_ap(tmp_path):
    truth = [wanted(0, joints(100)), wanted(0, joints(500))]
    figures = joint_figures(matched(tmp_path, [image(0)], truth, [found(0, joints(100))]))
    np.testing.assert_allclose(figures.ap, 50)
    np.testing.assert_allclose(figures.recall, 50)
    np.testing.assert_allclose(figures.precision, 100)


@pytest.mark.parametrize(("score", "ap"), [(0.1, 100.0), (0.9, 50.0)])
def test_a_false_pose_costs_by_its_score(tmp_path, score, ap):
    """After the right joint its precision of 1 stands; before it, precision is 1/2 there."""
    poses = [found(0, joints(100), 0.5), found(0, joints(500), score)]
    figures = joint_figures(matched(tmp_path, [image(0)], [wanted(0, joints(100))], poses))
    np.testing.assert_allclose(figures.ap, ap)
    np.testing.assert_allclose(figures.precision, 50)


def test_the_curve_is_made_falling(tmp_path):
    """Right, wrong, right by score: precision 1, 1/2, 2/3 at recalls 1/3, 1/3, 2/3 of 3."""
    images = [image(0), image(1), image(2)]
    truth = [wanted(number, joints()) for number in range(3)]
    poses = [found(0, joints(), 0.9), found(1, joints(500), 0.8), found(1, joints(), 0.7)]
    np.testing.assert_allclose(aps(tmp_path, images, truth, poses), 100 * (1 / 3 + 2 / 9))


def test_a_joint_is_near_within_half_a_head(tmp_path):
    right, wrong = column("right_wrist"), column("left_knee")
    pose = joints()
    pose[10, 0] += NEAR_PX
    pose[13, 1] += NEAR_PX + 0.01
    ap = aps(tmp_path, [image(0)], [wanted(0, joints())], [found(0, pose)])
    assert (ap[right], ap[wrong]) == (100.0, 0.0)
    assert np.delete(ap, wrong).min() == 100


def test_each_of_two_people_gets_the_nearer_pose(tmp_path):
    """28 px apart: the poses come in the other order and are off by 12 px each."""
    truth = [wanted(0, joints(100)), wanted(0, joints(128))]
    poses = [found(0, joints(116)), found(0, joints(112))]
    one = matched(tmp_path, [image(0)], truth, poses)[0]
    assert one.person.tolist() == [1, 0]
    assert one.right.all()


def test_the_choice_is_greedy_as_the_reference_makes_it(tmp_path):
    """Both poses are near both people; both go for the first one, and the second goes without."""
    truth = [wanted(0, joints(100)), wanted(0, joints(120))]
    poses = [found(0, joints(114)), found(0, joints(106))]
    one = matched(tmp_path, [image(0)], truth, poses)[0]
    assert one.person.tolist() == [0, -1]


def test_left_and_right_swapped_is_wrong_but_for_the_head(tmp_path):
    wide = joints() * [4, 4, 1]
    pose = wide.copy()
    for left in range(5, 17, 2):
        pose[[left, left + 1]] = pose[[left + 1, left]]
    ap = table(aps(tmp_path, [image(0)], [wanted(0, wide)], [found(0, pose)]))
    assert ap["Head"] == 100
    assert {ap[part] for part in ("Shou", "Elb", "Wri", "Hip", "Knee", "Ankl")} == {0}
    assert ap[TOTAL] == pytest.approx(100 * 3 / 15)


def test_two_poses_on_one_person_are_one_right_and_one_wrong(tmp_path):
    """The pose with more joints near is kept; the other's joints are all wrong."""
    worse = joints()
    worse[15:] += [100, 0, 0]
    poses = [found(0, worse, 0.9), found(0, joints(), 0.5)]
    one = matched(tmp_path, [image(0)], [wanted(0, joints())], poses)[0]
    assert one.person.tolist() == [-1, 0]
    np.testing.assert_allclose(joint_figures([one]).ap, 50)


def test_of_equal_poses_the_first_is_kept(tmp_path):
    poses = [found(0, joints()), found(0, joints())]
    one = matched(tmp_path, [image(0)], [wanted(0, joints())], poses)[0]
    assert one.person.tolist() == [0, -1]


def test_joints_in_a_region_to_ignore_count_neither_way(tmp_path):
    corners = {"ignore_regions_x": [[0, 5000, 5000, 0]], "ignore_regions_y": [[235, 235, 500, 500]]}
    truth = [wanted(0, joints())]
    pose = joints()
    pose[14:, 0] += 900
    with_region = aps(tmp_path, [image(0, **corners)], truth, [found(0, pose)])
    below = [column(name) for name in ("left_ankle", "right_ankle", "right_knee")]
    assert np.isnan(with_region[below]).all()
    assert np.delete(with_region, below).min() == 100
    assert (aps(tmp_path, [image(0)], truth, [found(0, pose)])[below] == 0).all()


def test_people_within_a_region_vanish_with_the_poses_there(tmp_path):
    corners = {"ignore_regions_x": [[450, 800, 800, 450]], "ignore_regions_y": [[0, 0, 900, 900]]}
    truth = [wanted(0, joints(100)), wanted(0, joints(500))]
    poses = [found(0, joints(100), 0.1), found(0, joints(530), 0.9)]
    one = matched(tmp_path, [image(0, **corners)], truth, poses)[0]
    assert (len(one.wanted), len(one.found)) == (1, 1)
    np.testing.assert_allclose(joint_figures([one]).ap, 100)


def test_a_point_on_the_edge_of_a_region_counts(tmp_path):
    edge = {"ignore_regions_x": [0, 5000, 5000, 0], "ignore_regions_y": [260, 260, 500, 500]}
    ap = aps(tmp_path, [image(0, **edge)], [wanted(0, joints())], [found(0, joints())])
    np.testing.assert_allclose(ap, 100)


def test_a_person_without_a_heads_box_is_left_out_with_the_pose_on_it(tmp_path):
    """Head boxes that are missing, empty or without a size; other false poses stay false."""
    for head in (None, [], [0, 0, 0, 40]):
        truth = [wanted(0, joints(100)), wanted(0, joints(500), bbox_head=head)]
        poses = [found(0, joints(500), 0.9), found(0, joints(100), 0.5)]
        _, scene = frames(tmp_path, [image(0)], truth, poses)
        assert without_head(scene[0]) == 1
        figures = joint_figures([match(scene[0])])
        np.testing.assert_allclose(figures.ap, 100)
        np.testing.assert_allclose(figures.precision, 100)
    far = aps(tmp_path, [image(0)], truth, [*poses, found(0, joints(900), 0.9)])
    np.testing.assert_allclose(far, 50)


def test_frames_without_annotations_do_not_count(tmp_path):
    images = [image(0), image(1)]
    poses = [found(0, joints(), 0.5), found(1, joints(), 0.9)]
    ap = aps(tmp_path, images, [wanted(0, joints())], poses)
    np.testing.assert_allclose(ap, 100)


def test_annotated_frames_without_poses_are_missed(tmp_path):
    images = [image(0), image(1)]
    truth = [wanted(0, joints()), wanted(1, joints())]
    np.testing.assert_allclose(aps(tmp_path, images, truth, [found(0, joints())]), 50)
    np.testing.assert_allclose(aps(tmp_path, images, truth, []), 0)


def test_joints_that_are_not_annotated_are_false_where_predicted(tmp_path):
    """One of two people has no wrists; the pose's wrists there are wrong, with a high score."""
    truth = [wanted(0, joints(100), drop=["right_wrist"]), wanted(0, joints(500))]
    poses = [found(0, joints(100), 0.9), found(0, joints(500), 0.5)]
    ap = aps(tmp_path, [image(0)], truth, poses)
    assert ap[column("right_wrist")] == 50
    assert np.delete(ap, column("right_wrist")).min() == 100


def test_joints_without_a_score_come_last(tmp_path):
    bare = found(0, joints(500))
    del bare["scores"]
    ap = aps(tmp_path, [image(0)], [wanted(0, joints())], [bare, found(0, joints(), -5.0)])
    np.testing.assert_allclose(ap, 100)


def test_a_joint_never_annotated_has_no_figure(tmp_path):
    truth = [wanted(0, joints(), drop=["nose", "head_top"])]
    by_joint = aps(tmp_path, [image(0)], truth, [found(0, joints())])
    assert np.isnan(by_joint[[column("nose"), column("head_top")]]).all()
    columns = table(by_joint)
    assert columns["Head"] == columns[TOTAL] == 100


def test_the_total_is_the_mean_over_15_joints_not_over_columns():
    by_joint = np.zeros(len(POSETRACK15))
    by_joint[[column("nose"), column("head_top"), column("head_bottom")]] = 60.0
    columns = table(by_joint)
    assert list(columns) == ["Head", "Shou", "Elb", "Wri", "Hip", "Knee", "Ankl", "Total"]
    assert (columns["Head"], columns["Total"]) == (60.0, 12.0)
    lines = as_text({"AP": columns}).splitlines()
    assert lines[0].split() == list(columns)
    assert lines[1].split() == ["AP", "60.0", *["0.0"] * 6, "12.0"]
