"""What is learned from edited skeletons is what the page shows: both sides on random edits."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from webapp.runs.edited_poses import edited

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("nose", "left_hip", "right_hip")
FRAMES, PEOPLE, CASES = 14, 3, 60
FIRST_ADDED = 1_000_000


def test_the_page_and_the_training_see_the_same_people():
    rng = np.random.default_rng(5)
    cases = [random_case(rng) for _ in range(CASES)]
    for case, page in zip(cases, ask_the_page(cases), strict=True):
        boxes, joints, persons = edited(
            case["boxes"], case["joints"], NAMES, case["poses"], case["tracks"], case["estimates"]
        )
        assert persons == [person for person, _ in page]
        for row, (_, frames) in enumerate(page):
            seen_boxes, seen_joints = as_arrays(frames)
            np.testing.assert_allclose(boxes[row], seen_boxes, atol=1e-3)
            np.testing.assert_allclose(joints[row], seen_joints, atol=1e-3)


def random_case(rng):
    boxes, joints = people(rng, PEOPLE, FRAMES)
    tracks = track_changes(rng)
    start = int(rng.integers(0, FRAMES - 4))
    found_boxes, found_joints = people(rng, 1, 4, always=True)
    sources = [*range(PEOPLE), *(t["person"] for t in tracks if t["kind"] == "add")]
    return {
        "frames": FRAMES,
        "names": NAMES,
        "boxes": boxes,
        "joints": joints,
        "tracks": tracks,
        "poses": pose_edits(rng, sources),
        "estimates": {1: (start, found_boxes[0], found_joints[0])} if rng.random() < 0.7 else {},
    }


def people(rng, count, frames, *, always=False):
    """Each is there for a stretch of the frames, somewhere."""
    boxes = np.full((count, frames, 4), np.nan, np.float32)
    joints = np.full((count, frames, len(NAMES), 3), np.nan, np.float32)
    for person in range(count):
        start, end = (0, frames) if always else sorted(rng.integers(0, frames + 1, 2))
        boxes[person, start:end] = rng.uniform(0, 60, (end - start, 4))
        joints[person, start:end] = rng.uniform(0, 1, (end - start, len(NAMES), 3)) * (60, 40, 1)
    return boxes, joints


def track_changes(rng):
    persons, changes = list(range(PEOPLE)), []
    for order in range(int(rng.integers(0, 5))):
        kind = str(rng.choice(["add", "delete", "merge", "split", "swap"]))
        one, two = (int(p) for p in rng.choice(persons, 2, replace=False))
        fresh = FIRST_ADDED + order
        change = {
            "target": f"t{order}",
            "kind": kind,
            "person": fresh if kind == "add" else one,
            "other": {"split": fresh, "merge": two, "swap": two}.get(kind),
            "frame": int(rng.integers(0, FRAMES)),
            "box_xyxy": [1, 2, 30, 40] if kind == "add" else None,
            "estimate": 1 if kind == "add" else None,
            "order": order,
        }
        if kind in ("add", "split"):
            persons.append(fresh)
        changes.append(change)
    return changes


def pose_edits(rng, sources):
    edits = {}
    for _ in range(int(rng.integers(0, 9))):
        source, frame = int(rng.choice(sources)), int(rng.integers(0, FRAMES))
        moved = rng.choice(NAMES, int(rng.integers(1, len(NAMES) + 1)), replace=False)
        edits[source, frame] = {
            "target": f"{source}:{frame}",
            "person": source,
            "frame": frame,
            "keyframe": bool(rng.random() < 0.8),
            "tween": bool(rng.random() < 0.6),
            "joints": {
                str(name): [
                    *(float(x) for x in rng.uniform(0, 60, 2)),
                    str(rng.choice(["seen", "occluded", "outside"])),
                ]
                for name in moved
            },
        }
    return list(edits.values())


def ask_the_page(cases):
    """What the page's own module shows, run by Deno."""
    sent = json.dumps([as_json(case) for case in cases])
    command = [str(Path(sys.executable).with_name("deno")), "run", "--quiet", "--no-prompt"]
    answer = subprocess.run(
        [*command, "tests/js/skeleton_shown.js"],
        cwd=ROOT, input=sent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def as_json(case):
    estimates = {
        key: {"start": start, "boxes": plain(boxes), "joints": plain(joints)}
        for key, (start, boxes, joints) in case["estimates"].items()
    }
    arrays = {"boxes": plain(case["boxes"]), "joints": plain(case["joints"])}
    return case | arrays | {"estimates": estimates}


def plain(array):
    """Lists with null where there is no number."""
    return np.where(np.isnan(array), None, array.astype(np.float64)).tolist()


def as_arrays(frames):
    boxes = np.full((FRAMES, 4), np.nan, np.float32)
    joints = np.full((FRAMES, len(NAMES), 3), np.nan, np.float32)
    for frame, pose in enumerate(frames):
        if pose is None:
            continue
        boxes[frame] = pose["box"] or np.nan
        for k, joint in enumerate(pose["joints"]):
            joints[frame, k] = joint or np.nan
    return boxes, joints
