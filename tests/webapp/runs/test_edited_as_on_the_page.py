"""Training sees people as the page shows them: both sides are held to the same cases."""

import json
from pathlib import Path

import numpy as np
import pytest

from webapp.runs.edited_poses import edited

SHARED = json.loads((Path(__file__).parents[2] / "data" / "edited_poses.json").read_text())
K = len(SHARED["joints"])


def walkers(ranges):
    """Boxes and joints of people at x = 100 person + frame, each in a range of frames."""
    frames = SHARED["frames"]
    boxes = np.full((len(ranges), frames, 4), np.nan, np.float32)
    keypoints = np.full((len(ranges), frames, K, 3), np.nan, np.float32)
    for person, (start, end) in enumerate(ranges):
        x = 100 * person + np.arange(start, end)
        boxes[person, start:end] = np.stack([x - 5, 0 * x, x + 5, 0 * x + 20], axis=-1)
        keypoints[person, start:end, :, 0] = x[:, None]
        keypoints[person, start:end, :, 1] = 10 * np.arange(K)
        keypoints[person, start:end, :, 2] = 0.7
    return boxes, keypoints


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: case["name"])
def test_the_server_shows_the_same_as_the_page(case):
    poses = []
    for pose in case["poses"]:
        person, frame = map(int, pose["target"].split(":"))
        poses.append(pose | {"person": person, "frame": frame})
    estimates = {}
    if given := case.get("estimate"):
        start, end = given["start"], given["start"] + given["frames"]
        boxes, keypoints = walkers([(start, end)])
        estimates[given["id"]] = (start, boxes[0, start:end], keypoints[0, start:end])
    base = walkers([(0, end) for end in SHARED["gone"]])
    boxes, keypoints, persons = edited(*base, SHARED["joints"], poses, case["tracks"], estimates)
    for person, frame, xs in case["shown"]:
        row = persons.index(person)
        there = np.isfinite(boxes[row, frame]).all()
        found = keypoints[row, frame, :, 0].tolist() if there else None
        assert found == xs, f"person {person} in frame {frame}"
