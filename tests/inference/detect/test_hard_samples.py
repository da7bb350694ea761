"""Training shows people as cameras do: cut by the frame, among clutter, seldom stretched out."""

import numpy as np
import pytest

from inference.detect.augment import AugmentConfig, Mixer
from inference.detect.dataset import People, Picture
from inference.detect.light import LightConfig
from inference.detect.paste import set_beside
from inference.detect.prepare import Moment, lifted, luma_of

CLEAN = LightConfig(clean=1.0, bright_stops=(0, 0), cast=0, grey=0, blurred=0, compressed=0)


def picture(width=20):
    """A person 40 px high in a picture of 60 px."""
    pixels = np.full((60, 140, 3), 200, np.uint8)
    pixels[10:50, 20 : 20 + width] = 90
    outline = np.zeros((60, 140), np.uint8)
    outline[10:50, 20 : 20 + width] = 255
    joints = np.full((17, 3), 0.9, np.float32)
    joints[:, :2] = [20 + width / 2, 30]
    return Picture(pixels, np.array([20, 10, 20 + width, 50], np.float32), joints, outline)


def boxes_of(pictures, samples=60, **config):
    """Boxes [N, 4] of composed samples with one person each, and nothing else special."""
    plain = {"clips": 0.0, "composed": 1.0, "pictures": 0.0, "crowd": (0, 1, 0, 0)}
    quiet = {"hidden": (0, 0), "clutter": 0.0, "fine": 0.0, "light": CLEAN, "moving": (0, 0)}
    mixer = Mixer([], pictures, [], (64, 48), AugmentConfig(**{**plain, **quiet, **config}), 0)
    drawn = [mixer.sample(index).people for index in range(samples)]
    return np.concatenate([people.boxes[people.sure] for people in drawn])


def test_people_cut_below_reach_the_lower_edge():
    tall = {"paste_height": (0.9, 0.9), "cut_aside": 0.0}
    cut = boxes_of([picture()], cut_below=1.0, **tall)
    assert (cut[:, 3] > 47).all()
    assert (cut[:, 3] - cut[:, 1] < 0.93 * 0.9 * 48).all()


def test_people_cut_aside_reach_the_left_or_right_edge():
    cut = boxes_of([picture()], cut_below=0.0, cut_aside=1.0, paste_height=(0.9, 0.9))
    left, right = cut[:, 0] < 1, cut[:, 2] > 63
    assert (left | right).mean() > 0.9
    assert left.any()
    assert right.any()


def test_wide_people_are_drawn_as_seldom_as_asked():
    both = [picture(16), picture(100)]
    uncut = {"cut_below": 0.0, "cut_aside": 0.0, "paste_height": (0.4, 0.4), "least_inside": 0.0}

    def share(weight):
        boxes = boxes_of(both, samples=150, wide_weight=weight, **uncut)
        return (boxes[:, 2] - boxes[:, 0] > 0.9 * (boxes[:, 3] - boxes[:, 1])).mean()

    assert share(0.0) == 0
    assert share(0.2) < 0.35 < share(1.0)


def test_clutter_is_set_into_all_three_frames_but_never_over_people():
    colour = np.full((48, 64, 3), 20, np.uint8)
    moment = Moment(colour, luma_of(colour), luma_of(colour))
    people = People.of(np.array([[10, 10, 30, 40]], np.float32))
    thing = np.full((10, 12, 3), 90, np.uint8)
    set_beside(moment, people, thing, (25, 20))
    assert (colour == 20).all()
    set_beside(moment, people, thing, (40, 20))
    for plane in (moment.colour, moment.before, moment.after):
        assert (plane[20:30, 40:52] == 90).all()
        assert (plane != 20).sum() == 120 * (3 if plane.ndim == 3 else 1)


@pytest.mark.parametrize("level", [4, 30, 200])
def test_luma_planes_are_lifted_as_frames_are(level):
    frame = np.full((20, 30, 3), level, np.uint8)
    assert np.array_equal(lifted(luma_of(frame), 0.45), luma_of(lifted(frame, 0.45)))


def test_samples_are_lifted_as_the_detector_lifts_frames():
    dark = LightConfig(clean=1.0, bright_stops=(5, 5), cast=0, grey=0, blurred=0, compressed=0)
    shares = {"clips": 0.0, "composed": 1.0, "pictures": 0.0, "light": dark}
    mixer, unlifted = (
        Mixer([], [picture()], [], (64, 48), AugmentConfig(**shares, lift=lift), 0)
        for lift in (0.45, None)
    )
    for index in range(5):
        one, other = mixer.sample(index).moment, unlifted.sample(index).moment
        assert luma_of(one.colour).mean() > luma_of(other.colour).mean() + 20
