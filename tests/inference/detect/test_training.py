"""Training learns, repeats exactly, goes on where it was stopped, and measures rightly."""

import json

import numpy as np
import pytest
import torch

from inference.detect import dataset
from inference.detect.augment import AugmentConfig, Mixer
from inference.detect.config import DetectorConfig
from inference.detect.dataset import People, Picture, Scene
from inference.detect.evaluate import compare
from inference.detect.light import LightConfig
from inference.detect.network import Detector
from inference.detect.train import TrainConfig, Trainer
from inference.errors import BadInput, Cancelled

TINY = DetectorConfig(input_size=(64, 48), planes=6, widths=(4, 8, 16, 16, 16), neck=16)
PLAIN = TrainConfig(steps=6, batch=4, log_every=2, save_every=3, bfloat16=False)


def scenes(count=6):
    """Clips of a light upright on dark ground that goes to the right."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(count):
        frames = rng.integers(8, 20, (4, 96, 128, 3), np.uint8)
        x, y = int(rng.integers(5, 60)), int(rng.integers(5, 40))
        people = []
        for t in range(4):
            left = x + 4 * t
            frames[t, y : y + 50, left : left + 20] = 60
            people.append(People.of(np.array([[left, y, left + 20, y + 50]], np.float32)))
        boxes = [each.boxes for each in people]
        place = dataset.place_of(frames, boxes, least_width=20)
        made.append(Scene(frames, tuple(people), np.arange(4), place))
    return made


def pictures():
    pixels = np.full((60, 40, 3), 200, np.uint8)
    pixels[10:50, 12:28] = 90
    outline = np.zeros((60, 40), np.uint8)
    outline[10:50, 12:28] = 255
    joints = np.full((17, 3), 0.9, np.float32)
    joints[:, :2] = [20, 30]
    return [Picture(pixels, np.array([12, 10, 28, 50], np.float32), joints, outline)]


def mixer(seed=0, **config):
    return Mixer(scenes(), pictures(), scenes(2), (64, 48), AugmentConfig(**config), seed)


def trainer(folder, config=PLAIN, **given):
    torch.manual_seed(0)
    given = {"on_log": lambda line: None, **given}
    return Trainer(Detector(TINY), mixer(), config, checkpoint=folder / "d.ckpt", **given)


def test_samples_follow_from_seed_and_number():
    one, two, other = mixer(1), mixer(1), mixer(2)
    for index in range(12):
        first, second = one.sample(index), two.sample(index)
        for name in ("colour", "before", "after"):
            assert np.array_equal(getattr(first.moment, name), getattr(second.moment, name))
        assert np.array_equal(first.people.boxes, second.people.boxes)
    assert not np.array_equal(one.sample(0).moment.colour, other.sample(0).moment.colour)


@pytest.mark.parametrize(
    "shares",
    [
        {"clips": 1.0, "composed": 0.0, "pictures": 0.0, "joined": 0.0},
        {"clips": 1.0, "composed": 0.0, "pictures": 0.0, "joined": 1.0},
        {"clips": 0.0, "composed": 1.0, "pictures": 0.0, "hidden": (1.0, 1.0)},
        {"clips": 0.0, "composed": 0.0, "pictures": 1.0},
        {"clips": 0.0, "composed": 0.0, "pictures": 0.0},
    ],
)
def test_every_kind_of_sample_keeps_its_boxes_inside(shares):
    drawn = [mixer(3, **shares).sample(i) for i in range(30)]
    for sample in drawn:
        assert sample.moment.colour.shape == (48, 64, 3)
        assert sample.moment.before.shape == sample.moment.after.shape == (48, 64)
        assert sample.moment.colour.dtype == sample.moment.before.dtype == np.uint8
    people = [sample.people for sample in drawn]
    boxes = np.concatenate([each.boxes[each.sure] for each in people])
    assert len(boxes) > 15
    assert boxes.min() >= 0
    assert (boxes <= [64, 48, 64, 48]).all()
    assert (boxes[:, 2:] > boxes[:, :2]).all()


def in_plain_light(**config):
    light = LightConfig(clean=1.0, dark_stops=(0, 0), cast=0, grey=0, blurred=0, compressed=0)
    shares = {"clips": 1.0, "composed": 0.0, "pictures": 0.0, "joined": 0.0}
    return mixer(5, **{**shares, "hidden": (0, 0), "light": light, **config})


def test_boxes_move_with_their_people():
    """Without darkness and noise, the light upright lies inside its box after every move."""
    for index in range(40):
        sample = in_plain_light(fine=0.0).sample(index)
        light = sample.moment.colour.mean(axis=2) > 35
        for x0, y0, x1, y1 in np.rint(sample.people.boxes).astype(int):
            inside = light[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1]
            assert not inside.size or inside.mean() > 0.85


def test_neighbours_of_real_clips_show_the_movement():
    plain = in_plain_light(fine=0.0, still=0.0, zoom=(1.0, 1.0))
    changed = 0
    for index in range(20):
        moment = plain.sample(index).moment
        changed += bool((np.abs(moment.before.astype(int) - moment.after) > 25).any())
    assert changed >= 15


def test_a_still_picture_is_its_own_neighbour():
    light = LightConfig(clean=1.0)
    for index in range(8):
        moment = mixer(4, still=1.0, light=light, fine=0.0).sample(index).moment
        assert np.array_equal(moment.before, moment.after)


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
        "precision_beside": 33.33,
        "main_recall": 100.0,
        "boxes": 2,
        "frames": 1,
    }
    empty = np.zeros((0, 4), np.float32)
    assert compare([empty], want).as_dict()["recall"] == 0.0
    assert compare(got, [empty]).as_dict()["precision"] == 0.0
    both = compare([*got, *got], [*want, empty]).as_dict()
    assert (both["precision"], both["precision_beside"]) == (16.67, 33.33)


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
    assert [len(scene.frames) for scene in loaded] == [2]
    assert [len(people.boxes) for people in loaded[0].people] == [1, 1]
    with pytest.raises(BadInput):
        dataset.held_out_takes(tmp_path, 3)
    with pytest.raises(BadInput):
        dataset.load_scenes(tmp_path / "nowhere", lambda path: frames, takes)
