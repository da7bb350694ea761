"""The detector loads what was saved, takes frames of any size, and can be stopped."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from inference.config import WEIGHTS
from inference.detect.config import DecodeConfig, DetectorConfig
from inference.detect.detector import PersonDetector, config_for_card
from inference.detect.network import Detector
from inference.errors import Cancelled, ModelError
from inference.weights_file import save_weights

TINY = DetectorConfig(input_size=(64, 48), widths=(4, 4, 8, 8, 8), neck=8)


@pytest.fixture
def saved(tmp_path):
    torch.manual_seed(0)
    state = {
        k: v.half() if v.is_floating_point() else v for k, v in Detector(TINY).state_dict().items()
    }
    save_weights(tmp_path / "d.safetensors", state, {"config": config_for_card(TINY)})
    return tmp_path / "d.safetensors"


@pytest.mark.parametrize(
    "shape", [(3, 48, 64, 3), (1, 1080, 1920, 3), (2, 31, 17, 3), (0, 9, 9, 3)]
)
def test_frames_of_any_size_give_one_answer_each(saved, shape):
    detector = PersonDetector.load(saved, decode=DecodeConfig(min_score=0.0))
    found = detector.detect(np.full(shape, 20, np.uint8))
    assert len(found) == shape[0]
    for each in found:
        assert (each.boxes_xyxy[:, 0::2] <= shape[2] - 0.5).all()
        assert (each.boxes_xyxy[:, 1::2] <= shape[1] - 0.5).all()
        assert (np.diff(each.scores) <= 0).all()


def test_batches_do_not_change_the_answer(saved):
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 255, (19, 48, 64, 3), np.uint8)
    detector = PersonDetector.load(saved, decode=DecodeConfig(min_score=0.0))
    together = detector.detect(frames)
    alone = [detector.detect(frames[i : i + 1])[0] for i in range(19)]
    for one, two in zip(together, alone, strict=True):
        assert one.scores == pytest.approx(two.scores, abs=1e-4)


def with_neighbours(planes=6):
    torch.manual_seed(1)
    config = replace(TINY, planes=planes, distance=2)
    return PersonDetector(Detector(config), DecodeConfig(min_score=0.0))


def test_wanted_frames_of_a_chunk_with_context_are_as_in_the_whole_clip():
    frames = np.random.default_rng(0).integers(0, 60, (14, 48, 64, 3), np.uint8)
    detector = with_neighbours()
    whole = detector.detect(frames)
    chunk = detector.detect(frames[3:12], at=[2, 4, 6])
    for one, two in zip(chunk, [whole[5], whole[7], whole[9]], strict=True):
        assert one.boxes_xyxy == pytest.approx(two.boxes_xyxy, abs=1e-2)
        assert one.scores == pytest.approx(two.scores, abs=1e-5)


def test_neighbours_count_only_for_networks_that_look_at_them():
    frames = np.random.default_rng(0).integers(0, 60, (5, 48, 64, 3), np.uint8)
    other = frames.copy()
    other[4] = 0
    for planes, alike in ((3, True), (6, False)):
        detector = with_neighbours(planes)
        one, two = (detector.detect(given, at=[2])[0].scores for given in (frames, other))
        assert np.array_equal(one, two) == alike


def test_mirrored_frames_give_mirrored_maps():
    detector = with_neighbours()
    x = torch.randn(2, 6, 48, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        heat, reach = detector._maps(x)
        heat_back, reach_back = detector._maps(x.flip(3))
    assert torch.allclose(heat, heat_back.flip(3), atol=1e-5)
    assert torch.allclose(reach, reach_back.flip(3)[:, [2, 1, 0, 3]], atol=1e-3)


def test_small_boxes_are_less_sure_and_sorted_anew():
    boxes = np.array([[0, 0, 9, 10], [0, 0, 9, 50], [0, 0, 9, 4]], np.float32)
    scores = np.array([0.9, 0.6, 0.5], np.float32)
    detector = with_neighbours()
    detector.decode = DecodeConfig(small=0.3, min_score=0.15, min_height=0.05)
    found = detector._placed(boxes, scores, 100)
    assert found.scores == pytest.approx([0.6, 0.3])
    assert found.boxes_xyxy[:, 3].tolist() == [50, 10]
    detector.decode = DecodeConfig(small=0.0)
    assert detector._placed(boxes, scores, 100).scores == pytest.approx([0.9, 0.6])


def test_frames_outside_of_the_clip_are_refused():
    with pytest.raises(ModelError):
        with_neighbours().detect(np.zeros((3, 48, 64, 3), np.uint8), at=[3])


def test_detection_can_be_cancelled_and_tells_its_progress(saved):
    detector, frames = PersonDetector.load(saved), np.zeros((40, 48, 64, 3), np.uint8)
    seen = []
    detector.detect(frames, progress=lambda stage, part: seen.append((stage, part)))
    assert seen[-1] == ("detect", 1.0)
    with pytest.raises(Cancelled):
        detector.detect(frames, is_cancelled=lambda: len(seen) > 0)


def test_other_arrays_are_refused(saved):
    with pytest.raises(ModelError):
        PersonDetector.load(saved).detect(np.zeros((2, 48, 64, 3), np.float32))


def test_weights_that_do_not_fit_their_card_are_refused(tmp_path):
    card = {"config": config_for_card(DetectorConfig())}
    save_weights(tmp_path / "x.safetensors", Detector(TINY).state_dict(), card)
    with pytest.raises(ModelError):
        PersonDetector.load(tmp_path / "x.safetensors")
    save_weights(tmp_path / "y.safetensors", Detector(TINY).state_dict(), {"config": {"a": 1}})
    with pytest.raises(ModelError):
        PersonDetector.load(tmp_path / "y.safetensors")


def test_the_shipped_weights_are_small_and_load():
    path = WEIGHTS / "detector.safetensors"
    assert path.stat().st_size < 4_000_000
    black = np.zeros((2, 240, 320, 3), np.uint8)
    assert all(len(found.scores) == 0 for found in PersonDetector.load(path).detect(black))
