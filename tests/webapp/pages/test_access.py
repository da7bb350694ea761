"""Each page opens for the roles that it is for, and for nobody else."""

import pytest
from django.urls import reverse

PAGES = {
    "library": "viewer",
    "clip": "viewer",
    "review": "viewer",
    "labels": "viewer",
    "training": "admin",
    "pose": "admin",
    "members": "admin",
}


def address(page, project):
    more = [7] if page == "clip" else []
    return reverse(f"pages:{page}", args=[project.slug, *more])


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_the_login_and_back(page, project, browser_of):
    url = address(page, project)
    response = browser_of(None).get(url)
    assert response.status_code == 302
    assert response["Location"] == f"/login/?next={url}"


@pytest.mark.parametrize("page", PAGES)
def test_outsiders_do_not_learn_that_the_project_exists(page, project, outsider, browser_of):
    response = browser_of(outsider).get(address(page, project))
    assert response.status_code == 404
    assert project.name not in response.content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ["viewer", "reviewer", "admin"])
def test_members_open_what_their_role_allows(page, role, project, browser_of, request):
    response = browser_of(request.getfixturevalue(role)).get(address(page, project))
    is_allowed = PAGES[page] == "viewer" or role == "admin"
    assert response.status_code == (200 if is_allowed else 403)


def test_a_refusal_says_which_role_is_needed(project, viewer, browser_of):
    response = browser_of(viewer).get(address("training", project))
    assert "with the role Admin" in response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_pages_change_nothing(page, project, admin, browser_of):
    assert browser_of(admin).post(address(page, project)).status_code == 405


def test_only_admins_see_the_way_to_admin_pages(project, reviewer, admin, browser_of):
    url = address("library", project)
    seen = [browser_of(user).get(url).content.decode() for user in (reviewer, admin)]
    assert ["nav-training" in text for text in seen] == [False, True]
    assert ["nav-members" in text for text in seen] == [False, True]
