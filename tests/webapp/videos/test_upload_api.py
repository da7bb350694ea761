import pytest

from tests.webapp import factories
from webapp.core import storage
from webapp.videos import uploads
from webapp.videos.models import Upload, Video

REVIEWERS_UP = {"anonymous": 401, "outsider": 404, "viewer": 403}
RAW = "application/octet-stream"


def begin(client, project, size_bytes=10, name="clip.mp4"):
    return client.post(
        f"/api/projects/{project.pk}/uploads/", {"name": name, "size_bytes": size_bytes}
    )


def send(client, upload_id, offset, data):
    headers = {"Upload-Offset": str(offset)}
    return client.generic(
        "PATCH", f"/api/uploads/{upload_id}/", data, content_type=RAW, headers=headers
    )


def test_reviewers_begin_uploads(statuses, project):
    assert statuses(lambda client: begin(client, project)) == {
        **REVIEWERS_UP,
        "reviewer": 201,
        "admin": 201,
    }


def test_a_file_goes_up_in_pieces_and_becomes_a_video(client_of, project, reviewer):
    client = client_of(reviewer)
    upload = begin(client, project).json()
    assert (upload["received_bytes"], upload["size_bytes"]) == (0, 10)
    answer = send(client, upload["id"], 0, b"0123456").json()
    assert (answer["received_bytes"], answer["video"]) == (7, None)
    answer = send(client, upload["id"], 7, b"789").json()
    assert answer["received_bytes"] == 10
    video = Video.objects.get(pk=answer["video"])
    assert storage.path_of(video.original_file).read_bytes() == b"0123456789"
    assert client.get(f"/api/uploads/{upload['id']}/").json()["video"] == video.pk


def test_an_interrupted_upload_is_found_and_resumed(client_of, project, reviewer):
    client = client_of(reviewer)
    upload_id = begin(client, project).json()["id"]
    send(client, upload_id, 0, b"0123")
    storage.path_of(uploads.file_of(Upload.objects.get())).write_bytes(b"01234")
    [open_one] = client.get(f"/api/projects/{project.pk}/uploads/").json()["results"]
    assert (open_one["id"], open_one["received_bytes"]) == (upload_id, 5)
    response = send(client, upload_id, 4, b"456789")
    assert response.status_code == 409
    assert response.json()["error"]["extra"]["received_bytes"] == 5
    assert send(client, upload_id, 5, b"56789").json()["video"]


@pytest.mark.parametrize("size", [4 * 1024**3, 10**15])
def test_four_gigabytes_are_refused_before_a_byte_is_sent(client_of, project, reviewer, size):
    response = begin(client_of(reviewer), project, size_bytes=size)
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
    assert response.json()["error"]["extra"] == {"max_bytes": 4 * 1024**3 - 1}
    assert Upload.objects.count() == 0


def test_a_full_disk_is_said(client_of, project, reviewer, settings):
    settings.DISK_RESERVE_BYTES = 1 << 62
    response = begin(client_of(reviewer), project)
    assert (response.status_code, response.json()["error"]["code"]) == (507, "disk_full")


def test_a_piece_that_is_too_long_is_refused(client_of, project, reviewer, settings):
    settings.UPLOAD_CHUNK_BYTES = 4
    client = client_of(reviewer)
    upload_id = begin(client, project).json()["id"]
    response = send(client, upload_id, 0, b"01234")
    assert (response.status_code, response.json()["error"]["code"]) == (413, "chunk_too_large")


@pytest.mark.parametrize("offset", ["", "-1", "x", "\u0663"])
def test_a_piece_must_say_where_it_belongs(client_of, project, reviewer, offset):
    client = client_of(reviewer)
    upload_id = begin(client, project).json()["id"]
    assert send(client, upload_id, offset, b"0").json()["error"]["code"] == "no_offset"


@pytest.mark.parametrize("wanted", [{"name": "x"}, {"name": "x", "size_bytes": -1}, {}])
def test_an_upload_must_say_its_name_and_size(client_of, project, reviewer, wanted):
    response = client_of(reviewer).post(f"/api/projects/{project.pk}/uploads/", wanted)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")


@pytest.mark.parametrize("method", ["get", "delete"])
def test_an_upload_is_its_beginners_and_the_admins(statuses, project, method):
    other = factories.user()
    other.memberships.create(project=project, role="reviewer")
    upload = factories.upload(project, other)
    done = 200 if method == "get" else 204
    call = lambda client: getattr(client, method)(f"/api/uploads/{upload.pk}/")  # noqa: E731
    assert statuses(call) == {**REVIEWERS_UP, "reviewer": 403, "admin": done}


def test_pieces_come_from_the_beginner_or_an_admin(statuses, project):
    upload = factories.upload(project, factories.user())
    assert statuses(lambda client: send(client, upload.pk, 0, b"")) == {
        **REVIEWERS_UP,
        "reviewer": 403,
        "admin": 200,
    }


def test_who_lost_the_role_cannot_go_on(client_of, project, reviewer):
    upload_id = begin(client_of(reviewer), project).json()["id"]
    reviewer.memberships.update(role="viewer")
    assert send(client_of(reviewer), upload_id, 0, b"0").status_code == 403
