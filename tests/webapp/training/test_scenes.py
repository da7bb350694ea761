"""Clips of one scene are on one side of the split, and what was learned is never examined."""

import pytest

from tests.webapp import factories, factories_runs
from webapp.training.models import VideoPart
from webapp.training.rules import change_rules
from webapp.training.samples import gather
from webapp.training.scenes import scene_of
from webapp.training.services import freeze_training_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def label_clips(project, reviewer):
    """``label_clips("Wave", *names)``: clips of these names, corrected in this order."""

    def make(label, *names):
        for seed, name in enumerate(names):
            video = factories.video(project, name)
            run = factories_runs.analysed(project, video=video, seed=seed)
            factories_runs.correct(run, label, reviewer)

    return make


@pytest.fixture
def scenes(project, admin):
    return lambda rule: change_rules(project=project, by=admin, wanted={"scenes": rule})


def parts():
    return dict(VideoPart.objects.values_list("video__name", "part"))


def freeze(project):
    return freeze_training_set(project=project, by=None)


@pytest.mark.parametrize(
    ("rule", "name", "scene"),
    [
        ("clip", "Wave_1_1.mp4", "video/7"),
        ("numbered", "Wave_1_1.mp4", "scene/wave_1"),
        ("numbered", "Wave_1_12.MP4", "scene/wave_1"),
        ("numbered", "garden (3).mov", "scene/garden"),
        ("numbered", "2026.mp4", "video/7"),
        ("prefix", "cam3-2026-11-22.mp4", "scene/cam3"),
        ("prefix", "cam3_later.mp4", "scene/cam3"),
        ("prefix", "_later.mp4", "video/7"),
    ],
)
def test_scenes_are_told_by_the_names_of_clips(rule, name, scene):
    assert scene_of(7, name, rule) == scene


def test_a_whole_scene_gets_one_part(project, label_clips, scenes):
    scenes("numbered")
    names = [f"room{scene}_{take}.mp4" for scene in "abcdef" for take in (1, 2, 3)]
    label_clips("Wave", *names)
    freeze(project)
    held_out = {name for name, part in parts().items() if part == "eval"}
    assert held_out == {"roome_1.mp4", "roome_2.mp4", "roome_3.mp4"}  # the fifth scene


def test_a_later_clip_follows_its_scene(project, label_clips, scenes):
    scenes("numbered")
    label_clips("Wave", *(f"room{scene}_1.mp4" for scene in "abcde"))
    freeze(project)
    label_clips("Walk", "roome_2.mp4")
    freeze(project)
    assert parts()["roome_2.mp4"] == "eval"


def test_what_one_version_learned_from_is_never_examined(project, label_clips, scenes):
    label_clips("Wave", *(f"room_{take}.mp4" for take in range(1, 6)))
    freeze(project)
    assert parts()["room_5.mp4"] == "eval"
    scenes("numbered")  # now all five show one room, of which four were learned from
    freeze(project)
    assert set(parts().values()) == {"train"}
    scenes("clip")
    freeze(project)
    assert set(parts().values()) == {"train"}


def test_no_scene_is_on_both_sides(project, label_clips, scenes):
    scenes("prefix")
    label_clips("Wave", *(f"cam{i % 6}-{i}.mp4" for i in range(14)))
    label_clips("Walk", *(f"cam{i % 7}-{i}x.mp4" for i in range(14)))
    sides = {}
    for sample in gather(project).samples:
        sides.setdefault(sample["group"], set()).add(sample["part"])
    assert {len(side) for side in sides.values()} == {1}
    assert {side for both in sides.values() for side in both} == {"train", "eval"}


def test_another_rule_is_another_set(project, label_clips, scenes):
    label_clips("Wave", "room_1.mp4", "room_2.mp4")
    first = freeze(project)
    scenes("numbered")
    assert freeze(project) != first
