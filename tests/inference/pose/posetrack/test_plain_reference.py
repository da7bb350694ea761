"""AP by joint equals a plain walk through the definition, on scenes drawn at random."""

from __future__ import annotations

import numpy as np
import pytest

from inference.pose.posetrack.ap import joint_figures
from inference.pose.posetrack.match import match
from inference.pose.posetrack.prepare import pairs
from inference.pose.posetrack.read import read_predictions, read_set
from inference.skeleton import POSETRACK15, POSETRACK17
from tests.inference.pose.posetrack.scenes import content, found, image, joints, wanted, write

REGION = {"ignore_regions_x": [[150, 420, 300]], "ignore_regions_y": [[90, 150, 420]]}
JOINTS = [POSETRACK17.index(name) for name in POSETRACK15.joints]


def draw(rng: np.random.Generator, images: int) -> tuple[list[dict], list[dict]]:
    """Crowded frames: people 20 to 60 px apart, poses that tremble, miss joints or are false."""
    truth, poses = [], []
    for number in range(images):
        for _ in range(rng.integers(0, 5)):
            own = joints(*rng.uniform(60, 260, 2))
            own[rng.random(17) < 0.15] = 0
            if not own[JOINTS].any():
                continue
            truth.append(wanted(number, own, bbox_head=[0, 0, *rng.uniform(20, 60, 2)]))
            for _ in range(rng.integers(0, 3)):
                pose = joints(*rng.uniform(60, 260, 2)) if rng.random() < 0.2 else own.copy()
                there = pose.any(axis=1)
                pose[there, :2] += rng.normal(0, 5, (there.sum(), 2))
                scores = rng.random(17).tolist()
                poses.append(found(number, pose, scores=scores))
    return truth, poses


def inside(x: float, y: float) -> bool:
    """Whether a point is on one side of all three edges of the region."""
    corners = list(zip(REGION["ignore_regions_x"][0], REGION["ignore_regions_y"][0], strict=True))
    sides = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        sides.append((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0))
    return all(side > 0 for side in sides) or all(side < 0 for side in sides)


def bodies(entries: list[dict], number: int) -> list[tuple[dict, list]]:
    """People of a frame with their joints outside the region, in PoseTrack-15's order."""
    kept = []
    for entry in entries:
        if entry["image_id"] != number:
            continue
        rows = np.array(entry["keypoints"]).reshape(17, 3)
        points = [rows[j] if rows[j].any() and not inside(*rows[j][:2]) else None for j in JOINTS]
        others = [row for row in rows if row.any() and not inside(*row[:2])]
        if others:
            kept.append((entry, points))
    return kept


def plain_ap(truth: list[dict], poses: list[dict], images: int) -> list[float]:
    detections = [[] for _ in JOINTS]
    count = [0] * len(JOINTS)
    for number in range(images):
        if not any(entry["image_id"] == number for entry in truth):
            continue
        people, guesses = bodies(truth, number), bodies(poses, number)
        near = {}
        share = np.zeros((len(guesses), len(people)))
        for g, (_, pose) in enumerate(guesses):
            for p, (entry, own) in enumerate(people):
                head = 0.6 * np.hypot(*entry["bbox_head"][2:])
                near[g, p] = [
                    a is not None and b is not None and np.hypot(*(a - b)[:2]) / head <= 0.5
                    for a, b in zip(pose, own, strict=True)
                ]
                share[g, p] = sum(near[g, p]) / max(1, sum(b is not None for b in own))
        owner = {}
        for p in range(len(people)):
            rivals = [g for g in range(len(guesses)) if int(share[g].argmax()) == p]
            rivals = [g for g in rivals if share[g, p] > 0]
            if rivals:
                owner[max(rivals, key=lambda g: (share[g, p], -g))] = p
        for g, (entry, pose) in enumerate(guesses):
            for j, point in enumerate(pose):
                if point is not None:
                    right = g in owner and near[g, owner[g]][j]
                    detections[j].append((entry["scores"][JOINTS[j]], right))
        for _, own in people:
            for j, point in enumerate(own):
                count[j] += point is not None
    return [_area(found, total) for found, total in zip(detections, count, strict=True)]


def _area(found: list[tuple[float, bool]], total: int) -> float:
    """Each right detection adds 1 / total times the best precision at or after it."""
    ordered = [right for _, right in sorted(found, key=lambda one: -one[0])]
    precisions = [sum(ordered[: i + 1]) / (i + 1) for i in range(len(ordered))]
    steps = [max(precisions[i:]) for i, right in enumerate(ordered) if right]
    return 100 * sum(steps) / total


@pytest.mark.parametrize("seed", range(4))
def test_ap_is_that_of_the_definition(tmp_path, seed):
    rng, count = np.random.default_rng(seed), 25
    truth, poses = draw(rng, count)
    images = [image(number, **REGION) for number in range(count)]
    one = read_set(write(tmp_path / "t.json", content(images, truth)))
    two = read_predictions(write(tmp_path / "p.json", content(images, poses)), one)
    ours = joint_figures(match(pair) for pair in pairs(one, two)).ap
    np.testing.assert_allclose(ours, plain_ap(truth, poses, count), atol=1e-9)
    assert 20 < ours.mean() < 80
