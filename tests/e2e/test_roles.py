"""What each role finds on the pages, and what it does not."""

import pytest
from playwright.sync_api import Page, expect

from tests.bench.upload_folder import Api, upload, wait
from tests.e2e.conftest import SETTLED_S


@pytest.fixture
def clip_path(admin: Api, project, rendered_clip) -> str:
    video = upload(admin, project["id"], rendered_clip)
    (card,) = wait(admin, project["id"], {video}, SETTLED_S)
    assert card["predicted"] is not None, card
    return f"/projects/{project['slug']}/clips/{video}/"


def status_of(page: Page, path: str) -> int:
    return page.request.get(path, max_redirects=0).status


def test_a_viewer_sees_and_changes_nothing(project, member, open_page, clip_path):
    page = open_page(*member(project, "viewer"), path=clip_path)
    judgement = page.get_by_test_id("judgement")
    expect(judgement).to_have_attribute("data-source", "prediction")
    expect(page.get_by_test_id("accept")).to_have_count(0)
    label = judgement.get_attribute("data-label")
    for key in "1234567890-":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.reload()
    expect(judgement).to_have_attribute("data-label", label)
    expect(judgement).to_have_attribute("data-source", "prediction")
    expect(page.get_by_test_id("nav-training")).to_have_count(0)
    page.goto(f"/projects/{project['slug']}/")
    expect(page.get_by_test_id("clip-card")).to_be_visible()
    expect(page.get_by_test_id("upload")).to_have_count(0)


def test_a_reviewer_judges_but_does_not_train(project, member, open_page, clip_path):
    page = open_page(*member(project, "reviewer"), path=clip_path)
    expect(page.get_by_test_id("judgement")).to_have_attribute("data-source", "prediction")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("judgement")).to_have_attribute("data-source", "correction")
    assert status_of(page, f"/projects/{project['slug']}/training/") == 403
    assert status_of(page, f"/projects/{project['slug']}/members/") == 403


def test_strangers_find_nothing(project, other_project, member, open_page, clip_path, browser):
    page = open_page(*member(other_project, "admin"), path="/")
    expect(page.get_by_test_id("user-menu")).to_be_visible()
    assert status_of(page, clip_path) == 404
    assert status_of(page, f"/projects/{project['slug']}/") == 404
    nobody = browser.new_context()
    origin = page.url.split("/projects")[0]
    answer = nobody.request.get(origin + clip_path, max_redirects=0)
    assert (answer.status, answer.headers["location"].startswith("/login/")) == (302, True)
    nobody.close()


@pytest.fixture
def other_project(admin: Api) -> dict:
    return admin.call("POST", "projects/", {"name": "Somebody else's"})
