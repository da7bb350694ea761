"""Logging in and out, and where one lands."""

import pytest
from django.urls import reverse

from tests.webapp import factories
from webapp.accounts.models import Membership, Role, User


def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(viewer, client):
    response = client.post("/login/", {"username": "viewer", "password": "wrong"})
    assert response.status_code == 200
    assert "do not match" in response.content.decode()


def test_guessing_is_slowed_down_even_for_the_right_password(viewer, client):
    for _ in range(20):
        client.post("/login/", {"username": "viewer", "password": "wrong"})
    response = client.post("/login/", {"username": "viewer", "password": "pw"})
    assert response.status_code == 429
    wait = int(response["Retry-After"])
    assert 45 <= wait <= 60  # A minute from the first guess on; guesses take their time.
    assert f"please wait {wait} seconds" in response.content.decode()
    api = client.post("/api/auth/token/", {"username": "viewer", "password": "pw"})
    assert api.status_code == 429


def test_login_leads_to_where_one_wanted_to_go(viewer, project, client):
    url = reverse("pages:library", args=[project.slug])
    response = client.post("/login/", {"username": "viewer", "password": "pw", "next": url})
    assert (response.status_code, response["Location"]) == (302, url)


def test_login_leads_to_no_other_host(viewer, client):
    data = {"username": "viewer", "password": "pw", "next": "https://elsewhere.example/"}
    assert client.post("/login/", data)["Location"] == "/"


def test_logout_ends_the_session(viewer, project, browser_of):
    browser = browser_of(viewer)
    assert browser.post("/logout/")["Location"] == "/login/"
    assert browser.get(reverse("pages:library", args=[project.slug])).status_code == 302


def test_a_member_of_one_project_lands_in_its_library(viewer, project, browser_of):
    assert browser_of(viewer).get("/")["Location"] == f"/projects/{project.slug}/"


def test_a_member_of_several_projects_chooses(viewer, project, browser_of):
    other = factories.project("Day shift")
    factories.project("Not theirs")
    Membership.objects.create(project=other, user=viewer, role=Role.VIEWER)
    browser = browser_of(viewer)
    assert browser.get("/")["Location"] == "/projects/"
    text = browser.get("/projects/").content.decode()
    assert "Day shift" in text
    assert project.name in text
    assert "Not theirs" not in text


@pytest.mark.django_db
def test_somebody_without_projects_is_told_whom_to_ask(browser_of):
    text = browser_of(factories.user("lonely")).get("/projects/").content.decode()
    assert "Ask an admin" in text
    assert "lonely" in text
    assert 'data-testid="new-project"' not in text


@pytest.mark.django_db
def test_a_superuser_can_make_projects(browser_of):
    root = User.objects.create_superuser("root", password="pw")
    assert 'data-testid="new-project"' in browser_of(root).get("/projects/").content.decode()
