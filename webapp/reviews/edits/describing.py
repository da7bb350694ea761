"""Describes segments from skeletons as people left them: asked for by edits, done by a worker."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import Max

from inference.skeleton import skeleton_named
from webapp.accounts.models import User
from webapp.core import storage
from webapp.core.models import WorkState
from webapp.jobs.models import Job, JobKind
from webapp.jobs.services import create_job, enqueue_job
from webapp.reviews.edit_models import DescribedSegment, Edit, HumanSegment, PoseEdit, TrackEdit
from webapp.reviews.edits.envelope import Applied, NewEdit
from webapp.reviews.edits.files import edited_folder
from webapp.reviews.selectors import newest_corrections
from webapp.runs import gpu, poses
from webapp.runs.edited_poses import edited
from webapp.runs.models import PipelineRun, PoseEstimate, Segment
from webapp.runs.selectors import current_run, runs_with_people
from webapp.videos.models import Video

Floats = npt.NDArray[np.float32]

MATTERS = ("segment", "pose", "track", "label", "run")
"""Families of edits that may change what there is to describe."""

DELAY_S = 5
"""People edit in bursts: one description for all of a burst."""

TRIES = 3


def forget_descriptions(*, video: Video, edit: NewEdit, applied: Applied) -> None:
    """Drop what an edit has made untrue; in the transaction of the edit."""
    rows = DescribedSegment.objects.filter(video=video)
    if applied.family in ("pose", "track", "run"):
        rows.delete()
    elif applied.family == "segment" and set(edit.data) != {"label"}:
        rows.filter(annotation__key=applied.target).delete()


def ask_for_description(*, video: Video, by: User | None) -> Job | None:
    """Queue the work where there is some and it is not queued already."""
    jobs = Job.objects.filter(kind=JobKind.DESCRIPTION, subject_id=video.pk)
    if jobs.filter(state=WorkState.QUEUED).exists():
        return None
    run = current_run(video)
    if run is None or not run.poses_file or not _lacking(run):
        return None
    with transaction.atomic():
        job = create_job(
            project_id=video.project_id, kind=JobKind.DESCRIPTION, subject_id=video.pk, by=by
        )
        enqueue_job(job=job, delay_s=DELAY_S)
    return job


def describe_missing(*, project_id: int, on_progress: Callable[[float], None]) -> None:
    """Describe what lacks it in all clips: what trainings do before they begin."""
    ids = list(runs_with_people(project_id).values_list("video_id", flat=True))
    for done, video_id in enumerate(ids):
        on_progress(done / len(ids))
        describe_clip(video_id=video_id)


def describe_clip(*, video_id: int) -> bool:
    """Describe what lacks it in a clip, safe to do twice; false where edits came in between.

    Whoever made those asks for another description.
    """
    return any(_describe_once(video_id) for _ in range(TRIES))


def _describe_once(video_id: int) -> bool:
    video = Video.objects.filter(pk=video_id).first()
    run = current_run(video) if video else None
    if run is None or not run.poses_file:
        return True
    position = _position(video)
    lacking = _lacking(run)
    if not lacking:
        return True
    rows = _describe(run, lacking)
    return _store(video, run, rows, position)


def _position(video: Video) -> int:
    rows = Edit.objects.filter(video=video, family__in=MATTERS)
    return rows.aggregate(last=Max("number"))["last"] or 0


@dataclass
class Wanted:
    """A segment to describe, and where its description is to be."""

    person: int | None
    start_frame: int
    end_frame: int
    of: dict[str, Any] = field(default_factory=dict)


def _lacking(run: PipelineRun) -> list[Wanted]:
    """Segments of the clip without a description that is up to date."""
    done = DescribedSegment.objects.filter(run=run, feature_version=gpu.feature_version())
    humans = HumanSegment.objects.filter(video=run.video_id, deleted=False)
    found = [
        Wanted(row.person, row.start_frame, row.end_frame, {"annotation_id": row.pk})
        for row in humans.exclude(pk__in=done.filter(segment=None).values("annotation"))
    ]
    if not _is_edited(run.video_id):
        return found
    known = set(done.filter(annotation=None).values_list("segment_id", flat=True))
    corrected = set(newest_corrections(segment__track__run=run)) - known
    segments = Segment.objects.filter(pk__in=corrected).select_related("track")
    return found + [
        Wanted(row.track.index, row.start_frame, row.end_frame, {"segment_id": row.pk})
        for row in segments
    ]


def _is_edited(video_id: int) -> bool:
    return any(
        kind.objects.filter(video=video_id, deleted=False).exists()
        for kind in (PoseEdit, TrackEdit)
    )


def _describe(run: PipelineRun, wanted: Iterable[Wanted]) -> list[DescribedSegment]:
    """Write the files and make the rows (not stored yet)."""
    found = _People.read(run)
    version = gpu.feature_version()
    rows, work = [], []
    for one in wanted:
        row = DescribedSegment(video_id=run.video_id, run=run, feature_version=version, **one.of)
        rows.append(row)
        person = found.shown_in(one)
        if person is None:
            continue
        if one.of.get("segment_id") and found.is_untouched(person):
            original = Segment.objects.get(pk=one.of["segment_id"])
            row.features_file, row.feature_row = run.features_file, original.feature_row
            row.features_sha256 = run.features_sha256
            continue
        row.features_file = found.name_of(person, one, version)
        work.append((*found.arrays(person), one.start_frame, one.end_frame, row.features_file))
    gpu.describe_people(run.poses_file, work)
    for row in rows:
        if row.features_file and not row.features_sha256:
            row.features_sha256 = storage.hash_file(storage.path_of(row.features_file))
    return rows


@dataclass(frozen=True)
class _People:
    """Everybody of a clip as people left them: boxes [P, T, 4], keypoints [P, T, K, 3]."""

    run: PipelineRun
    boxes: Floats
    keypoints: Floats
    persons: list[int]
    first: tuple[Floats, Floats]

    @classmethod
    def read(cls, run: PipelineRun) -> "_People":
        first = poses.read_arrays(run.poses_file)
        joints = skeleton_named(run.skeleton).joints
        tracks = _states(TrackEdit, run.video_id)
        boxes, keypoints, persons = edited(
            *first, joints, _states(PoseEdit, run.video_id), tracks, _estimates(tracks)
        )
        return cls(run, boxes, keypoints, list(persons), first)

    def arrays(self, person: int) -> tuple[Floats, Floats]:
        row = self.persons.index(person)
        return self.boxes[row], self.keypoints[row]

    def shown_in(self, wanted: Wanted) -> int | None:
        """The person of a segment, if there at all; of the clip's lane, who is there longest."""
        there = np.isfinite(self.boxes[:, wanted.start_frame : wanted.end_frame]).all(-1).sum(1)
        if wanted.person is None:
            best = int(there.argmax()) if len(there) else 0
            return self.persons[best] if len(there) and there[best] else None
        if wanted.person not in self.persons or not there[self.persons.index(wanted.person)]:
            return None
        return wanted.person

    def is_untouched(self, person: int) -> bool:
        if person >= len(self.first[0]) or self.run.feature_version != gpu.feature_version():
            return False
        now, was = self.arrays(person), (self.first[0][person], self.first[1][person])
        return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(now, was, strict=True))

    def name_of(self, person: int, wanted: Wanted, version: str) -> str:
        """A hash of all that decides what is in the file, in a folder of the clip's bytes."""
        digest = hashlib.sha256()
        for part in self.arrays(person):
            digest.update(np.ascontiguousarray(part, "<f4").tobytes())
        parts = (self.run.poses_file, version, wanted.start_frame, wanted.end_frame)
        digest.update("\n".join(map(str, parts)).encode())
        return f"{edited_folder(self.run.video.sha256)}/{digest.hexdigest()}.npz"


