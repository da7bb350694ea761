"""Small rows with sensible defaults; every test says only what it is about."""

from itertools import count
from typing import Any

from webapp.accounts.models import Membership, Project, Role, User
from webapp.core import storage
from webapp.jobs.models import Job, JobKind
from webapp.jobs.services import create_job
from webapp.labels.models import Label, LabelSet
from webapp.videos.models import Upload, Video, VideoState

_number = count(1)


def user(username: str = "", **fields: Any) -> User:
    return User.objects.create_user(username or f"user{next(_number)}", password="pw", **fields)


def project(name: str = "", **fields: Any) -> Project:
    name = name or f"Project {next(_number)}"
    fields.setdefault("created_by", User.objects.first() or user())
    return Project.objects.create(name=name, slug=name.lower().replace(" ", "-"), **fields)


def member(project: Project, role: Role, username: str = "") -> User:
    person = user(username)
    Membership.objects.create(project=project, user=person, role=role)
    return person


def label(label_set: LabelSet, name: str = "", **fields: Any) -> Label:
    fields = {"colour": "#4cc9f0", "order": label_set.labels.count()} | fields
    return Label.objects.create(
        label_set=label_set, name=name or f"Label {next(_number)}", **fields
    )


def stored(content: bytes = b"bytes", folder: str = "originals") -> str:
    """Name of a new file in the storage."""
    name = storage.new_name(folder)
    storage.write_atomically(name, content)
    return name


def video(project: Project, name: str = "", **fields: Any) -> Video:
    """A video that can be played and analysed (with files of a few bytes)."""
    number = next(_number)
    fields = {
        "state": VideoState.READY,
        "original_file": stored(),
        "size_bytes": 5,
        "sha256": f"{number:064x}",
        "width": 64,
        "height": 48,
        "frames": 30,
        "fps_num": 30,
        "fps_den": 1,
        "duration_s": 1.0,
        "uploaded_by": project.created_by,
    } | fields
    return Video.objects.create(project=project, name=name or f"clip{number}.mp4", **fields)


def upload(project: Project, by: User, name: str = "clip.mp4", size_bytes: int = 10) -> Upload:
    return Upload.objects.create(project=project, created_by=by, name=name, size_bytes=size_bytes)


def job(project: Project, kind: str = JobKind.INGEST, subject_id: int = 1, **fields: Any) -> Job:
    made = create_job(project_id=project.pk, kind=kind, subject_id=subject_id)
    if fields:
        Job.objects.filter(pk=made.pk).update(**fields)
        made.refresh_from_db()
    return made
