"""Tells which clips show one scene, and keeps every scene on one side of the split."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath

from webapp.accounts.models import Project
from webapp.reviews.edit_models import HumanSegment
from webapp.reviews.models import Correction
from webapp.training.models import Part, SceneRule, TrainingRules, VideoPart

EVAL_EVERY = 5
"""Of every five scenes that are corrected to a label first, the fifth is for evaluation."""

LAST_NUMBER = re.compile(r"[\s._()-]*\d+[\s._()-]*$")
FIRST_MARK = re.compile(r"[\s._-]")


def scene_rule(project: Project) -> str:
    """The project's rule; without one each clip is a scene of its own."""
    rules = TrainingRules.objects.filter(project=project).first()
    return rules.scenes if rules else SceneRule.CLIP.value


def scene_of(video_id: int, name: str, rule: str) -> str:
    """The scene's name, the same for all clips of the scene."""
    stem = PurePath(name).stem.casefold()
    if rule == SceneRule.NUMBERED and (common := LAST_NUMBER.sub("", stem)):
        return f"scene/{common}"
    if rule == SceneRule.PREFIX and (common := FIRST_MARK.split(stem, maxsplit=1)[0]):
        return f"scene/{common}"
    return f"video/{video_id}"


@dataclass(frozen=True)
class Split:
    """Every corrected video's scene and part, under the rule that told the scenes."""

    rule: str
    scenes: dict[int, str]
    parts: dict[int, str]


def split_of(project: Project, *, is_drawn: bool = True) -> Split:
    """The part of each corrected video: the one that its scene was given, else is due.

    A scene with videos of both parts (the rule has changed since they were given) is for
    training: some version has learned from it already. ``is_drawn``: false where nobody has drawn
    a segment, which spares looking for them.
    """
    rule = scene_rule(project)
    first_labels, names = _corrected_videos(project, is_drawn)
    scenes = {pk: scene_of(pk, name, rule) for pk, name in names.items()}
    decided = _given_to_scenes(project, scenes)
    seen: Counter[int] = Counter()
    counted: set[str] = set()
    for video_id, label_id in first_labels.items():
        scene = scenes[video_id]
        if scene in counted:
            continue
        counted.add(scene)
        seen[label_id] += 1
        due = Part.EVAL if seen[label_id] % EVAL_EVERY == 0 else Part.TRAIN
        decided.setdefault(scene, due.value)
    return Split(rule, scenes, {pk: decided[scene] for pk, scene in scenes.items()})


def give_parts(project: Project) -> None:
    """Store the parts; a stored one changes only from evaluation to training."""
    parts = split_of(project).parts
    rows = [VideoPart(video_id=video_id, part=part) for video_id, part in parts.items()]
    VideoPart.objects.bulk_create(rows, ignore_conflicts=True)
    held_out = VideoPart.objects.filter(video__project=project, part=Part.EVAL)
    held_out = set(held_out.values_list("video_id", flat=True))
    moved = [pk for pk in held_out if parts.get(pk) == Part.TRAIN]
    VideoPart.objects.filter(video_id__in=moved).update(part=Part.TRAIN)


def _corrected_videos(project: Project, is_drawn: bool) -> tuple[dict[int, int], dict[int, str]]:
    """The label that each video was given first, in that order, and its name.

    Videos in which somebody drew a segment and corrected none come behind the others.
    """
    labels: dict[int, int] = {}
    names: dict[int, str] = {}
    for kind in (Correction, HumanSegment) if is_drawn else (Correction,):
        rows = kind.objects.filter(video__project=project).order_by("pk")
        told = rows.values_list("video_id", "label_id", "video__name")
        for pk, label_id, name in told.iterator():
            labels.setdefault(pk, label_id)
            names[pk] = name
    return labels, names


def _given_to_scenes(project: Project, scenes: dict[int, str]) -> dict[str, str]:
    decided: dict[str, str] = {}
    given = VideoPart.objects.filter(video__project=project).values_list("video_id", "part")
    for video_id, part in given:
        scene = scenes.get(video_id)
        if scene is not None:
            decided[scene] = part if decided.get(scene, part) == part else Part.TRAIN.value
    return decided
