import pytest

from tests.webapp import factories
from webapp.accounts.models import Membership, Role
from webapp.accounts.selectors import may_watch, role_in_project


def test_each_role_is_what_was_given(project, admin, reviewer, viewer, outsider, superuser):
    people = [admin, reviewer, viewer, outsider, superuser]
    roles = [role_in_project(person, project.pk) for person in people]
    assert roles == [Role.ADMIN, Role.REVIEWER, Role.VIEWER, None, Role.ADMIN]


def test_who_may_no_longer_log_in_has_no_role(project, viewer):
    viewer.is_active = False
    assert role_in_project(viewer, project.pk) is None
    assert not may_watch(viewer, project.pk)


def test_a_superuser_has_no_role_in_a_project_that_is_not_there(superuser):
    assert role_in_project(superuser, 12345) is None


def test_members_are_seen_by_members(statuses, project):
    assert statuses(lambda client: client.get(f"/api/projects/{project.pk}/members/")) == {
        "anonymous": 401,
        "outsider": 404,
        "viewer": 200,
        "reviewer": 200,
        "admin": 200,
    }


def test_only_admins_add_members(statuses, project):
    factories.user("newcomer")
    wanted = {"username": "newcomer", "role": "reviewer"}
    assert statuses(lambda c: c.post(f"/api/projects/{project.pk}/members/", wanted)) == {
        "anonymous": 401,
        "outsider": 404,
        "viewer": 403,
        "reviewer": 403,
        "admin": 201,
    }
    assert Membership.objects.get(user__username="newcomer").role == Role.REVIEWER


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"username": "nobody", "role": "viewer"}, 400, "no_such_user"),
        ({"username": "viewer", "role": "viewer"}, 409, "already_member"),
        ({"username": "viewer", "role": "emperor"}, 400, "invalid"),
    ],
)
def test_a_member_that_cannot_be_added_is_refused_with_the_reason(
    client_of, project, admin, viewer, wanted, status, code
):
    response = client_of(admin).post(f"/api/projects/{project.pk}/members/", wanted)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_only_admins_change_roles(statuses, project):
    member = factories.member(project, Role.VIEWER).memberships.get()
    assert statuses(lambda c: c.patch(f"/api/members/{member.pk}/", {"role": "reviewer"})) == {
        "anonymous": 401,
        "outsider": 404,
        "viewer": 403,
        "reviewer": 403,
        "admin": 200,
    }


def test_only_admins_remove_members(statuses, project):
    member = factories.member(project, Role.VIEWER).memberships.get()
    assert statuses(lambda client: client.delete(f"/api/members/{member.pk}/")) == {
        "anonymous": 401,
        "outsider": 404,
        "viewer": 403,
        "reviewer": 403,
        "admin": 204,
    }
    assert not Membership.objects.filter(pk=member.pk).exists()


@pytest.mark.parametrize("call", ["patch", "delete"])
def test_the_last_admin_stays(client_of, admin, call):
    member = admin.memberships.get()
    response = getattr(client_of(admin), call)(f"/api/members/{member.pk}/", {"role": "viewer"})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "last_admin")
    assert Membership.objects.get(pk=member.pk).role == Role.ADMIN
