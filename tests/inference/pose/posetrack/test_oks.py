"""OKS-AP is what COCO's definition gives by hand, and what its own program gives."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from inference.errors import ModelError
from inference.pose.posetrack.oks import SIGMAS, oks_figures, similarities
from inference.pose.posetrack.prepare import pairs
from inference.pose.posetrack.read import read_predictions, read_set
from inference.skeleton import COCO17, POSETRACK15, POSETRACK17
from tests.inference.pose.posetrack.scenes import (
    content,
    found,
    frames,
    image,
    joints,
    wanted,
    write,
)

NAMES = ("AP", "AP50", "AP75", "AP medium", "AP large", "AR", "AR50", "AR75", "AR medium")


def figures(*scene) -> dict[str, float]:
    return oks_figures(frames(*scene)[1], POSETRACK17)


def test_perfect_poses_have_100(tmp_path):
    truth = [wanted(0, joints(100)), wanted(0, joints(500))]
    got = figures(tmp_path, [image(0)], truth, [found(0, joints(500)), found(0, joints(100))])
    assert {got[name] for name in ("AP", "AP50", "AP75", "AP large", "AR")} == {100.0}
    assert np.isnan(got["AP medium"])


def test_similarity_falls_with_distance_over_size_and_spread(tmp_path):
    """All joints off by d: the mean over joints of exp(-d² / (2 area (2 sigma)²))."""
    _, scene = frames(tmp_path, [image(0)], [wanted(0, joints())], [found(0, joints(110))])
    sigmas = SIGMAS[POSETRACK17.name]
    given = np.delete(sigmas, [3, 4])
    by_hand = np.exp(-100 / (2 * 160 * 160 * (2 * given) ** 2)).mean()
    got = similarities(scene[0].found, scene[0].truth, sigmas)
    assert got[0, 0] == pytest.approx(by_hand)


def test_ap_counts_the_thresholds_that_a_pose_reaches(tmp_path):
    """The similarity by hand lies between two thresholds; below it all is right, above wrong."""
    _, scene = frames(tmp_path, [image(0)], [wanted(0, joints())], [found(0, joints(110))])
    reached = similarities(scene[0].found, scene[0].truth, SIGMAS[POSETRACK17.name])[0, 0]
    count = int((np.linspace(0.5, 0.95, 10) <= reached).sum())
    assert 1 <= count <= 9
    assert oks_figures(scene, POSETRACK17)["AP"] == pytest.approx(10 * count)


def test_a_missed_person_leaves_51_of_101_recalls(tmp_path):
    """Precision is 1 up to recall 0.5: the recalls 0.00 to 0.50 are 51 of 101."""
    truth = [wanted(0, joints(100)), wanted(0, joints(500))]
    got = figures(tmp_path, [image(0)], truth, [found(0, joints(100))])
    assert got["AP"] == pytest.approx(100 * 51 / 101)
    assert got["AR"] == 50


@pytest.mark.parametrize(("score", "ap"), [(0.1, 100.0), (0.9, 50.0)])
def test_a_false_pose_costs_by_its_score(tmp_path, score, ap):
    poses = [found(0, joints(), 0.5), found(0, joints(900), score)]
    assert figures(tmp_path, [image(0)], [wanted(0, joints())], poses)["AP"] == pytest.approx(ap)


def test_a_second_pose_on_one_person_is_false(tmp_path):
    poses = [found(0, joints(101), 0.9), found(0, joints(), 0.5), found(1, joints(), 0.4)]
    truth = [wanted(0, joints()), wanted(1, joints())]
    got = figures(tmp_path, [image(0), image(1)], truth, poses)
    assert got["AP50"] == pytest.approx(100 * (51 + 50 * 2 / 3) / 101)


def test_crowds_take_any_number_of_poses_and_do_not_count(tmp_path):
    truth = [wanted(0, joints()), wanted(0, joints(500), iscrowd=1)]
    poses = [found(0, joints(), 0.5)] + [found(0, joints(500 + x), 0.9) for x in range(3)]
    assert figures(tmp_path, [image(0)], truth, poses)["AP"] == 100


def test_only_the_20_surest_poses_of_a_frame_are_looked_at(tmp_path):
    poses = [found(0, joints(900 + x), 0.9) for x in range(20)]
    assert figures(tmp_path, [image(0)], [wanted(0, joints())], poses[:19])["AP"] == 0
    late = [*poses[:19], found(0, joints(), 0.5)]
    assert figures(tmp_path, [image(0)], [wanted(0, joints())], late)["AP50"] == pytest.approx(5)
    later = [*poses, found(0, joints(), 0.5)]
    assert figures(tmp_path, [image(0)], [wanted(0, joints())], later)["AP50"] == 0


def test_nobody_annotated_has_no_figure():
    assert np.isnan(oks_figures([], POSETRACK17)["AP"])


def test_an_order_without_known_spreads_is_refused():
    with pytest.raises(ModelError, match="OKS"):
        oks_figures([], POSETRACK15)


def test_figures_are_those_of_cocos_own_program(tmp_path):
    """60 random frames: crowds, people without joints, all sizes, false and missing poses."""
    pytest.importorskip("pycocotools", reason="pycocotools is not installed")
    rng = np.random.default_rng(3)
    images = [image(number) for number in range(60)]
    truth, results = _random_people(rng)
    path = write(tmp_path / "truth.json", content(images, truth, COCO17))
    poses = write(tmp_path / "found.json", results)
    one = read_set(path)
    ours = oks_figures(pairs(one, read_predictions(poses, one)), COCO17)
    theirs = _cocos(path, poses)
    for name, value in zip([*NAMES, "AR large"], theirs, strict=True):
        assert ours[name] == pytest.approx(100 * value, abs=1e-9), name
    assert 20 < ours["AP"] < 80


def _random_people(rng: np.random.Generator) -> tuple[list[dict], list[dict]]:
    truth, results = [], []
    for number in range(60):
        for _ in range(rng.integers(0, 5)):
            size = rng.uniform(20, 250)
            corner = rng.uniform(0, 400, 2)
            points = np.ones((17, 3))
            points[:, :2] = np.round(corner + rng.uniform(0, size, (17, 2)), 2)
            hidden = rng.random(17) < (1.0 if rng.random() < 0.1 else 0.3)
            points[hidden] = 0
            entry = {"id": len(truth) + 1, "image_id": number, "category_id": 1}
            entry |= {"keypoints": points.ravel().tolist(), "iscrowd": int(rng.random() < 0.1)}
            entry |= {"num_keypoints": int((~hidden).sum()), "area": float(0.6 * size**2)}
            truth.append(entry | {"bbox": [*corner.tolist(), size, size]})
            if rng.random() < 0.85:
                moved = points[:, :2] + rng.normal(0, rng.uniform(0.002, 0.1) * size, (17, 2))
                results += [_result(number, moved, rng) for _ in range(rng.integers(1, 3))]
        if rng.random() < 0.4:
            results.append(_result(number, rng.uniform(0, 400, (17, 2)), rng))
    return truth, results


def _result(number: int, points: np.ndarray, rng: np.random.Generator) -> dict:
    keypoints = np.concatenate([points, np.ones((17, 1))], axis=1).ravel().tolist()
    score = float(np.round(rng.random(), 2))
    return {"image_id": number, "category_id": 1, "keypoints": keypoints, "score": score}


def _cocos(truth, poses) -> list[float]:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        annotated = COCO(str(truth))
        evaluation = COCOeval(annotated, annotated.loadRes(str(poses)), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats.tolist()
