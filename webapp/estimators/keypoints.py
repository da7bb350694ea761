"""Keypoints that some tool or person made for clips: kept by the clips' names, to teach by."""

import io
import zipfile
from pathlib import PurePath

from django.db import transaction
from django.db.models import QuerySet

from webapp.accounts.models import Project, User
from webapp.accounts.services import lock_project
from webapp.core import pieces, storage
from webapp.core.errors import Refused
from webapp.estimators.models import KeypointFile

ENDING = ".npz"
NEEDED = ("boxes_xyxy", "keypoints", "fps", "size")
MOST_UNPACKED_BYTES = 256 * 1024**2


def keep_keypoints(*, project: Project, name: str, content: bytes, by: User) -> KeypointFile:
    """Keep the keypoints of the clip that has the file's name; those it had before are replaced.

    Only the table of contents is read here: a worker reads the rest when it is to learn from it.

    Raises:
        Refused: the file is no ``.npz``, lacks an array, or unpacks to too much.
    """
    name = pieces.clean_name(name)
    expect_keypoints(name, content)
    storage.expect_room_for(len(content))
    file = storage.new_name("keypoints", ENDING)
    storage.write_atomically(file, content)
    with transaction.atomic():
        lock_project(project.pk)
        _drop(keypoints_of(project.pk).filter(clip=clip_of(name)))
        return KeypointFile.objects.create(
            project=project,
            clip=clip_of(name),
            file=file,
            size_bytes=len(content),
            created_by=by,
        )


@transaction.atomic
def forget_keypoints(*, project_id: int) -> None:
    """Drop all keypoints of a project."""
    lock_project(project_id)
    _drop(keypoints_of(project_id))


def keypoints_of(project_id: int) -> QuerySet[KeypointFile]:
    """All of a project, by the clips' names."""
    return KeypointFile.objects.filter(project_id=project_id).order_by("clip")


def clip_of(name: str) -> str:
    """A file's name without its ending, by which keypoints and clips find each other."""
    return PurePath(name).stem


def _drop(which: QuerySet[KeypointFile]) -> None:
    """Delete rows, and their files once that is certain."""
    files = list(which.values_list("file", flat=True))
    which.delete()
    transaction.on_commit(lambda: [storage.remove(file) for file in files])


def expect_keypoints(name: str, content: bytes) -> None:
    """Refuse what cannot be keypoints, by its table of contents."""
    if not name.lower().endswith(ENDING):
        raise Refused("bad_keypoints", f"Expected a file of keypoints ({ENDING}), got {name}.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Refused("bad_keypoints", f"{name}: expected an archive of arrays: {error}") from error
    arrays = {entry.filename.removesuffix(".npy") for entry in entries}
    if missing := [array for array in NEEDED if array not in arrays]:
        raise Refused("bad_keypoints", f"{name}: expected arrays {NEEDED}, lacks {missing}.")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise Refused(
            "bad_keypoints", f"{name}: expected at most {MOST_UNPACKED_BYTES:,} bytes unpacked."
        )
