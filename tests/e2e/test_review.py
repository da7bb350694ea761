"""Where to look next, in a browser: the queue with its reasons, a suggestion, relabelling, undo."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.bench.upload_folder import Api
from tests.e2e.conftest import expect_settled


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One movement in two files of different quality."""
    from inference.video.synthetic import render_clip, write_video

    folder = tmp_path_factory.mktemp("twins")
    clip, _ = render_clip([("Walk", 2.0)], size=(320, 240), seed=11)
    for name, crf in (("north.mp4", 16), ("south.mp4", 19)):
        write_video(folder / name, clip, crf=crf)
    return [folder / "north.mp4", folder / "south.mp4"]


def test_the_queue_leads_to_a_suggestion_and_many_are_relabelled_and_taken_back(
    admin: Api, project, member, open_page, twins
):
    library = f"/projects/{project['slug']}/"
    page = open_page(*member(project, "reviewer"), path=library)
    cards = page.get_by_test_id("clip-card")
    for number, clip in enumerate(twins, start=1):
        page.get_by_test_id("upload-input").set_input_files(clip)
        expect(cards).to_have_count(number)
    for card in cards.all():
        expect_settled(card, "analysed")

    start_reviewing(page, admin, project)
    take_the_suggestion(page, admin, project)
    relabel_all(page, library)
    take_it_back(page, library)

    viewer = open_page(*member(project, "viewer"), path=f"{library}review/?tab=changes")
    expect(viewer.get_by_test_id("change")).to_have_attribute("data-state", "undone")
    expect(viewer.get_by_test_id("take-back")).to_have_count(0)


def start_reviewing(page: Page, admin: Api, project: dict) -> None:
    """The page shows the order of the API with its reasons; the chosen order is kept."""
    page.get_by_test_id("nav-review").click()
    expect(page.get_by_test_id("entry").first).to_be_visible()
    page.get_by_test_id("queue-order").select_option("margin")
    queue = admin.call("GET", f"projects/{project['id']}/review-queue/?order=margin")
    rows = page.get_by_test_id("entry")
    expect(rows).to_have_count(queue["remaining"])
    shown = [int(row.get_attribute("data-segment")) for row in rows.all()]
    assert shown == [entry["segment"] for entry in queue["results"]]
    expect(rows.first.get_by_test_id("why")).to_have_text(queue["results"][0]["why"])
    photograph(page, "queue")
    page.reload()
    expect(page.get_by_test_id("queue-order")).to_have_value("margin")
    page.get_by_test_id("start-review").click()
    expect(page.get_by_test_id("queue-why")).to_contain_text(queue["results"][0]["why"])


def take_the_suggestion(page: Page, admin: Api, project: dict) -> None:
    """A label given to one twin is suggested for the other, and only Y gives it."""
    expect(page.get_by_test_id("judgement")).to_have_attribute("data-source", "prediction")
    row = page.locator('[data-testid="label-row"][data-name="Sit"]')
    page.keyboard.press(row.locator("kbd").inner_text())
    expect(page.get_by_test_id("judgement")).to_have_attribute("data-label", "Sit")
    suggestion = page.get_by_test_id("suggestion")
    expect(suggestion).to_contain_text("Sit")
    photograph(page, "suggestion")
    assert reviewed(admin, project) == [False, True]
    page.keyboard.press("y")
    expect(suggestion).to_have_count(0)
    expect(page.get_by_test_id("toast").last).to_contain_text("Sit")
    assert reviewed(admin, project) == [True, True]


def relabel_all(page: Page, library: str) -> None:
    page.goto(library)
    page.get_by_test_id("relabel-open").click()
    page.get_by_test_id("relabel-label").select_option(label="Wave")
    expect(page.get_by_test_id("relabel-preview")).to_contain_text("2 change to Wave")
    photograph(page, "relabel")
    page.get_by_test_id("relabel-apply").click()
    for card in page.get_by_test_id("clip-card").all():
        expect(card).to_have_attribute("data-corrected", "Wave")


def take_it_back(page: Page, library: str) -> None:
    page.goto(f"{library}review/?tab=changes")
    change = page.get_by_test_id("change")
    expect(change).to_contain_text("2 segments to")
    photograph(page, "changes")
    page.get_by_test_id("take-back").click()
    page.get_by_test_id("confirm-yes").click()
    expect(change).to_have_attribute("data-state", "undone")
    page.goto(library)
    for card in page.get_by_test_id("clip-card").all():
        expect(card).to_have_attribute("data-corrected", "Sit")


def reviewed(admin: Api, project: dict) -> list[bool]:
    cards = admin.pages(f"projects/{project['id']}/videos/")
    return sorted(card["reviewed"] for card in cards)


def photograph(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look."""
    if folder := os.environ.get("NIGHTJAR_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"review-{name}.png")
