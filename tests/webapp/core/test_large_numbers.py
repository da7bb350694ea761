"""Numbers that no row can have are answered like numbers that no row has."""

import pytest

from tests.webapp import factories

HUGE = 10**30
DIGITS = "9" * 6000  # more than Python turns into a number


@pytest.mark.parametrize("who", ["viewer", "superuser"])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"projects/{HUGE}/", 404),
        (f"projects/{HUGE}/videos/", 404),
        (f"projects/{HUGE}/jobs/", 404),
        (f"videos/{HUGE}/tracks/", 404),
        (f"segments/{HUGE}/corrections/", 404),
        ("projects/{project}/review-queue/" + f"?after={HUGE}", 400),
        ("projects/{project}/videos/" + f"?label={HUGE}", 400),
        ("projects/{project}/jobs/" + f"?subject_id={HUGE}", 200),
    ],
)
def test_in_addresses(path, status, who, project, client_of, request):
    client = client_of(request.getfixturevalue(who))
    assert client.get("/api/" + path.format(project=project.pk)).status_code == status


def test_in_the_range_of_a_download(viewer, project, client_of):
    address = f"/api/videos/{factories.video(project).pk}/original"
    answer = client_of(viewer).get(address, headers={"Range": f"bytes={DIGITS}-"})
    assert answer.status_code == 200


def test_in_the_offset_of_an_upload(reviewer, project, client_of):
    client = client_of(reviewer)
    begun = client.post(f"/api/projects/{project.pk}/uploads/", {"name": "a.mp4", "size_bytes": 9})
    answer = client.patch(
        f"/api/uploads/{begun.json()['id']}/",
        b"x",
        content_type="application/octet-stream",
        headers={"Upload-Offset": DIGITS},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "no_offset")