def _states(kind: Any, video_id: int) -> list[dict[str, Any]]:
    rows = kind.objects.filter(video=video_id, deleted=False)
    return [{"target": row.target, **row.content()} for row in rows]


def _estimates(tracks: Iterable[dict[str, Any]]) -> dict[int, tuple[int, Floats, Floats]]:
    """First frame, boxes and joints of what workers found for added people, by id."""
    ids = [track["estimate"] for track in tracks if track["estimate"] is not None]
    rows = PoseEstimate.objects.filter(pk__in=ids, state=WorkState.DONE)
    found = {}
    for row in rows:
        boxes, keypoints = poses.read_arrays(row.poses_file)
        found[row.pk] = (row.start_frame, boxes[0], keypoints[0])
    return found


@transaction.atomic
def _store(video: Video, run: PipelineRun, rows: list[DescribedSegment], position: int) -> bool:
    """False, and nothing stored, where the clip was edited or analysed anew meanwhile."""
    locked = Video.objects.select_for_update(of=("self",)).filter(pk=video.pk).first()
    if locked is None:
        return True
    if current_run(locked) != run or _position(locked) != position:
        return False
    mine = DescribedSegment.objects.filter(video=video)
    mine.filter(annotation__in=[row.annotation_id for row in rows if row.annotation_id]).delete()
    mine.filter(segment__in=[row.segment_id for row in rows if row.segment_id]).delete()
    DescribedSegment.objects.bulk_create(rows)
    return True
