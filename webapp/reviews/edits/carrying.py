"""Takes people's edits along when a clip is analysed anew and its people get other numbers."""

from typing import Any
from uuid import uuid4

import numpy as np
from django.utils import timezone

from inference.skeleton import BY_NAME
from webapp.core.models import WorkState
from webapp.reviews.carry_over import LEAST_TIME_OVERLAP, time_overlap
from webapp.reviews.edit_models import (
    Comment,
    Decision,
    HumanSegment,
    PoseEdit,
    Projection,
    TrackEdit,
)
from webapp.reviews.edits.describing import ask_for_description, forget_descriptions
from webapp.reviews.edits.envelope import Applied, NewEdit, Scene
from webapp.reviews.edits.log import last_number, write_down
from webapp.runs import poses
from webapp.runs.models import PipelineRun, Segment

KIND = "carry_over"
LEAST_OVERLAP = 0.3


def carry_over_edits(*, run: PipelineRun) -> None:
    """Give edits of a person of the former run to the same person of this one.

    Called in the transaction that finishes the run, which holds the video's lock. One line of the
    log says who became whom. Whoever is not found again loses joints and track changes (their
    last states stay in the log); their segments go to the clip's own lane.
    """
    former = (
        PipelineRun.objects.filter(video=run.video_id, state=WorkState.DONE, pk__lt=run.pk)
        .order_by("-pk")
        .first()
    )
    by = run.created_by or run.video.uploaded_by
    if former is None or not run.is_current or not _is_annotated(run):
        return
    people = who_is_who(former, run)
    scene = Scene(
        video=run.video, by=by, run=run, number=last_number(run.video) + 1, now=timezone.now()
    )
    edit = NewEdit(id=uuid4(), kind=KIND, target=str(run.pk))
    lost = _carry(scene, edit, former, people)
    entity = {
        "family": "run",
        "target": str(run.pk),
        "version": 1,
        "from_run": former.pk,
        "people": [[old, new] for old, new in sorted(people.items())],
        "lost": lost,
    }
    applied = Applied("run", str(run.pk), 1, entity)
    forget_descriptions(video=run.video, edit=edit, applied=applied)
    write_down(scene, edit, applied)
    ask_for_description(video=run.video, by=by)


def who_is_who(former: PipelineRun, run: PipelineRun) -> dict[int, int | None]:
    """For each person of the former run their number in this one, or None; best pairs first."""
    if former.poses_file == run.poses_file:
        return {person: person for person in range(run.people)}
    before, now = poses.boxes_of(former.poses_file), poses.boxes_of(run.poses_file)
    overlaps = np.array([[poses.mean_box_overlap(a, b) for b in now] for a in before])
    found: dict[int, int | None] = dict.fromkeys(range(len(before)))
    taken: set[int] = set()
    for flat in np.argsort(-overlaps, axis=None, kind="stable") if overlaps.size else ():
        old, new = (int(i) for i in np.unravel_index(flat, overlaps.shape))
        if overlaps[old, new] >= LEAST_OVERLAP and found[old] is None and new not in taken:
            found[old] = new
            taken.add(new)
    return found


def _is_annotated(run: PipelineRun) -> bool:
    kinds = (HumanSegment, PoseEdit, TrackEdit, Comment, Decision)
    return any(kind.objects.filter(video=run.video_id).exists() for kind in kinds)


def _carry(
    scene: Scene, edit: NewEdit, former: PipelineRun, people: dict[int, int | None]
) -> list[str]:
    """Renumber everything; targets of what is lost."""

    def renumbered(person: int | None) -> int | None:
        return people.get(person, None if person < former.people else person)

    lost = _carry_joints(scene, edit, renumbered)
    _carry_predicted(scene, edit, former, people)
    for kind in (HumanSegment, Comment, Decision):
        for row in _live(kind, scene).filter(person__isnull=False):
            person = renumbered(row.person)
            if person != row.person:
                row.person = person
                _touch(row, scene, edit)
    for row in _live(TrackEdit, scene):
        person = renumbered(row.person)
        other = None if row.other is None else renumbered(row.other)
        if person is None or (other is None) != (row.other is None):
            row.deleted = True
            lost.append(f"track:{row.target}")
        if row.deleted or (person, other) != (row.person, row.other):
            row.person = row.person if person is None else person
            row.other = row.other if other is None else other
            _touch(row, scene, edit)
    return lost


