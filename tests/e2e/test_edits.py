"""Edits are never lost: tab, server and network die while somebody edits; two people collide."""

import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from tests.bench.upload_folder import Api
from tests.e2e.conftest import expect_settled
from tests.e2e.stack import Stack

# What a browser says of a connection that the test cuts, and of the conflict that it provokes.
CUT = r"net::ERR_|WebSocket connection|status of 50\d"
CONFLICT = r"status of 412"


@pytest.fixture
def clip(admin: Api, project: dict, member, open_page, rendered_clip) -> tuple[str, Page, int]:
    """A clip that is analysed, open before a reviewer; its address and its number."""
    library = f"/projects/{project['slug']}/"
    page = open_page(*member(project, "reviewer"), path=library)
    page.get_by_test_id("upload-input").set_input_files(rendered_clip)
    expect_settled(page.get_by_test_id("clip-card"), "analysed")
    [card] = admin.pages(f"projects/{project['id']}/videos/")
    address = f"{library}clips/{card['id']}/"
    open_clip(page, address)
    return address, page, card["id"]


def test_no_edit_is_lost_when_tab_server_and_network_die(
    admin: Api, stack: Stack, clip, expected_faults
):
    expected_faults.append(CUT)
    address, page, video = clip
    acknowledged = note_answers(page)
    typed = list("123451234512345123451234")
    press(page, typed[:8])
    os.kill(stack.pids()["web"], signal.SIGKILL)  # the supervisor starts another
    press(page, typed[8:14])
    page.context.set_offline(True)
    press(page, typed[14:])
    expect(status(page)).to_have_attribute("data-state", "offline")
    expect(status(page)).to_contain_text("wait for the connection")
    photograph(page, "offline")
    expect_written(page, int(status(page).get_attribute("data-waiting") or 0))
    page.close()

    again = page.context.new_page()
    again.context.set_offline(False)
    open_clip(again, address)
    expect_saved(again)
    rows = history(admin, video)
    assert [row["data"]["label"] for row in rows] == labels_of(admin, video, typed)
    assert acknowledged <= {row["id"] for row in rows}
    take_back_and_give_again(again)


def take_back_and_give_again(page: Page) -> None:
    """Undo is an edit of its own, across saves and a reload of the page."""
    verdict = page.get_by_test_id("judgement")
    press(page, ["1", "2"])
    expect(verdict).to_have_attribute("data-label", "Jump")
    expect_saved(page)
    page.reload()
    expect(verdict).to_have_attribute("data-label", "Jump")
    page.keyboard.press("Control+z")
    expect(verdict).to_have_attribute("data-label", "Drink")
    expect_saved(page)
    page.keyboard.press("Control+Shift+z")
    expect(verdict).to_have_attribute("data-label", "Jump")
    expect_saved(page)
    page.get_by_test_id("edit-history").click()
    rows = page.get_by_test_id("edit-row")
    expect(rows.first).to_contain_text("Jump")
    rows.nth(1).get_by_test_id("restore").click()
    expect(rows.first).to_contain_text("Drink")
    photograph(page, "history")
    page.keyboard.press("Escape")
    expect(verdict).to_have_attribute("data-label", "Drink")


def test_two_people_who_edit_one_segment_meet_in_a_merge_view(
    admin: Api, project, member, open_page, clip, expected_faults
):
    expected_faults += [CUT, CONFLICT]
    address, ada, video = clip
    bob_name, password = member(project, "reviewer")
    ada.keyboard.press("Shift+A")
    expect(drawn(ada)).to_have_count(1)
    expect_saved(ada)
    bob = open_page(bob_name, password, path=address)
    expect(drawn(bob)).to_have_count(1)
    expect(ada.get_by_test_id("present")).to_have_attribute("data-name", bob_name)

    ada.context.set_offline(True)
    set_end(ada, 20)
    expect(status(ada)).to_have_attribute("data-state", "offline")
    set_end(bob, 30)
    bob.keyboard.press("2")
    expect_saved(bob)
    ada.context.set_offline(False)

    merge = ada.get_by_test_id("merge")
    expect(merge).to_be_visible()
    expect(merge).to_contain_text(bob_name)
    expect(ada.get_by_test_id("merge-end_frame-mine")).to_be_checked()
    expect(ada.get_by_test_id("merge-label-theirs")).to_be_checked()
    photograph(ada, "merge")
    ada.keyboard.press("Enter")
    expect(merge).to_have_count(0)
    expect_saved(ada)
    for page in (ada, bob):
        expect(drawn(page)).to_have_attribute("data-end", "21")
        expect(drawn(page)).to_have_attribute("data-label", "Jump")
    authors = [row["author"] for row in history(admin, video)]
    assert [name == bob_name for name in authors] == [False, True, True, False]
    bob.get_by_test_id("edit-history").click()
    expect(bob.get_by_test_id("edit-row")).to_have_count(4)


def open_clip(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_test_id("judgement")).to_be_visible()
    expect(page.locator("nj-player")).to_have_attribute("data-frame", re.compile(r"\d+"))


def press(page: Page, keys: list[str]) -> None:
    for key in keys:
        page.keyboard.press(key)


def set_end(page: Page, frame: int) -> None:
    """Make the frame the last one of the drawn segment."""
    drawn(page).first.evaluate("(element) => element.click()")
    page.locator("nj-player").evaluate("(player, frame) => player.seek(frame)", frame)
    expect(page.locator("nj-player")).to_have_attribute("data-frame", str(frame))
    page.keyboard.press("]")
    expect(drawn(page)).to_have_attribute("data-end", str(frame + 1))


def status(page: Page):
    return page.get_by_test_id("edit-status")


def drawn(page: Page):
    return page.get_by_test_id("drawn-segment")


def expect_saved(page: Page) -> None:
    expect(status(page)).to_have_attribute("data-state", "saved", timeout=60_000)


def expect_written(page: Page, count: int) -> None:
    """What waits is on the disk of the browser."""
    assert count > 0
    assert page.evaluate(COUNT_WRITTEN) == count


COUNT_WRITTEN = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open("nightjar.outbox");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
        const all = request.result.transaction("edits").objectStore("edits").count();
        all.onsuccess = () => resolve(all.result);
    };
})"""


def note_answers(page: Page) -> set[str]:
    """Ids of the edits that the server acknowledges to this page from now on."""
    seen: set[str] = set()

    def note(answer: Response) -> None:
        if answer.request.method == "POST" and answer.url.endswith("/edits/") and answer.ok:
            seen.update(result["id"] for result in answer.json()["results"])

    page.on("response", note)
    return seen


def history(admin: Api, video: int) -> list[dict]:
    """All edits of a clip, oldest first."""
    return admin.call("GET", f"videos/{video}/edits/?after=0&page_size=500")["edits"]


def labels_of(admin: Api, video: int, keys: list[str]) -> list[int]:
    project = admin.call("GET", f"videos/{video}/")["project"]
    labels = admin.call("GET", f"projects/{project}/label-set/")["labels"]
    by_key = {label["hotkey"]: label["id"] for label in labels}
    return [by_key[key] for key in keys]


def photograph(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look."""
    if folder := os.environ.get("NIGHTJAR_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"edits-{name}.png")
