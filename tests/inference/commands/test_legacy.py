"""``legacy`` reads and writes what the published program does, and loses no clip."""

from __future__ import annotations

import json
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from inference.__main__ import main
from inference.classify.legacy import LegacyClassifier, LegacyHead
from inference.commands.legacy_vectors import describe_published, is_official
from inference.poses_file import save_poses
from inference.skeleton import POSETRACK17
from inference.types import Detections, Poses, Tracks
from tests.inference.fakes import fake_pipeline
from tests.inference.pose.parity import SHARED, needs_shared
from tests.inference.test_pipeline import clip_of, written

ACTIONS = {0: "Jump", 3: "Walk"}


def poses_of(keypoints: np.ndarray, name: str = "posetrack17") -> Poses:
    """One person, [T, 17, 3], in every frame."""
    length = len(keypoints)
    boxes = np.ones((1, length, 4), np.float32)
    tracks = Tracks(boxes, boxes[..., 0].copy(), np.zeros((1, length), bool))
    times = np.arange(length) / 30
    return Poses(tracks, keypoints[None], name, Fraction(30), (320, 240), times)


def skeletons(number: int, length: int, seed: int) -> np.ndarray:
    """A body of its class's own shape that trembles."""
    shape = np.random.default_rng(number).uniform(0, 90, (17, 3))
    noise = np.random.default_rng([seed, 1]).normal(0, 2, (length, 17, 3))
    return (shape + noise).astype(np.float32)


@pytest.fixture
def root(tmp_path):
    """Eight clips of two classes as stored skeletons, three to predict; one is too short."""
    (tmp_path / "poses").mkdir()
    lines = []
    for index in range(8):
        number = (0, 3)[index % 2]
        name = f"{ACTIONS[number]}_{index // 4}_{index}"
        length = 20 if index == 7 else 60
        save_poses(tmp_path / "poses" / f"{name}.npz", poses_of(skeletons(number, length, index)))
        lines.append(f"{index}\t{number}\t{ACTIONS[number]}/{name}.mp4\n")
    (tmp_path / "train.txt").write_text("".join(lines))
    (tmp_path / "input" / "predict").mkdir(parents=True)
    for name, number in (("10.x", 0), ("9", 3), ("2", 3)):
        (tmp_path / "input" / "predict" / f"{name}.mp4").touch()
        save_poses(tmp_path / "poses" / f"{name}.npz", poses_of(skeletons(number, 60, 50)))
    return tmp_path


