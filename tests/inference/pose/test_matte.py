"""A matte holds the person and leaves the place, or says that it cannot tell."""

from __future__ import annotations

import cv2
import numpy as np

from inference.pose.cuts import Cut, cut_out
from inference.pose.matte import WORKING_SIDE, matte
from inference.types import Floats, Pixels


def standing() -> Floats:
    """COCO joints of a person 160 px high at the left of the middle of a 200 x 200 frame."""
    upper = [(90, 30), (93, 27), (87, 27), (97, 30), (83, 30), (105, 55), (75, 55)]
    arms = [(110, 80), (70, 80), (112, 105), (68, 105)]
    legs = [(100, 110), (80, 110), (101, 145), (79, 145), (101, 180), (79, 180)]
    return np.array([(*p, 1.0) for p in upper + arms + legs], np.float32)


def scene(light: float = 1.0) -> tuple[Pixels, Pixels]:
    """(frame, person's pixels): a red figure before a green wall."""
    figure = np.zeros((200, 200), np.uint8)
    for a, b in ((5, 9), (6, 10), (11, 15), (12, 16)):
        ends = standing()[[a, b], :2].astype(int).tolist()
        cv2.line(figure, ends[0], ends[1], 255, 14)
    cv2.rectangle(figure, (72, 50), (108, 115), 255, -1)
    cv2.circle(figure, (90, 30), 14, 255, -1)
    wall = np.array((20, 140, 60)) + np.random.default_rng(0).normal(0, 6, (200, 200, 3))
    frame = np.where(figure[..., None] > 0, np.array((190, 40, 30)), wall) * light
    return np.clip(frame, 0, 255).astype(np.uint8), figure


def the_cut(light: float = 1.0) -> tuple[Cut, Pixels]:
    frame, figure = scene(light)
    box = np.array([58, 12, 122, 190], np.float32)
    cut = cut_out(frame, box, standing(), 0)
    x, y = cut.origin.astype(int)
    height, width = cut.pixels.shape[:2]
    return cut, figure[y : y + height, x : x + width]


def overlap(found: Pixels, figure: Pixels) -> float:
    inside = cv2.resize(figure, found.shape[1::-1]) > 127
    return float((inside & (found > 127)).sum() / (inside | (found > 127)).sum())


def test_the_person_is_told_from_the_wall() -> None:
    cut, figure = the_cut()
    found = matte(cut)
    assert found is not None and max(found.shape) <= WORKING_SIDE
    assert overlap(found, figure) > 0.85


def test_in_the_dark_too() -> None:
    cut, figure = the_cut(light=0.12)
    found = matte(cut)
    assert found is not None
    assert overlap(found, figure) > 0.75


def test_without_a_trunk_nothing_is_said() -> None:
    frame, _ = scene()
    joints = standing()
    joints[11:13, 2] = 0.0
    assert matte(cut_out(frame, np.array([58, 12, 122, 190], np.float32), joints, 0)) is None


def test_the_same_cut_gives_the_same_matte() -> None:
    cut, _ = the_cut()
    first, second = matte(cut), matte(cut)
    assert first is not None and second is not None
    np.testing.assert_array_equal(first, second)
