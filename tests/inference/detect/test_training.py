"""Training learns, repeats exactly, goes on where it was stopped, and measures rightly."""

import json

import cv2
import numpy as np
import pytest
import torch

from inference.detect import dataset
from inference.detect.augment import AugmentConfig, Mixer
from inference.detect.config import DetectorConfig
from inference.detect.dataset import Picture, Scene
from inference.detect.evaluate import compare
from inference.detect.network import Detector
from inference.detect.train import TrainConfig, Trainer
from inference.errors import BadInput, Cancelled

TINY = DetectorConfig(input_size=(64, 48), widths=(4, 8, 16, 16, 16), neck=16)
PLAIN = TrainConfig(steps=6, batch=4, log_every=2, save_every=3, bfloat16=False)


def scenes(count=6):
    """Light uprights on dark ground."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(count):
        pixels = rng.integers(8, 20, (96, 128, 3), np.uint8)
        x, y = rng.integers(5, 90), rng.integers(5, 40)
        pixels[y : y + 50, x : x + 20] = 60
        made.append(Scene(pixels, np.array([[x, y, x + 20, y + 50]], np.float32)))
    return made


def pictures():
    pixels = np.full((60, 40, 3), 200, np.uint8)
    pixels[10:50, 12:28] = 90
    _, data = cv2.imencode(".jpg", pixels)
    return [Picture(data.tobytes(), np.array([12, 10, 28, 50], np.float32))]


def mixer(seed=0, **config):
    return Mixer(scenes(), pictures(), scenes(2), (64, 48), AugmentConfig(**config), seed)


def trainer(folder, config=PLAIN, **given):
    torch.manual_seed(0)
    given = {"on_log": lambda line: None, **given}
    return Trainer(Detector(TINY), mixer(), config, checkpoint=folder / "d.ckpt", **given)


def test_samples_follow_from_seed_and_number():
    one, two, other = mixer(1), mixer(1), mixer(2)
    for index in range(12):
        assert np.array_equal(one.sample(index).pixels, two.sample(index).pixels)
        assert np.array_equal(one.sample(index).boxes, two.sample(index).boxes)
    assert not np.array_equal(one.sample(0).pixels, other.sample(0).pixels)


@pytest.mark.parametrize(
    "shares",
    [
        {"clips": 1.0, "pasted": 0.0},
        {"clips": 1.0, "pasted": 1.0},
        {"clips": 0.0, "pictures": 1.0},
        {"clips": 0.0, "pictures": 0.0},
    ],
)
def test_every_kind_of_sample_keeps_its_boxes_inside(shares):
    drawn = [mixer(3, **shares).sample(i) for i in range(30)]
    assert all(s.pixels.shape == (48, 64, 3) and s.pixels.dtype == np.uint8 for s in drawn)
    boxes = np.concatenate([s.boxes for s in drawn])
    assert len(boxes) > 15
    assert boxes.min() >= 0
    assert (boxes <= [64, 48, 64, 48]).all()
    assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_boxes_move_with_their_people():
    """Without darkness and noise, the light upright lies inside its box after every move."""
    plain = mixer(
        5, clips=1.0, pasted=0.0, clean=1.0, dark_stops=(0, 0), cast=0, blurred=0, compressed=0
    )
    for index in range(40):
        sample = plain.sample(index)
        light = sample.pixels.mean(axis=2) > 35
        for x0, y0, x1, y1 in np.rint(sample.boxes).astype(int):
            inside = light[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1]
            assert not inside.size or inside.mean() > 0.85


def test_the_loss_falls(tmp_path):
    lines = []
    config = TrainConfig(steps=30, batch=4, log_every=3, bfloat16=False, rate=6e-3)
    trainer(tmp_path, config, on_log=lines.append).run()
    first = np.mean([line["heat_loss"] + line["box_loss"] for line in lines[:2]])
    last = np.mean([line["heat_loss"] + line["box_loss"] for line in lines[-3:]])
    assert last < 0.75 * first


def test_a_stopped_run_goes_on_to_the_same_end(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole = trainer(tmp_path / "a").run()
    asked = iter([False, False, True])
    stopped = trainer(tmp_path / "b", is_cancelled=lambda: next(asked))
    with pytest.raises(Cancelled):
        stopped.run()
    again = trainer(tmp_path / "b")
    again.resume()
    assert again.steps_done == 3
    parts = again.run()
    assert all(torch.allclose(whole[k].float(), parts[k].float(), atol=1e-5) for k in whole)


def test_going_on_without_a_checkpoint_is_refused(tmp_path):
    with pytest.raises(BadInput):
        trainer(tmp_path).resume()
    (tmp_path / "d.ckpt").write_bytes(b"nothing")
    with pytest.raises(BadInput):
        trainer(tmp_path).resume()


def test_boxes_are_matched_one_to_one():
    want = [np.array([[0, 0, 10, 20], [30, 0, 50, 40]], np.float32)]
    got = [np.array([[31, 1, 50, 40], [30, 0, 50, 40], [90, 0, 99, 9]], np.float32)]
    assert compare(got, want).as_dict() == {
        "recall": 50.0,
        "precision": 33.33,
        "main_recall": 100.0,
        "boxes": 2,
        "frames": 1,
    }
    empty = np.zeros((0, 4), np.float32)
    assert compare([empty], want).as_dict()["recall"] == 0.0
    assert compare(got, [empty]).as_dict()["precision"] == 0.0


def test_held_out_takes_never_join(tmp_path):
    clips, teacher = tmp_path / "arid" / "train" / "Run", tmp_path / "teacher" / "train"
    clips.mkdir(parents=True)
    teacher.mkdir(parents=True)
    for name in ("Run_1_1", "Run_1_2", "Run_2_1", "Run_3_1"):
        (clips / f"{name}.mp4").touch()
        boxes = np.full((1, 4, 4), 5, np.float32)
        boxes[0, 1] = np.nan
        np.savez(teacher / f"{name}.npz", boxes_xyxy=boxes, fallback=name == "Run_3_1")
    folds = {"class_complete_splits": [["Run_1"]]}
    (tmp_path / "arid" / "train_folds.json").write_text(json.dumps(folds))
    takes = dataset.held_out_takes(tmp_path, 0)
    assert takes == {"Run_1"}
    assert dataset.held_out_takes(tmp_path, None) == frozenset()
    learnt = [clip.stem for clip, _ in dataset.clips_of(tmp_path, takes)]
    measured = [clip.stem for clip, _ in dataset.clips_of(tmp_path, takes, only=True)]
    assert (learnt, measured) == (["Run_2_1"], ["Run_1_1", "Run_1_2"])
    frames = np.zeros((4, 8, 8, 3), np.uint8)
    loaded = dataset.load_scenes(tmp_path, lambda path: frames, takes)
    assert [len(scene.boxes) for scene in loaded] == [1, 1]
    with pytest.raises(BadInput):
        dataset.held_out_takes(tmp_path, 3)
    with pytest.raises(BadInput):
        dataset.load_scenes(tmp_path / "nowhere", lambda path: frames, takes)