def _carry_predicted(
    scene: Scene, edit: NewEdit, former: PipelineRun, people: dict[int, int | None]
) -> None:
    """What was made of, or decided on, a predicted segment is about its heir from now on."""
    made_of = list(_live(HumanSegment, scene).filter(origin__isnull=False))
    decided = [row for row in _live(Decision, scene) if row.of.isdigit()]
    wanted = {row.origin_id for row in made_of} | {int(row.of) for row in decided}
    heirs = _heirs(former, scene.run, people, wanted)
    for row in made_of:
        row.origin = heirs.get(row.origin_id, (None, None))[1]
        _touch(row, scene, edit)
    for row in decided:
        old, new = heirs.get(int(row.of), (None, None))
        if old is None or new is None or row.of_version != old.version:
            row.deleted = True
        else:
            row.of, row.of_version = str(new.pk), new.version
        _touch(row, scene, edit)


def _heirs(
    former: PipelineRun, run: PipelineRun, people: dict[int, int | None], ids: set[int]
) -> dict[int, tuple[Segment, Segment]]:
    """For each of these predicted segments itself and the one that shows the same now."""
    olds = Segment.objects.filter(pk__in=ids, track__run=former).select_related("track")
    news = list(Segment.objects.filter(track__run=run).select_related("track"))
    found: dict[int, tuple[Segment, Segment]] = {}
    for old in olds:
        person = people.get(old.track.index)
        same = [new for new in news if new.track.index == person]
        best = max(same, key=lambda new: time_overlap(old, new), default=None)
        if best is not None and time_overlap(old, best) >= LEAST_TIME_OVERLAP:
            found[old.pk] = (old, best)
    return found


def _carry_joints(scene: Scene, edit: NewEdit, renumbered: Any) -> list[str]:
    """Move joints to their skeletons' new numbers; their rows are made anew, versions go on."""
    known = BY_NAME[scene.run.skeleton].joints if scene.run.skeleton in BY_NAME else ()
    moved: dict[tuple[int, int], PoseEdit] = {}
    lost, gone = [], []
    rows = list(PoseEdit.objects.filter(video=scene.video).select_related("author"))
    versions = {(row.person, row.frame): row.version for row in rows}
    for row in rows:
        if row.deleted:
            continue
        person = renumbered(row.person)
        joints = {name: place for name, place in row.joints.items() if name in known}
        if person == row.person and joints == row.joints:
            continue
        gone.append((row.person, row.frame))
        if person is None or not joints:
            lost.append(f"pose:{row.target}")
        else:
            moved[person, row.frame] = PoseEdit(
                video=scene.video, person=person, frame=row.frame, joints=joints,
                keyframe=row.keyframe, tween=row.tween, author=row.author,
            )  # fmt: skip
    by_place = {(row.person, row.frame): row for row in rows}
    for place in gone:
        if place not in moved:
            by_place[place].deleted = True
            _touch(by_place[place], scene, edit)
    for place, row in moved.items():
        row.version = versions.get(place, 0)
        former = by_place.get(place)
        row.pk = former.pk if former else None
        row.created_at = former.created_at if former else scene.now
        _touch(row, scene, edit)
    return lost


def _live(kind: type[Projection], scene: Scene) -> Any:
    return kind.objects.filter(video=scene.video, deleted=False)


def _touch(row: Projection, scene: Scene, edit: NewEdit) -> None:
    """Count the change; who edited it last stays its author."""
    row.version += 1
    row.edited_at, row.edit = scene.now, edit.id
    row.save()
