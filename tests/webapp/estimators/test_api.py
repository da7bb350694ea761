"""Pose weights over HTTP: every member may look, admins import and discard."""

import pytest

from tests.webapp import factories_pose

pytestmark = pytest.mark.django_db

READERS = {"anonymous": 401, "outsider": 404, "viewer": 200, "reviewer": 200, "admin": 200}
RAW = "application/octet-stream"


def only_admins(status):
    return {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 403, "admin": status}


@pytest.fixture
def version(project, tmp_path):
    return factories_pose.pose_version(project, tmp_path)


def begin(client, project, size_bytes=10):
    body = {"name": "published.pth", "size_bytes": size_bytes}
    return client.post(f"/api/projects/{project.pk}/pose-imports/", body)


def send(client, import_id, offset, data):
    headers = {"Upload-Offset": str(offset)}
    return client.generic(
        "PATCH", f"/api/pose-imports/{import_id}/", data, content_type=RAW, headers=headers
    )


def test_every_member_may_look(statuses, project, version, admin):
    pose_import = factories_pose.received(project, admin)
    for address in (
        f"/api/projects/{project.pk}/pose-versions/",
        f"/api/projects/{project.pk}/pose-imports/",
        f"/api/pose-versions/{version.pk}/",
        f"/api/pose-imports/{pose_import.pk}/",
    ):
        answers = statuses(lambda client, address=address: client.get(address))
        assert (address, answers) == (address, READERS)


def test_admins_begin_imports(statuses, project):
    assert statuses(lambda client: begin(client, project)) == only_admins(201)


def test_admins_send_pieces(statuses, client_of, project, admin):
    made = begin(client_of(admin), project).json()
    assert statuses(lambda client: send(client, made["id"], 0, b"0123")) == only_admins(200)


def test_admins_cancel_imports(statuses, client_of, project, admin):
    made = begin(client_of(admin), project).json()
    address = f"/api/pose-imports/{made['id']}/cancellation/"
    assert statuses(lambda client: client.post(address)) == only_admins(204)
    waiting = factories_pose.received(project, admin)
    answer = client_of(admin).post(f"/api/pose-imports/{waiting.pk}/cancellation/")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")


def test_admins_discard(statuses, version):
    address = f"/api/pose-versions/{version.pk}/discarding/"
    assert statuses(lambda client: client.post(address)) == only_admins(200)


def test_a_broken_upload_goes_on_where_it_was(client_of, project, admin):
    client = client_of(admin)
    made = begin(client, project).json()
    assert send(client, made["id"], 0, b"0123").json()["received_bytes"] == 4
    assert client.get(f"/api/pose-imports/{made['id']}/").json()["received_bytes"] == 4
    again = send(client, made["id"], 0, b"0123")
    assert (again.status_code, again.json()["error"]["extra"]["received_bytes"]) == (409, 4)
    last = send(client, made["id"], 4, b"456789").json()
    assert (last["state"], last["received_bytes"], last["job"]["state"]) == ("queued", 10, "queued")


def test_a_size_above_the_limit_is_refused_with_both_numbers(client_of, project, admin, settings):
    answer = begin(client_of(admin), project, settings.MAX_CHECKPOINT_BYTES + 1)
    assert answer.status_code == 413
    assert (
        "Expected at most 524,288,000 bytes, got 524,288,001." in answer.json()["error"]["message"]
    )


def test_a_version_shows_its_card(client_of, viewer, version):
    body = client_of(viewer).get(f"/api/pose-versions/{version.pk}/").json()
    assert (body["number"], body["kind"], body["state"]) == (1, "imported", "candidate")
    facts = body["facts"]
    assert (facts["parameters"], facts["joints"], facts["skeleton"]) == (10, 17, "posetrack17")


def test_lists_take_as_many_queries_for_many(
    client_of, viewer, project, admin, tmp_path, django_assert_max_num_queries
):
    for seed in range(4):
        factories_pose.pose_version(project, tmp_path, seed=seed)
        factories_pose.received(project, admin)
    client = client_of(viewer)
    for name in ("pose-versions", "pose-imports"):
        with django_assert_max_num_queries(5):
            assert client.get(f"/api/projects/{project.pk}/{name}/").json()["count"] == 4
