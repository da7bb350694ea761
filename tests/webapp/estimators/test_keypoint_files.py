"""Keypoints of clips come as files, by the clips' names; the newest of a name counts."""

import io
import zipfile

import numpy as np
import pytest

from tests.webapp import factories
from webapp.core import storage
from webapp.estimators import keypoints
from webapp.estimators.models import KeypointFile

pytestmark = pytest.mark.django_db

RAW = "application/octet-stream"


def npz(seed=0, **more):
    """Somebody who stands about for three frames."""
    rng = np.random.default_rng(seed)
    arrays = {
        "boxes_xyxy": rng.uniform(0, 40, (1, 3, 4)).astype(np.float32),
        "keypoints": rng.uniform(0, 40, (1, 3, 17, 3)).astype(np.float32),
        "fps": np.array(30.0),
        "size": np.array([64, 48]),
    }
    file = io.BytesIO()
    np.savez_compressed(file, **{**arrays, **more})
    return file.getvalue()


def bring(client, project, name, content):
    address = f"/api/projects/{project.pk}/keypoint-files/?name={name}"
    return client.generic("POST", address, content, content_type=RAW)


def test_a_file_is_kept_by_the_name_of_its_clip(client_of, admin, project):
    answer = bring(client_of(admin), project, "yard%201.npz", npz())
    assert (answer.status_code, answer.json()["clip"]) == (201, "yard 1")
    (kept,) = KeypointFile.objects.all()
    assert storage.path_of(kept.file).read_bytes() == npz()


def test_another_file_of_the_name_takes_the_place_of_the_first(
    client_of, admin, project, django_capture_on_commit_callbacks
):
    client = client_of(admin)
    bring(client, project, "yard.npz", npz(1))
    first = KeypointFile.objects.get().file
    with django_capture_on_commit_callbacks(execute=True):
        bring(client, project, "yard.npz", npz(2))
    (kept,) = KeypointFile.objects.all()
    assert storage.path_of(kept.file).read_bytes() == npz(2)
    assert not storage.path_of(first).exists()


def lacking():
    file = io.BytesIO()
    np.savez(file, keypoints=np.zeros((1, 3, 17, 3), np.float32))
    return file.getvalue()


def huge():
    file = io.BytesIO(npz())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("more.npy", bytes(10_000))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("yard.npz", b"no archive", "expected an archive"),
        ("yard.npz", lacking(), "lacks"),
        ("yard.npz", huge(), "unpacked"),
        ("yard.mp4", npz(), "Expected a file of keypoints"),
        ("", npz(), "name"),
    ],
)
def test_what_cannot_be_keypoints_is_refused_and_not_kept(
    client_of, admin, project, monkeypatch, name, content, told
):
    monkeypatch.setattr(keypoints, "MOST_UNPACKED_BYTES", 5_000)
    answer = bring(client_of(admin), project, name, content)
    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]
    assert not KeypointFile.objects.exists()


def test_all_of_a_project_are_dropped_and_no_other_s(
    client_of, admin, project, django_capture_on_commit_callbacks
):
    elsewhere = factories.project("Elsewhere")
    for where in (project, elsewhere):
        keypoints.keep_keypoints(project=where, name="yard.npz", content=npz(), by=where.created_by)
    mine = KeypointFile.objects.get(project=project).file
    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of(admin).delete(f"/api/projects/{project.pk}/keypoint-files/")
    assert answer.status_code == 204
    (left,) = KeypointFile.objects.all()
    assert left.project == elsewhere
    assert not storage.path_of(mine).exists()
    assert storage.path_of(left.file).exists()


def test_members_look_and_admins_bring_and_drop(statuses, project):
    address = f"/api/projects/{project.pk}/keypoint-files/"
    admins = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 403}
    assert statuses(lambda client: bring(client, project, "a.npz", npz())) == {
        **admins,
        "admin": 201,
    }
    readers = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
    assert statuses(lambda client: client.get(address)) == readers
    assert statuses(lambda client: client.delete(address)) == {**admins, "admin": 204}