@pytest.fixture
def legacy(root, capsys):
    """Runs the command on stored skeletons; returns status, stdout, stderr."""

    def run(action, *words, poses=True):
        stored = ["--poses", str(root / "poses")] if poses else []
        status = main(["legacy", action, "--root", str(root), *stored, *map(str, words)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def lines(root, name="output.txt"):
    return (root / name).read_text().splitlines()


@needs_shared
def test_the_published_head_predicts_the_published_logits(root, legacy):
    """Its own figures, whole pixels: each clip's label is that of the highest logit."""
    figures = np.load(SHARED / "seed_mlp.npz")
    keypoints = np.trunc(figures["keypoints17"]).astype(np.float32)
    for clip in (root / "input" / "predict").iterdir():
        clip.unlink()
    for index, row in enumerate(keypoints):
        (root / "input" / "predict" / f"clip{index}.mp4").touch()
        spread = np.repeat(row, 5, axis=0)
        save_poses(root / "poses" / f"clip{index}.npz", poses_of(spread))
    status, _, err = legacy("predict", "--head", SHARED / "seed_mlp.pth")
    assert (status, err) == (0, "")
    head = LegacyHead.load(SHARED / "seed_mlp.pth")
    names = [str(name) for name in figures["names17"]]
    assert names == list(POSETRACK17.joints)
    if np.abs(keypoints[..., :2] - figures["keypoints17"][..., :2]).max() == 0:
        expected = figures["logits_from_keypoints17"].argmax(axis=1)
    else:
        from inference.features.legacy import offsets_from_head

        offsets = offsets_from_head(keypoints, POSETRACK17).reshape(len(keypoints), -1)
        expected = head.logits(offsets).argmax(axis=1)
    assert lines(root) == [f"clip{i}\t{label}" for i, label in enumerate(expected)]


def test_train_and_predict_as_published(root, legacy):
    status, out, err = legacy("train", "--out", root / "head.safetensors", "--epochs", "30")
    figures = json.loads(out)
    assert status == 0
    assert (figures["clips"], figures["dropped"], figures["epoch"]) == (7, 1, 30)
    assert figures["train_accuracy"] == 1
    assert figures["validate_accuracy"] is None
    assert "Walk_1_7.mp4: 4 of 10 skeletons, dropped" in err
    card = json.loads((root / "head.json").read_text())
    assert (card["features"], card["numbers"]) == ("as-published", [0, 3])
    assert card["labels"] == {"0": "Jump", "3": "Walk"}
    assert card["recipe"]["clips_dropped"] == ["Walk/Walk_1_7.mp4"]
    assert legacy("predict", "--head", root / "head.safetensors")[0] == 0
    assert lines(root) == ["2\t3", "9\t3", "10\t0"]
    words = ["--head", root / "head.safetensors", "--write", "names", "--out", root / "named.txt"]
    assert legacy("predict", *words)[0] == 0
    assert lines(root, "named.txt") == ["2\tWalk", "9\tWalk", "10\tJump"]


def test_train_and_predict_corrected(root, legacy):
    out = root / "head.safetensors"
    status, told, err = legacy("train", "--corrected", "--out", out, "--epochs", "40")
    figures = json.loads(told)
    assert (status, figures["clips"], figures["dropped"]) == (0, 8, 0)
    assert figures["train_accuracy"] == 1
    assert "dropped" not in err
    assert LegacyClassifier.load(out).way == "corrected"
    assert legacy("predict", "--head", out)[0] == 0
    assert lines(root) == ["2\tWalk", "9\tWalk", "10\tJump"]
    status, _, err = legacy("predict", "--head", out, "--as-published")
    assert (status, "was trained on corrected features" in err) == (2, True)


def test_a_published_head_has_no_corrected_features(root, legacy):
    torch.save({"state_dict": LegacyHead().state_dict()}, root / "head.pth")
    status, _, err = legacy("predict", "--head", root / "head.pth", "--corrected")
    assert (status, "was trained on as-published features" in err) == (2, True)


def test_short_clips_are_filled_with_zeros_as_published_and_said(root, legacy):
    torch.save({"state_dict": LegacyHead().state_dict()}, root / "head.pth")
    save_poses(root / "poses" / "2.npz", poses_of(skeletons(3, 11, 0)))
    status, _, err = legacy("predict", "--head", root / "head.pth")
    assert status == 0
    assert "2.mp4: 3 of 10 skeletons, zeros for the others" in err
    assert len(lines(root)) == 3


def test_bad_clips_do_not_stop_the_others(root, legacy):
    torch.save({"state_dict": LegacyHead().state_dict()}, root / "head.pth")
    (root / "poses" / "9.npz").write_bytes(b"nothing")
    (root / "poses" / "Jump_0_0.npz").unlink()
    status, _, err = legacy("predict", "--head", root / "head.pth")
    assert (status, "9.mp4: unreadable" in err) == (2, True)
    assert [line.split("\t")[0] for line in lines(root)] == ["2", "9", "10"]
    assert lines(root)[1] == "9\t-"
    status, out, err = legacy("train", "--out", root / "h.safetensors", "--epochs", "1")
    assert (status, "Jump_0_0.mp4: unreadable" in err) == (2, True)
    assert json.loads(out)["bad"] == 1
    assert LegacyClassifier.load(root / "h.safetensors").numbers == (0, 3)


def test_a_table_names_the_classes(root, legacy):
    torch.save({"state_dict": LegacyHead().state_dict()}, root / "head.pth")
    (root / "names.txt").write_text("".join(f"{n} action {n}\n" for n in range(10)))
    legacy("predict", "--head", root / "head.pth", "--names", root / "names.txt")
    assert all(line.split("\t")[1].startswith("action ") for line in lines(root))
    legacy(
        "predict", "--head", root / "head.pth", "--names", root / "names.txt", "--write", "numbers"
    )
    assert all(line.split("\t")[1].isdecimal() for line in lines(root))


def test_clips_of_a_validation_list_are_measured_on(root, legacy):
    save_poses(root / "poses" / "v.npz", poses_of(skeletons(3, 60, 70)))
    (root / "validate.txt").write_text("0 3 v.mp4\n")
    words = ["--out", root / "h.safetensors", "--epochs", "30"]
    figures = json.loads(legacy("train", *words)[1])
    assert (figures["validate_clips"], figures["validate_accuracy"]) == (1, 1.0)
    card = json.loads((root / "h.json").read_text())
    assert card["curves"][-1]["held_out_accuracy"] == 1


def test_clips_that_no_line_names_are_said(root, legacy):
    (root / "input" / "train" / "Jump").mkdir(parents=True)
    (root / "input" / "train" / "Jump" / "other.mp4").touch()
    _, _, err = legacy("train", "--out", root / "h.safetensors", "--epochs", "1")
    assert "other.mp4: not in the list, passed over" in err


def test_bad_arguments_and_lists_are_told_before_any_work(root, legacy):
    status, _, err = legacy("train", "--out", root / "h.pth")
    assert (status, "end in .safetensors" in err) == (2, True)
    (root / "train.txt").write_text("0 Jump a.mp4\n")
    status, _, err = legacy("train", "--out", root / "h.safetensors")
    assert (status, "line 1: expected a class number" in err) == (2, True)
    status, _, err = legacy("predict", "--head", root / "absent.pth")
    assert (status, "absent.pth" in err) == (1, True)


class SurestBox:
    """Two people from frame 2 on, the surer one at x = number of the frame."""

    def detect(self, frames):
        nobody = Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
        found = [nobody] * 2
        for t in range(2, len(frames)):
            boxes = np.array([[90, 0, 99, 9], [t, 0, t + 9, 9]], np.float32)
            found.append(Detections(boxes, np.array([0.5, 0.9], np.float32)))
        return found


class CornerPose:
    """Joints on the box's corner plus their number; remembers what it saw."""

    network_config = SimpleNamespace(skeleton="posetrack17")

    def skeletons(self, frames, frame, boxes_xyxy):
        self.frame, self.boxes, self.blue = frame.tolist(), boxes_xyxy, frames[0, 0, 0, 2]
        points = np.zeros((len(frame), 17, 3), np.float32)
        points[..., 0] = boxes_xyxy[:, :1] + np.arange(17) + 0.75
        return points


@pytest.mark.parametrize("swap", [False, True])
def test_the_surest_box_of_every_fifth_of_the_first_fifty_frames_is_taken(make_video, swap):
    path, pose = make_video(frames=60), CornerPose()
    described = describe_published(path, SurestBox(), pose, swap_colours=swap)
    assert described.skeletons == 10
    assert pose.frame == list(range(2, 52, 5))
    np.testing.assert_array_equal(pose.boxes[:, 0], pose.frame)
    vector = described.vector.reshape(10, 14, 2)
    np.testing.assert_array_equal(vector[:, -1, 0], -2)


def test_an_empty_clip_is_all_zeros_as_published(make_video):
    described = describe_published(
        make_video(frames=2), SurestBox(), CornerPose(), swap_colours=False
    )
    assert described.skeletons == 0
    assert not described.vector.any()


def test_networks_that_are_not_ours_are_known_by_their_card(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"config": {"preprocessing": "standardise"}}))
    (tmp_path / "b.json").write_text(json.dumps({"config": {"skeleton": "posetrack17"}}))
    assert not is_official(tmp_path / "a.safetensors")
    assert is_official(tmp_path / "b.safetensors")


def test_corrected_clips_go_through_the_pipeline_once(tmp_path, monkeypatch, root, legacy):
    """The longest track is described and kept; nobody in a clip is said and no error."""
    pipeline = fake_pipeline(tmp_path)
    monkeypatch.setattr("inference.commands.legacy_vectors.load_pipeline", lambda args: pipeline)
    legacy("train", "--corrected", "--out", root / "h.safetensors", "--epochs", "2")
    clips = root / "clips"
    clips.mkdir()
    written(clips, clip_of(), "walk.mp4")
    written(clips, clip_of(0), "empty.mp4")
    words = ["--head", root / "h.safetensors", "--input", clips, "--work", root / "work"]
    status, _, err = legacy("predict", *words, poses=False)
    assert (status, "empty.mp4: nobody found" in err) == (0, True)
    assert lines(root)[0] == "empty\t-"
    assert lines(root)[1].split("\t")[1] in ACTIONS.values()
    before = lines(root)
    monkeypatch.setattr(pipeline, "poses", lambda path: pytest.fail("not kept"))
    assert legacy("predict", *words, poses=False)[0] == 0
    assert lines(root) == before
