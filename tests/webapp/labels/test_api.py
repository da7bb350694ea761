import pytest

from webapp.labels.models import Label

ADMIN_ONLY = {"anonymous": 401, "outsider": 404, "viewer": 403, "reviewer": 403}


def test_only_admins_add_labels(statuses, project):
    wanted = {"name": "Fall", "colour": "#ffffff", "hotkey": "1"}
    assert statuses(lambda c: c.post(f"/api/projects/{project.pk}/labels/", wanted)) == {
        **ADMIN_ONLY,
        "admin": 201,
    }
    assert Label.objects.get().name == "Fall"


def test_only_admins_change_labels(statuses, label_set):
    label = label_set.labels.get(name="Walk")
    assert statuses(lambda c: c.patch(f"/api/labels/{label.pk}/", {"archived": True})) == {
        **ADMIN_ONLY,
        "admin": 200,
    }
    label.refresh_from_db()
    assert label.archived


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"name": "Run"}, 409, "name_taken"),
        ({"hotkey": "1"}, 409, "hotkey_taken"),
        ({"colour": "red"}, 400, "bad_colour"),
        ({"order": -1}, 400, "invalid"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_the_reason(
    client_of, label_set, admin, wanted, status, code
):
    label = label_set.labels.get(name="Walk")
    response = client_of(admin).patch(f"/api/labels/{label.pk}/", wanted)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    label.refresh_from_db()
    assert (label.name, label.hotkey) == ("Walk", "0")
