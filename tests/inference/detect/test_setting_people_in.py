"""People are cut out along their outline and set into other places with their boxes and joints."""

import numpy as np
import pytest

from inference.detect.cutout import cut_out
from inference.detect.dataset import People, Picture
from inference.detect.light import LightConfig, expose
from inference.detect.paste import patch_of, set_in, set_in_front
from inference.detect.prepare import Moment, luma_of

NOBODY = People.of(np.zeros((0, 4), np.float32))


def figure(side=96):
    """A dark person with arms down on light ground: pixels, box, joints, true outline."""
    pixels = np.full((side, side, 3), 190, np.uint8)
    pixels += np.random.default_rng(0).integers(0, 20, pixels.shape, np.uint8)
    outline = np.zeros((side, side), bool)
    outline[12:28, 42:54] = True
    outline[28:56, 34:62] = True
    outline[56:88, 37:47] = outline[56:88, 49:59] = True
    pixels[outline] = [40, 50, 90]
    joints = np.zeros((17, 3), np.float32)
    joints[:, 2] = 0.9
    joints[:5, :2] = [48, 20]
    joints[[5, 7, 9, 11, 13, 15], :2] = [[59, 31], [60, 42], [60, 52], [54, 55], [54, 70], [54, 85]]
    joints[[6, 8, 10, 12, 14, 16], :2] = [
        [37, 31],
        [36, 42],
        [36, 52],
        [42, 55],
        [42, 70],
        [42, 85],
    ]
    return pixels, np.array([30, 8, 66, 92], np.float32), joints, outline


def picture():
    pixels, box, joints, outline = figure()
    return Picture(pixels, box, joints, outline.astype(np.uint8) * 255)


def dark_moment(level=20):
    colour = np.full((72, 96, 3), level, np.uint8)
    return Moment(colour, luma_of(colour), luma_of(colour))


def test_the_outline_of_a_person_is_found():
    pixels, box, joints, outline = figure()
    found = cut_out(pixels, box, joints) > 127
    assert (found & outline).sum() / (found | outline).sum() > 0.85


def test_an_implausible_outline_is_none():
    _, box, joints, _ = figure()
    assert cut_out(np.full((96, 96, 3), 90, np.uint8), box, np.zeros_like(joints)) is None


def test_a_person_stands_where_box_and_joints_say_about_as_bright_as_the_place():
    moment = dark_moment()
    patch = patch_of(picture(), 40.0, (50.0, 36.0), np.random.default_rng(0))
    people = set_in(moment, NOBODY, patch, ((0, 0), (0, 0)), np.random.default_rng(1))
    assert (people.boxes[0, 0] + people.boxes[0, 2]) / 2 == pytest.approx(50, abs=1.5)
    assert people.boxes[0, 3] - people.boxes[0, 1] == pytest.approx(40, abs=1.5)
    changed = (moment.colour != 20).any(axis=2)
    y, x = np.nonzero(changed)
    left, top, right, bottom = people.boxes[0]
    assert x.min() >= left - 3
    assert x.max() <= right + 3
    assert y.min() >= top - 3
    assert y.max() <= bottom + 3
    assert moment.colour[changed].mean() < 60
    knee = np.rint(people.joints[0, 13, :2]).astype(int)
    assert changed[knee[1], knee[0]]


def test_who_moves_is_elsewhere_in_the_neighbours():
    moment = dark_moment()
    patch = patch_of(picture(), 40.0, (50.0, 36.0), np.random.default_rng(0))
    set_in(moment, NOBODY, patch, ((-6, 0), (6, 0)), np.random.default_rng(1))
    before, after = (np.nonzero(plane != 20)[1].mean() for plane in (moment.before, moment.after))
    assert after - before == pytest.approx(12, abs=1)


def test_who_stands_outside_changes_nothing():
    moment = dark_moment()
    patch = patch_of(picture(), 40.0, (400.0, 36.0), np.random.default_rng(0))
    people = set_in(moment, NOBODY, patch, ((0, 0), (0, 0)), np.random.default_rng(1))
    assert len(people.boxes) == 0
    assert (moment.colour == 20).all()


def test_boxes_end_where_a_thing_in_front_begins():
    moment = dark_moment()
    two = People.of(np.array([[10, 10, 30, 70], [60, 50, 80, 72]], np.float32))
    thing = np.full((40, 96, 3), 33, np.uint8)
    people = set_in_front(moment, two, thing, (0, 45))
    assert people.boxes[0, 3] == 45
    assert people.sure.tolist() == [True, False]
    assert (moment.colour[45:] == 33).all()
    assert (moment.colour[:45] == 20).all()


@pytest.mark.parametrize("bright", [True, False])
def test_less_light_means_darker_and_noisier_neighbours_alike(bright):
    moment = dark_moment(120)
    stops = {"dark_stops": (2, 2), "bright_stops": (2, 2)}
    config = LightConfig(cast=0, grey=0, clean=0, blurred=0, compressed=0, clumped=0, **stops)
    dark = expose(moment, bright, config, np.random.default_rng(0))
    expected = 120 * 2 ** (-2 / 2.2)
    assert dark.colour.mean() == pytest.approx(expected, rel=0.25)
    assert dark.colour.std() > 0.5
    assert dark.before.std() < dark.colour.std()
    assert not np.array_equal(dark.before, dark.after)
